import { checkTensors } from "../../graph/arguments.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addDerivatives } from "../../kinds/linear-helpers.ts";
import { routine } from "../../kinds/routine.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { add, div, mul, neg, sub } from "../arithmetic.ts";
import { apply } from "../coerce.ts";
import { batchOf, checkTall, columnsOf, FLOATS, type Real } from "./matrices.ts";
import { adjoint, diagonal, diagonalMatrix, inverseGaps, product, scaleColumns } from "./matrix-graphs.ts";
import { cubicCost } from "./matrix-loops.ts";
import { svdLoops } from "./svd-loops.ts";
import { svdReference } from "./svd-reference.ts";

/** x − u·uᵀ·x: what of x lies outside the columns of u. */
const outside = (u: Tensor, x: Tensor): Real => sub(x as Real, product(u, product(adjoint(u), x))) as Real;

/** Rows scaled: diag(v)·x. */
const scaleRows = (v: Tensor, x: Tensor): Real => adjoint(scaleColumns(adjoint(x), v));

/** x − xᵀ */
const skew = (x: Tensor): Real => sub(x as Real, adjoint(x)) as Real;

const inverse = (s: Tensor): Real => div(1, s as Real) as Real;

export const svdOp = routine({
  name: "svd",
  operands: ["a"],
  dtypes: FLOATS,
  inferTypes: ([a]) => {
    checkTall("svd", a);
    const n = columnsOf(a);
    return [a, { dtype: a.dtype, shape: [...batchOf(a), n] }, { dtype: a.dtype, shape: [...batchOf(a), n, n] }];
  },
  evaluate: svdReference,
  build: svdLoops,
  scratch: ({ operands: [a], outputs: [, s, vt] }) => [
    { dtype: a.dtype, shape: adjointShape(a) },
    vt,
    { dtype: "f64", shape: s.shape },
  ],
  cost: node => 30 * cubicCost(node),
  derivative: {
    equations: [
      "U·(F∘(UᵀŪ − ŪᵀU)·S + S·(F∘(VᵀV̄ − V̄ᵀV)) + diag(s̄))·Vᵀ + (I − U·Uᵀ)·Ū·S⁻¹·Vᵀ, F[i, j] = 1/(s[j]² − s[i]²)",
    ],
    vjp: ({ outputs: [u, s, vt], cotangents: [onU, onS, onVt] }) => {
      const gaps = (): Real => inverseGaps(mul(s as Real, s as Real), vt);
      let inner: Tensor | null = onS && diagonalMatrix(onS, vt);
      if (onU) inner = addDerivatives(inner, scaleColumns(mul(gaps(), skew(product(adjoint(u), onU))), s));
      if (onVt) inner = addDerivatives(inner, scaleRows(s, mul(gaps(), skew(product(vt, adjoint(onVt))))));
      let left: Tensor | null = inner && product(u, inner);
      if (onU) left = addDerivatives(left, scaleColumns(outside(u, onU), inverse(s)));
      return [left && product(left, vt)];
    },
    jvp: ({ outputs: [u, s, vt], tangents: [tangent] }) => {
      if (!tangent) return [null, null, null];
      const turned = product(tangent, adjoint(vt));
      const inner = product(adjoint(u), turned);
      const gaps = inverseGaps(mul(s as Real, s as Real), vt);
      const [right, left] = [scaleColumns(inner, s), scaleRows(s, inner)];
      const onU = mul(gaps, add(right, adjoint(right)));
      const onV = mul(gaps, add(left, adjoint(left)));
      const grown = scaleColumns(outside(u, turned), inverse(s));
      return [add(product(u, onU), grown), diagonal(inner), neg(product(onV, vt))];
    },
  },
});

function adjointShape(a: Tensor): Tensor["shape"] {
  const [m, n] = a.shape.slice(-2);
  return [...batchOf(a), n, m];
}

/** What `svd` gives. */
export interface SVD<D extends FloatDType = FloatDType> {
  /** [..., m, k], orthonormal columns */
  readonly u: Tensor<D>;
  /** [..., k], in descending order */
  readonly s: Tensor<D>;
  /** [..., k, n], orthonormal rows */
  readonly vt: Tensor<D>;
}

/**
 * The thin singular value decomposition a = u·diag(s)·vt. Of each row of vt (column of u, where a is wider than high), the
 * first entry that is at least half as large as the largest is positive. NaN or ±∞ in a matrix makes all of its results
 * NaN. Gradients of s are always there; those of u and vt are ∞ or NaN where singular values are equal or 0. By rotations
 * of pairs of columns (M. R. Hestenes, 1958).
 * @param a [..., m, n] with fixed m and n; leading axes are batches. k is the smaller of the two.
 * @throws GradcError `shape` unless a is a matrix of fixed size, `dtype` unless it is a float
 */
export function svd<D extends FloatDType>(a: Tensor<D>): SVD<D> {
  checkTensors("svd", { a });
  const [m, n] = a.shape.slice(-2);
  const wide = a.rank > 1 && typeof m === "number" && typeof n === "number" && m < n;
  const [u, s, vt] = apply(svdOp, [wide ? adjoint(a) : a]).node.outputs as readonly Tensor<D>[];
  return wide ? { u: adjoint(vt) as Tensor<D>, s, vt: adjoint(u) as Tensor<D> } : { u, s, vt };
}
