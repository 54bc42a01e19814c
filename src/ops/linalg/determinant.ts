import { checkTensors } from "../../graph/arguments.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { composite } from "../../kinds/composite.ts";
import { make } from "../../kinds/linear-helpers.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import type { TensorType } from "../../shared/shape.ts";
import { mul } from "../arithmetic.ts";
import { cast } from "../cast.ts";
import { apply } from "../coerce.ts";
import { lt, ne } from "../compare.ts";
import { prodOp, rawSum } from "../reduce.ts";
import { abs, sign } from "../rounding.ts";
import { where } from "../select.ts";
import { iota, zerosLike } from "../source.ts";
import { log } from "../transcendental.ts";
import { expandDims } from "../view.ts";
import { rawLu } from "./lu.ts";
import { checkSquare, FLOATS, type Real } from "./matrices.ts";
import { diagonal, unitLike } from "./matrix-graphs.ts";
import { rawSolve } from "./solve.ts";

/** Π x along the last axis. */
const productOf = (x: Tensor): Real => make(prodOp, [x], { axis: x.rank - 1 }) as Real;

/** U's diagonal, and the sign of the permutation: each swap of two rows turns it. */
function factors(a: Tensor): { readonly pivots: Real; readonly parity: Real } {
  const [lu, swaps] = rawLu(a);
  const own = iota(swaps.shape, swaps.rank - 1);
  const turns = where(ne(swaps as Tensor<"i32">, own), -1, 1);
  return { pivots: diagonal(lu), parity: productOf(cast(turns, a.dtype as FloatDType)) };
}

/** c·a⁻ᵀ for c [...]. */
function scaledInverse(a: Tensor, c: Tensor): Real {
  const inverse = rawSolve(a, unitLike(a), true);
  return mul(inverse, expandDims(expandDims(c as Real, c.rank), c.rank + 1)) as Real;
}

/** tr(a⁻¹·x) */
const traceOfSolved = (a: Tensor, x: Tensor): Real => {
  const diagonalOf = diagonal(rawSolve(a, x));
  return rawSum(diagonalOf, [diagonalOf.rank - 1]) as Real;
};

const reduced = (a: TensorType): TensorType => ({ dtype: a.dtype, shape: a.shape.slice(0, -2) });

export const detOp = composite({
  name: "det",
  operands: ["a"],
  dtypes: FLOATS,
  inferTypes: ([a]) => {
    checkSquare("det", a);
    return [reduced(a)];
  },
  expand: ([a]) => {
    const { pivots, parity } = factors(a);
    return [mul(parity, productOf(pivots))];
  },
  derivative: {
    equations: ["ȳ·y·a⁻ᵀ"],
    vjp: ({ operands: [a], outputs: [y], cotangents: [cotangent] }) => [
      cotangent && scaledInverse(a, mul(cotangent as Real, y as Real)),
    ],
    jvp: ({ operands: [a], outputs: [y], tangents: [tangent] }) => [
      tangent && mul(y as Real, traceOfSolved(a, tangent)),
    ],
  },
});

export const slogdetOp = composite({
  name: "slogdet",
  operands: ["a"],
  dtypes: FLOATS,
  inferTypes: ([a]) => {
    checkSquare("slogdet", a);
    return [reduced(a), reduced(a)];
  },
  expand: ([a]) => {
    const { pivots, parity } = factors(a);
    return [mul(parity, productOf(sign(pivots))), rawSum(log(abs(pivots)), [pivots.rank - 1])];
  },
  derivative: {
    equations: ["ȳ·a⁻ᵀ, ȳ that of ln |det a|"],
    vjp: ({ operands: [a], cotangents: [, cotangent] }) => [cotangent && scaledInverse(a, cotangent)],
    jvp: ({ operands: [a], outputs: [signs], tangents: [tangent] }) => [
      tangent && zerosLike(signs),
      tangent && traceOfSolved(a, tangent),
    ],
  },
});

/**
 * The determinant, by elimination with partial pivoting. Its gradient is ∞ or NaN at a singular matrix.
 * @param a [..., n, n]; leading axes are batches
 * @returns [...]
 * @throws GradcError `shape` unless the matrices are square, `dtype` unless they are floats
 */
export function det<D extends FloatDType>(a: Tensor<D>): Tensor<D> {
  checkTensors("det", { a });
  return apply(detOp, [a]) as Tensor<D>;
}

/**
 * The sign (−1, 0 or 1) of the determinant and the logarithm of its size, which cannot overflow: a singular matrix has 0
 * and −∞, and no gradient (∞ or NaN). The sign's gradient is 0.
 * @param a [..., n, n]; leading axes are batches
 * @throws GradcError `shape` unless the matrices are square, `dtype` unless they are floats
 */
export function slogdet<D extends FloatDType>(a: Tensor<D>): { readonly sign: Tensor<D>; readonly logAbs: Tensor<D> } {
  checkTensors("slogdet", { a });
  const [signs, logAbs] = apply(slogdetOp, [a]).node.outputs;
  return { sign: signs as Tensor<D>, logAbs: logAbs as Tensor<D> };
}

/**
 * ln det a: NaN where the determinant is negative, −∞ where it is 0. The gradient is a⁻ᵀ.
 * @param a [..., n, n]; leading axes are batches
 * @throws GradcError `shape` unless the matrices are square, `dtype` unless they are floats
 */
export function logdet<D extends FloatDType>(a: Tensor<D>): Tensor<D> {
  checkTensors("logdet", { a });
  const { sign: signs, logAbs } = slogdet(a);
  return where(lt(signs as Real, 0), Number.NaN, logAbs as Real) as Tensor<D>;
}
