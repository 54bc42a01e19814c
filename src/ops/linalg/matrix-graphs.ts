import type { Tensor } from "../../graph/tensor.ts";
import type { TensorType } from "../../shared/shape.ts";
import { add, div, mul, sub } from "../arithmetic.ts";
import { cast } from "../cast.ts";
import { broadcastTo } from "../coerce.ts";
import { eq, ge, gt } from "../compare.ts";
import { matmul } from "../contraction.ts";
import { where } from "../select.ts";
import { iota } from "../source.ts";
import { rawSum } from "../sum.ts";
import { expandDims, transpose } from "../view.ts";
import type { Real } from "./matrices.ts";

/** Rows become columns. */
export function adjoint(x: Tensor): Real {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x as Real, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

export const product = (x: Tensor, y: Tensor): Real => matmul(x as Real, y as Real);

const indexAlong = (x: TensorType, axis: number): Tensor<"i32"> => iota(x.shape, x.shape.length + axis);

/** true on the diagonal. */
export const onDiagonal = (x: TensorType): Tensor<"bool"> => eq(indexAlong(x, -2), indexAlong(x, -1));

/** A triangle of x, zeros elsewhere; `strict`: without the diagonal. */
export function triangle(x: Tensor, lower: boolean, strict = false): Real {
  const [row, column] = [indexAlong(x, -2), indexAlong(x, -1)];
  const [high, low] = lower ? [row, column] : [column, row];
  return where((strict ? gt : ge)(high, low), x as Real, 0) as Real;
}

/** Units on the diagonal: the shape and dtype of x. */
export const unitLike = (x: TensorType): Real => cast(onDiagonal(x), x.dtype) as Real;

/** [..., n, n] → [..., n] */
export const diagonal = (x: Tensor): Real => rawSum(where(onDiagonal(x), x as Real, 0) as Real, [x.rank - 1]) as Real;

/** Columns scaled: x·diag(v). */
export const scaleColumns = (x: Tensor, v: Tensor): Real => mul(x as Real, expandDims(v as Real, v.rank - 1)) as Real;

/** diag(v) */
export const diagonalMatrix = (v: Tensor, like: TensorType): Real =>
  where(onDiagonal(like), broadcastTo(expandDims(v as Real, v.rank - 1), like.shape), 0) as Real;

/** (x + xᵀ)/2 */
export const symmetric = (x: Tensor): Real => {
  const half = mul(x as Real, 0.5) as Real;
  return add(half, adjoint(half)) as Real;
};

/** The lower triangle with half the diagonal. */
export const halfLower = (x: Tensor): Real => mul(add(triangle(x, true), triangle(x, true, true)), 0.5) as Real;

/** F[i, j] = 1/(w[j] − w[i]), 0 on the diagonal, for w [..., n] and matrices like `like`. */
export function inverseGaps(w: Tensor, like: TensorType): Real {
  const along = (axis: number): Real => broadcastTo(expandDims(w as Real, axis), like.shape);
  const own = onDiagonal(like);
  return where(own, 0, div(1, where(own, 1, sub(along(w.rank - 1), along(w.rank))))) as Real;
}
