import { argumentError, checkTensors } from "../../graph/arguments.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { mul } from "../arithmetic.ts";
import { gt } from "../compare.ts";
import { sqrt } from "../power.ts";
import { rawMax, rawSum } from "../reduce.ts";
import { where } from "../select.ts";
import { checkMatrix, type Real } from "./matrices.ts";
import { svd } from "./svd.ts";
import { checkedCall } from "./systems.ts";

export type MatrixNorm = "frobenius" | "nuclear" | "spectral";

const NORMS: readonly string[] = ["frobenius", "nuclear", "spectral"] satisfies readonly MatrixNorm[];

/**
 * A norm of matrices: `frobenius` √Σx² (its gradient at 0 is 0), `nuclear` the sum of the singular values, `spectral` the
 * largest one (where several are, they share the gradient).
 * @param x [..., m, n]; for the last two with fixed m and n. Leading axes are batches.
 * @returns [...]
 * @throws GradcError `argument` for a norm that is not there, `shape` unless x is a matrix, `dtype` unless it is a float
 */
export function matrixNorm<D extends FloatDType>(x: Tensor<D>, norm: MatrixNorm = "frobenius"): Tensor<D> {
  checkTensors("matrixNorm", { x });
  if (!NORMS.includes(norm)) throw argumentError("matrixNorm", "there is no such norm", NORMS.join(", "), norm);
  checkedCall(() => checkMatrix("matrixNorm", x));
  if (norm === "frobenius") {
    const squares = rawSum(mul(x as Real, x as Real), [x.rank - 2, x.rank - 1]) as Real;
    const positive = gt(squares, 0);
    return where(positive, sqrt(where(positive, squares, 1) as Real), 0) as Tensor<D>;
  }
  const { s } = svd(x as Real);
  return (norm === "nuclear" ? rawSum : rawMax)(s, [s.rank - 1]) as Tensor<D>;
}
