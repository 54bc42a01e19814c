import { checkOptions, checkTensors } from "../../graph/arguments.ts";
import type { Attrs } from "../../graph/attrs.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { composite } from "../../kinds/composite.ts";
import { addDerivatives, make } from "../../kinds/linear-helpers.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { neg } from "../arithmetic.ts";
import { apply } from "../coerce.ts";
import { permuteRows, rawLu } from "./lu.ts";
import { checkSystem, FLOATS, type Real } from "./matrices.ts";
import { adjoint, product } from "./matrix-graphs.ts";
import { solveWith } from "./systems.ts";
import { rawTriangularSolve } from "./triangular-solve.ts";

const transposeIn = (attrs: Attrs): boolean => attrs.transpose as boolean;

export const solveOp = composite({
  name: "solve",
  operands: ["a", "b"],
  dtypes: FLOATS,
  inferTypes: ([a, b]) => {
    checkSystem("solve", a, b);
    return [b];
  },
  // The factors are those of a either way, so that a gradient solves with what the value was found with.
  expand: ([a, b], attrs) => {
    const [lu, , permutation] = rawLu(a);
    const lower = { lower: true, unitDiagonal: true };
    if (!transposeIn(attrs)) {
      return [rawTriangularSolve(lu, rawTriangularSolve(lu, permuteRows(b, permutation), lower))];
    }
    const inner = rawTriangularSolve(lu, rawTriangularSolve(lu, b, { transpose: true }), { ...lower, transpose: true });
    return [permuteRows(inner, permutation, true)];
  },
  derivative: {
    equations: ["−b̄·xᵀ (transpose: −x·b̄ᵀ)", "b̄ = a⁻ᵀ·x̄"],
    vjp: ({ node, operands: [a], outputs: [x], cotangents: [cotangent], needed }) => {
      if (!cotangent) return [null, null];
      const transpose = transposeIn(node.attrs);
      const b = rawSolve(a, cotangent, !transpose);
      const [left, right] = transpose ? [x, b] : [b, x];
      return [needed[0] ? neg(product(left, adjoint(right))) : null, b];
    },
    jvp: ({ node, operands: [a], outputs: [x], tangents: [matrix, b] }) => {
      const transpose = transposeIn(node.attrs);
      const change = matrix && neg(product(transpose ? adjoint(matrix) : matrix, x));
      const side = addDerivatives(change, b);
      return [side && rawSolve(a, side, transpose)];
    },
  },
});

/** The node: matrices with equal batches. */
export const rawSolve = (a: Tensor, b: Tensor, transpose = false): Real => make(solveOp, [a, b], { transpose }) as Real;

/**
 * x with a·x = b, by elimination with partial pivoting. A singular matrix gives ±∞ or NaN.
 * @param a [..., n, n]
 * @param b [..., n, m], or one vector [n]; batches broadcast, and one matrix for many right sides is factored once
 * @param options.transpose solve aᵀ·x = b, with the same factors
 * @throws GradcError `shape` where sizes do not fit, `dtype` unless both are floats of one dtype
 */
export function solve<D extends FloatDType>(
  a: Tensor<D>,
  b: Tensor<NoInfer<D>>,
  options: { readonly transpose?: boolean } = {},
): Tensor<D> {
  checkTensors("solve", { a, b });
  checkOptions("solve", options, ["transpose"]);
  const attrs = { transpose: !!options.transpose };
  return solveWith("solve", a, b, (x, y) => apply(solveOp, [x, y], attrs)) as Tensor<D>;
}
