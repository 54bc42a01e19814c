/** The core vocabulary: declarations, operations, derivatives, programs. What gradc/nn is built on. */
import "./ops/algebra.ts";
import "./program/fluent.generated.ts";

// Derivatives.
export {
  type Axes,
  type DerivativeOptions,
  grad,
  type HessianTree,
  hessian,
  hvp,
  type JacobianOptions,
  type JacobianTree,
  jacobian,
  jvp,
  type LikeTree,
  type Linearized,
  linearize,
  type Pattern,
  type SparseJacobian,
  type SparseOptions,
  sparseHessian,
  sparseJacobian,
  type VmapOptions,
  vjp,
  vmap,
} from "./autodiff/index.ts";
// Values and names.
export {
  argumentError,
  checkFunction,
  checkOptions,
  checkTensorList,
  checkTensors,
  checkText,
} from "./graph/arguments.ts";
export { Input, Param, State } from "./graph/leaves.ts";
export { captureCallSites, named, nameOf, oneCall, scope } from "./graph/provenance.ts";
export { Scalar, Tensor } from "./graph/tensor.ts";
// Operations. The usual ones that take a tensor first become methods of Tensor, too (scripts/generate-fluent.ts).
export {
  celu,
  clip,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSigmoid,
  maxout,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  silu,
  softsign,
} from "./ops/activation.ts";
export { adaptiveAveragePool } from "./ops/adaptive-pool.ts";
export { argmax, argmin } from "./ops/argmax.ts";
export { add, div, mod, mul, neg, rem, sub } from "./ops/arithmetic.ts";
export { type AttentionOptions, attention } from "./ops/attention.ts";
export { bitAnd, bitNot, bitOr, bitXor, shiftLeft, shiftRight } from "./ops/bits.ts";
export { bitcast, cast } from "./ops/cast.ts";
export { checkpoint } from "./ops/checkpoint.ts";
export { broadcastTo, type Join, type Like, type Operand } from "./ops/coerce.ts";
export { eq, ge, gt, le, lt, ne } from "./ops/compare.ts";
export { concat, indexAt, split, stack } from "./ops/concat.ts";
export { cond } from "./ops/cond.ts";
export { constant } from "./ops/constant.ts";
export { dot, einsum, matmul, outer } from "./ops/contraction.ts";
export { type ConvOptions, conv } from "./ops/conv.ts";
export { type ConvTransposeOptions, convTranspose } from "./ops/conv-transpose.ts";
export { type CumulativeOptions, cummax, cummin } from "./ops/cumulative-extremum.ts";
export { customGrad, stopGradient } from "./ops/custom.ts";
export {
  categorical,
  type Draw,
  type DrawOptions,
  exponential,
  gumbel,
  laplace,
  permutation,
  randint,
  shuffle,
  type TruncatedOptions,
  truncatedNormal,
} from "./ops/distributions.ts";
export { embedding } from "./ops/embedding.ts";
export { expand } from "./ops/expand.ts";
export { max, maxNumber, min } from "./ops/extremum.ts";
export { flip } from "./ops/flip.ts";
export { digamma, lgamma, polygamma } from "./ops/gamma.ts";
export { gather, scatterAdd } from "./ops/gather.ts";
export { gatherAlong, scatterAddAlong } from "./ops/gather-along.ts";
export { gatherNd, scatterAddNd, scatterSetNd } from "./ops/gather-nd.ts";
export { acosh, asinh, atanh, cosh, sinh } from "./ops/hyperbolic.ts";
export { hypot } from "./ops/hypot.ts";
export { cholesky } from "./ops/linalg/cholesky.ts";
export { choleskySolve } from "./ops/linalg/cholesky-solve.ts";
export { det, logdet, slogdet } from "./ops/linalg/determinant.ts";
export { eigh } from "./ops/linalg/eigh.ts";
export { inverse } from "./ops/linalg/inverse.ts";
export { lstsq } from "./ops/linalg/lstsq.ts";
export { type LU, lu } from "./ops/linalg/lu.ts";
export { type MatrixNorm, matrixNorm } from "./ops/linalg/matrix-norm.ts";
export { matrixPower } from "./ops/linalg/matrix-power.ts";
export { pinv } from "./ops/linalg/pinv.ts";
export { qr } from "./ops/linalg/qr.ts";
export { solve } from "./ops/linalg/solve.ts";
export { type SVD, svd } from "./ops/linalg/svd.ts";
export { type TriangularOptions, triangularSolve } from "./ops/linalg/triangular-solve.ts";
export { type LocalResponseNormOptions, localResponseNorm } from "./ops/local-response-norm.ts";
export { logAddExp } from "./ops/log-add-exp.ts";
export { logSumExp } from "./ops/log-sum-exp.ts";
export { and, isFinite, isInfinite, isNan, not, or, xor } from "./ops/logic.ts";
export { binaryCrossEntropyWithLogits, meanSquaredError, softmaxCrossEntropy } from "./ops/loss.ts";
export { map } from "./ops/map.ts";
export { diag, diagonal, eye, kron, trace, tril, triu } from "./ops/matrix.ts";
export { maximum, minimum } from "./ops/maximum.ts";
export { type NormOptions, norm } from "./ops/norm.ts";
export { oneHot } from "./ops/one-hot.ts";
export { pad } from "./ops/pad.ts";
export {
  type AveragePoolOptions,
  averagePool,
  globalAveragePool,
  globalMaxPool,
  l2Pool,
  lpPool,
  maxPool,
  type PoolOptions,
} from "./ops/pool.ts";
export { pow, reciprocal, rsqrt, sqrt, square } from "./ops/power.ts";
export { cumprod, cumsum, logcumsumexp, type PrefixOptions } from "./ops/prefix.ts";
export { prod } from "./ops/prod.ts";
export { bernoulli, foldIn, key, normal, randomBits, splitKey, uniform } from "./ops/random.ts";
export { moveAxis, roll, tile, unstack } from "./ops/rearrange.ts";
export { recurrence } from "./ops/recurrence.ts";
export type { ReduceOptions } from "./ops/reduce-over.ts";
export type { Handles } from "./ops/region-values.ts";
export { expandDims, flatten, reshape, squeeze } from "./ops/reshape.ts";
export { type ResizeOptions, resize, upsample } from "./ops/resize.ts";
export { abs, ceil, floor, round, sign, trunc } from "./ops/rounding.ts";
export { scan } from "./ops/scan.ts";
export {
  scatterMax,
  scatterMaxAlong,
  scatterMin,
  scatterMinAlong,
  scatterSet,
  scatterSetAlong,
} from "./ops/scatter.ts";
export { searchSorted } from "./ops/search-sorted.ts";
export {
  bincount,
  type SegmentOptions,
  segmentMax,
  segmentMean,
  segmentMin,
  segmentSum,
} from "./ops/segment.ts";
export { where } from "./ops/select.ts";
export { slice } from "./ops/slice.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { argsort, type SortOptions, sort } from "./ops/sort.ts";
export { arange, extent, fill, iota, ones, onesLike, zeros, zerosLike } from "./ops/source.ts";
export { type StandardizeOptions, standardize } from "./ops/standardize.ts";
export { all, any, mean, std, variance } from "./ops/statistics.ts";
export { sum } from "./ops/sum.ts";
export { topK } from "./ops/topk.ts";
export {
  cos,
  erf,
  erfc,
  erfinv,
  exp,
  expm1,
  log,
  log1p,
  logit,
  sigmoid,
  sin,
  softplus,
  tan,
  tanh,
} from "./ops/transcendental.ts";
export { transpose } from "./ops/transpose.ts";
export { acos, asin, atan, atan2 } from "./ops/trigonometric.ts";
export { whileLoop } from "./ops/while-loop.ts";
export type { Layout, WindowPadding } from "./ops/window-options.ts";
// Declarations.
export { dim, type NamedDim } from "./program/dimension.ts";
export {
  constantInit,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  lecunNormal,
  lecunUniform,
  normalInit,
  onesInit,
  orthogonalInit,
  type SeedOption,
  truncatedNormalInit,
  uniformInit,
  zerosInit,
} from "./program/initializer.ts";
export { type DeclaredInput, type HasDefault, type HasSizes, input } from "./program/input.ts";
export { declarationError } from "./program/names.ts";
export type { CallInputs, CallOutputs, Net, NetFunction, NetVariable, RestoreReport } from "./program/net-type.ts";
export { type FunctionDeclaration, type Functions, Program, program } from "./program/program.ts";
export { requireUpdate } from "./program/required-updates.ts";
export { set, Update } from "./program/update.ts";
export { type DeclaredParam, type DeclaredState, model, param, state } from "./program/variable.ts";
export type { Dim } from "./shared/dim.ts";
export type { ArrayOf, DType, FloatDType, IntDType, NumericDType, TypedArray } from "./shared/dtype.ts";
export type { ErrorCode } from "./shared/error-codes.ts";
export { GradcError, InternalError } from "./shared/errors.ts";
export { formatType, type Shape, type TensorType, typeEquals } from "./shared/shape.ts";
export { leavesOf, type MapTree, mapTree, type Tree } from "./shared/tree.ts";
