import { checkTensors } from "../../graph/arguments.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { triangularSolve } from "./triangular-solve.ts";

/**
 * x with (l·lᵀ)·x = b, for the factor l that cholesky gives: about half the work of solve.
 * @param l [..., n, n], lower triangular
 * @param b [..., n, m], or one vector [n]; batches broadcast
 * @throws GradcError `shape` where sizes do not fit, `dtype` unless both are floats of one dtype
 */
export function choleskySolve<D extends FloatDType>(l: Tensor<D>, b: Tensor<NoInfer<D>>): Tensor<D> {
  checkTensors("choleskySolve", { l, b });
  return triangularSolve(l, triangularSolve(l, b, { lower: true }), { lower: true, transpose: true });
}
