import type { Tensor } from "../graph/tensor.ts";
import { add, div, sub } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { eq } from "../ops/compare.ts";
import { matmul, outer } from "../ops/contraction.ts";
import { sqrt, square } from "../ops/power.ts";
import { scan } from "../ops/scan.ts";
import { arange, fill, iota } from "../ops/source.ts";
import { sum } from "../ops/sum.ts";
import type { FloatDType } from "../shared/dtype.ts";

type Matrix = Tensor<FloatDType>;

/**
 * The rows of a matrix made orthonormal, one after the other: from each is taken what lies along the rows before it,
 * twice, which is as exact as rounding allows (Giraud, Langou & Rozložník 2005). It is the Q of the QR decomposition of
 * the transposed matrix with a positive diagonal of R.
 * @param rows f32 or f64 [k, n] of full rank, k ≤ n
 */
export function orthonormalRows(rows: Matrix): Matrix {
  const [k, n] = rows.shape;
  const along = (basis: Matrix, row: Matrix): Matrix => matmul(matmul(basis, row), basis) as Matrix;
  const { carry } = scan(
    (basis, { row, place }) => {
      const once = sub(row, along(basis, row)) as Matrix;
      const rest = sub(once, along(basis, once)) as Matrix;
      const unit = div(rest, sqrt(sum(square(rest)))) as Matrix;
      const mark = cast(eq(iota([k], 0, "i32"), place), rows.dtype);
      return { carry: add(basis, outer(mark, unit)) as Matrix };
    },
    fill(0, [k, n], rows.dtype) as Matrix,
    { row: rows, place: arange(k as number, "i32") },
  );
  return carry as Matrix;
}
