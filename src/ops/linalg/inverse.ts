import { checkTensors } from "../../graph/arguments.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { apply } from "../coerce.ts";
import { unitLike } from "./matrix-graphs.ts";
import { solveOp } from "./solve.ts";
import { checkedSquare } from "./systems.ts";

/**
 * The inverse of square matrices. A singular one gives ±∞ or NaN. solve(a, b) is faster and more accurate than
 * matmul(inverse(a), b).
 * @param a [..., n, n]; leading axes are batches
 * @throws GradcError `shape` unless the matrices are square, `dtype` unless they are floats
 */
export function inverse<D extends FloatDType>(a: Tensor<D>): Tensor<D> {
  checkTensors("inverse", { a });
  checkedSquare("inverse", a);
  return apply(solveOp, [a, unitLike(a)], { transpose: false }) as Tensor<D>;
}
