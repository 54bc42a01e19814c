/** The core vocabulary: declarations, operations and derivatives. What gradc/nn is built on. */
import "./ops/index.ts";
import "./program/fluent.generated.ts";

export { type DerivativeOptions, grad, hvp, jvp, type LikeTree, vjp } from "./autodiff/index.ts";
export { Input, Param, State } from "./graph/leaves.ts";
export { captureCallSites, named, nameOf, scope } from "./graph/provenance.ts";
export { Scalar, Tensor } from "./graph/tensor.ts";
export { add, div, mul, neg, sub } from "./ops/arithmetic.ts";
export { bitcast, cast } from "./ops/cast.ts";
export { eq, ge, gt, le, lt, ne } from "./ops/compare.ts";
export { concat, indexAt, split, stack } from "./ops/concat.ts";
export { constant } from "./ops/constant.ts";
export { dot, einsum, matmul, outer } from "./ops/contraction.ts";
export { flip } from "./ops/flip.ts";
export { gather, gatherAlong, scatterAdd, scatterAddAlong } from "./ops/gather.ts";
export { maximum, minimum } from "./ops/maximum.ts";
export { oneHot } from "./ops/one-hot.ts";
export { pad } from "./ops/pad.ts";
export { cumsum } from "./ops/prefix.ts";
export { bernoulli, foldIn, key, normal, randomBits, splitKey, uniform } from "./ops/random.ts";
export { expandDims, flatten, reshape, squeeze } from "./ops/reshape.ts";
export { where } from "./ops/select.ts";
export { slice } from "./ops/slice.ts";
export { arange, extent, fill, iota, ones, onesLike, zeros, zerosLike } from "./ops/source.ts";
export { sum } from "./ops/sum.ts";
export { topK } from "./ops/topk.ts";
export { transpose } from "./ops/transpose.ts";
export {
  constantInit,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  normalInit,
  onesInit,
  type SeedOption,
  uniformInit,
  zerosInit,
} from "./program/initializer.ts";
export { type DeclaredInput, input } from "./program/input.ts";
export { declarationError } from "./program/names.ts";
export type { CallInputs, CallOutputs, Net, NetFunction, NetVariable, RestoreReport } from "./program/net-type.ts";
export { type FunctionDeclaration, type Functions, Program, program } from "./program/program.ts";
export { set, Update } from "./program/update.ts";
export { model, param, state } from "./program/variable.ts";
export { type Dim, dim } from "./shared/dim.ts";
export type { ArrayOf, DType, FloatDType, NumericDType, TypedArray } from "./shared/dtype.ts";
export { GradcError, InternalError } from "./shared/errors.ts";
export type { Shape } from "./shared/shape.ts";
export { formatType, typeEquals } from "./shared/shape.ts";
export type { Tree } from "./shared/tree.ts";
export { leavesOf, mapTree } from "./shared/tree.ts";
