/** The reductions, gathered. */
export { argmax, argmaxOp, argmin, argminOp } from "./argmax.ts";
export { max, maxNumber, maxNumberOp, maxOp, min, minOp, rawMax, rawMaxNumber, rawMin } from "./extremum.ts";
export { logSumExp, logSumExpOp } from "./log-sum-exp.ts";
export { prod, prodOp, rawProd } from "./prod.ts";
export type { ReduceOptions } from "./reduce-over.ts";
export { all, any, mean, std, type VarianceOptions, variance } from "./statistics.ts";
export { rawSum, sum, sumOp } from "./sum.ts";
