/** The views, gathered. */
export { broadcastTo } from "./coerce.ts";
export { concat, concatOp, indexAt, MOST_JOINED, split, stack } from "./concat.ts";
export { expand, expandOp } from "./expand.ts";
export { flip, flipOp } from "./flip.ts";
export { pad, padOp, rawPad } from "./pad.ts";
export { expandDims, flatten, reshape, reshapeOp, squeeze } from "./reshape.ts";
export { rawSlice, slice, sliceOp } from "./slice.ts";
export { transpose, transposeOp } from "./transpose.ts";
