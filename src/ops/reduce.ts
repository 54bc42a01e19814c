/** The reductions, gathered. */
export { max, maxOp, min, minOp, rawMax, rawMin } from "./extremum.ts";
export { rawSum, sum, sumOp } from "./sum.ts";
