import { checkTensors } from "../../graph/arguments.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { apply } from "../coerce.ts";
import { solveWith } from "./systems.ts";
import { triangularSolveOp } from "./triangular-solve.ts";

/**
 * x with (l·lᵀ)·x = b, for the factor l that cholesky gives: about half the work of solve.
 * @param l [..., n, n], lower triangular
 * @param b [..., n, m], or one vector [n]; batches broadcast
 * @throws GradcError `shape` where sizes do not fit, `dtype` unless both are floats of one dtype
 */
export function choleskySolve<D extends FloatDType>(l: Tensor<D>, b: Tensor<NoInfer<D>>): Tensor<D> {
  checkTensors("choleskySolve", { l, b });
  const half = (x: Tensor, y: Tensor, transpose: boolean): Tensor =>
    apply(triangularSolveOp, [x, y], { lower: true, transpose, unitDiagonal: false });
  return solveWith("choleskySolve", l, b, (x, y) => half(x, half(x, y, false), true)) as Tensor<D>;
}
