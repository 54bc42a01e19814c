import { checkTensors } from "../../graph/arguments.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { composite } from "../../kinds/composite.ts";
import { addDerivatives } from "../../kinds/linear-helpers.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { neg, sub } from "../arithmetic.ts";
import { apply } from "../coerce.ts";
import { batchOf, checkMatrix, checkRightSides, checkTall, columnsOf, FLOATS, type Real } from "./matrices.ts";
import { adjoint, product } from "./matrix-graphs.ts";
import { rawQr } from "./qr.ts";
import { checkedCall, solveWith } from "./systems.ts";
import { rawTriangularSolve } from "./triangular-solve.ts";

/** (aᵀ·a)⁻¹·x = R⁻¹·R⁻ᵀ·x */
function normalSolve(a: Tensor, x: Tensor): Real {
  const [, r] = rawQr(a);
  return rawTriangularSolve(r, rawTriangularSolve(r, x, { transpose: true }));
}

export const lstsqOp = composite({
  name: "lstsq",
  operands: ["a", "b"],
  dtypes: FLOATS,
  inferTypes: ([a, b]) => {
    checkTall("lstsq", a);
    checkRightSides("lstsq", a, b);
    return [{ dtype: a.dtype, shape: [...batchOf(a), columnsOf(a), columnsOf(b)] }];
  },
  expand: ([a, b]) => {
    const [q, r] = rawQr(a);
    return [rawTriangularSolve(r, product(adjoint(q), b))];
  },
  derivative: {
    equations: ["(b − a·x)·yᵀ − a·y·xᵀ, y = (aᵀ·a)⁻¹·x̄", "a·y"],
    vjp: ({ operands: [a, b], outputs: [x], cotangents: [cotangent] }) => {
      if (!cotangent) return [null, null];
      const y = normalSolve(a, cotangent);
      const onB = product(a, y);
      const rest = sub(b as Real, product(a, x)) as Real;
      return [sub(product(rest, adjoint(y)), product(onB, adjoint(x))), onB];
    },
    jvp: ({ operands: [a, b], outputs: [x], tangents: [matrix, side] }) => {
      const change = addDerivatives(side, matrix && neg(product(matrix, x)));
      const moved = change && product(adjoint(a), change);
      const turned = matrix && product(adjoint(matrix), sub(b as Real, product(a, x)) as Real);
      const total = addDerivatives(moved, turned);
      return [total && normalSolve(a, total)];
    },
  },
});

/**
 * The x for which |a·x − b|² is least, for a of full rank; of all solutions the shortest, where a is wider than high. By
 * a QR factorisation. Without full rank the result is ±∞, NaN or of no use: take matmul(pinv(a), b) then.
 * @param a [..., m, n] with fixed m and n
 * @param b [..., m, k], or one vector [m]; batches broadcast
 * @returns [..., n, k], or [..., n]
 * @throws GradcError `shape` where sizes do not fit, `dtype` unless both are floats of one dtype
 */
export function lstsq<D extends FloatDType>(a: Tensor<D>, b: Tensor<NoInfer<D>>): Tensor<D> {
  checkTensors("lstsq", { a, b });
  const [m, n] = a.shape.slice(-2);
  const wide = typeof m === "number" && typeof n === "number" && m < n;
  return solveWith("lstsq", a, b, (x, y) => {
    if (!wide) return apply(lstsqOp, [x, y]);
    checkedCall(() => checkMatrix("lstsq", x));
    // aᵀ = Q·R: x = Q·R⁻ᵀ·b is in the span of a's rows.
    const [q, r] = rawQr(adjoint(x));
    return product(q, rawTriangularSolve(r, y, { transpose: true }));
  }) as Tensor<D>;
}
