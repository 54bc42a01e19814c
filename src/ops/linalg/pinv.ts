import { checkOptions, checkTensors } from "../../graph/arguments.ts";
import type { Attrs } from "../../graph/attrs.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { composite } from "../../kinds/composite.ts";
import { describe } from "../../shared/describe.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { GradcError } from "../../shared/errors.ts";
import { add, div, mul, neg, sub } from "../arithmetic.ts";
import { apply } from "../coerce.ts";
import { gt } from "../compare.ts";
import { rawMax } from "../reduce.ts";
import { where } from "../select.ts";
import { expandDims } from "../view.ts";
import { EPSILON } from "./jacobi.ts";
import { batchOf, checkMatrix, columnsOf, FLOATS, type Real, rowsOf } from "./matrices.ts";
import { adjoint, product, scaleColumns } from "./matrix-graphs.ts";
import { svd } from "./svd.ts";

/** (I − a·p)·x and x·(I − p·a) */
const outsideColumns = (a: Tensor, p: Tensor, x: Tensor): Real => sub(x as Real, product(a, product(p, x))) as Real;
const outsideRows = (a: Tensor, p: Tensor, x: Tensor): Real => sub(x as Real, product(product(x, p), a)) as Real;

export const pinvOp = composite({
  name: "pinv",
  operands: ["a"],
  dtypes: FLOATS,
  inferTypes: ([a], { cutoff }) => {
    checkMatrix("pinv", a);
    if (typeof cutoff !== "number" || !(cutoff >= 0)) {
      throw new GradcError("attribute", "pinv: the cutoff is no number from 0 on", {
        expected: "a number from 0 on",
        received: describe(cutoff),
      });
    }
    return [{ dtype: a.dtype, shape: [...batchOf(a), columnsOf(a), rowsOf(a)] }];
  },
  expand: ([a], attrs: Attrs) => {
    const { u, s, vt } = svd(a as Real);
    const least = mul(expandDims(rawMax(s, [s.rank - 1]) as Real, s.rank - 1), attrs.cutoff as number);
    const counts = gt(s, least as Real);
    const inverse = where(counts, div(1, where(counts, s, 1) as Real), 0) as Real;
    return [product(scaleColumns(adjoint(vt), inverse), adjoint(u))];
  },
  // G. H. Golub, V. Pereyra (1973), for changes that keep the rank.
  derivative: {
    equations: ["−pᵀ·p̄·pᵀ + (I − a·p)·p̄ᵀ·p·pᵀ + pᵀ·p·p̄ᵀ·(I − p·a)"],
    vjp: ({ operands: [a], outputs: [p], cotangents: [cotangent] }) => {
      if (!cotangent) return [null];
      const [pt, ct] = [adjoint(p), adjoint(cotangent)];
      const inside = product(product(pt, cotangent), pt);
      const left = product(product(outsideColumns(a, p, ct), p), pt);
      return [sub(add(left, product(product(pt, p), outsideRows(a, p, ct))), inside)];
    },
    jvp: ({ operands: [a], outputs: [p], tangents: [tangent] }) => {
      if (!tangent) return [null];
      const [pt, tt] = [adjoint(p), adjoint(tangent)];
      const inside = neg(product(product(p, tangent), p));
      const left = outsideRows(p, a, product(product(p, pt), tt));
      return [add(add(inside, left), product(product(outsideColumns(p, a, tt), pt), p))];
    },
  },
});

/**
 * The pseudo-inverse of Moore and Penrose, by singular values: those not above cutoff · the largest count as 0. The
 * gradient is that of changes that keep the rank, and finite for equal singular values as well.
 * @param a [..., m, n] with fixed m and n; leading axes are batches
 * @param options.cutoff default 10 · max(m, n) · the dtype's epsilon
 * @returns [..., n, m]
 * @throws GradcError `shape` unless a is a matrix of fixed size, `dtype` unless it is a float, `attribute` for the cutoff
 */
export function pinv<D extends FloatDType>(a: Tensor<D>, options: { readonly cutoff?: number } = {}): Tensor<D> {
  checkTensors("pinv", { a });
  checkOptions("pinv", options, ["cutoff"]);
  const sizes = a.shape.slice(-2).map(Number);
  const { cutoff = 10 * Math.max(0, ...sizes.filter(Number.isFinite)) * (EPSILON[a.dtype] ?? 0) } = options;
  return apply(pinvOp, [a], { cutoff }) as Tensor<D>;
}
