import { checkTensors } from "../../graph/arguments.ts";
import type { Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { routine } from "../../kinds/routine.ts";
import * as s from "../../loop/build.ts";
import type { Stmt } from "../../loop/ir.ts";
import { LoopWriter } from "../../loop/loop-writer.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { apply } from "../coerce.ts";
import { checkSquare, columnsOf, FLOATS, matrixwise } from "./matrices.ts";
import { adjoint, halfLower, product, symmetric } from "./matrix-graphs.ts";
import { cubicCost, eachBatch, matrixOf, minusProduct } from "./matrix-loops.ts";
import { rawTriangularSolve } from "./triangular-solve.ts";

/** U = Lᵀ row by row in the upper triangle, so that all loops run along rows; it is turned over at the end. */
function build(node: Node, fresh: (hint: string) => string): readonly Stmt[] {
  const w = new LoopWriter(fresh);
  const [a] = node.operands;
  const [zero, n] = [s.int(0), s.dimExpr(columnsOf(a))];
  const number = (value: number) => s.literal(a.dtype, value);
  return w.block(() =>
    eachBatch(w, node, batch => {
      const from = matrixOf(w, "in$0", a, batch);
      const u = matrixOf(w, "out$0", a, batch);
      w.for("k", zero, n, k => {
        w.each("j", k, n, j => {
          const rest = w.cell("rest", s.mul(number(0.5), s.add(from.at(k, j), from.at(j, k))));
          w.for("p", zero, k, p => rest.set(minusProduct(rest.value, u.at(p, k), u.at(p, j))));
          u.set(k, j, rest.value);
        });
        const square = w.let("square", u.at(k, k));
        const pivot = w.let("pivot", s.select(s.gt(square, number(0)), s.unary("sqrt", square), number(Number.NaN)));
        u.set(k, k, pivot);
        w.each("j", s.iadd(k, s.int(1)), n, j => u.set(k, j, s.div(u.at(k, j), pivot)));
      });
      w.for("i", s.int(1), n, i =>
        w.for("j", zero, i, j => {
          u.set(i, j, u.at(j, i));
          u.set(j, i, number(0));
        }),
      );
    }),
  );
}

export const choleskyOp = routine({
  name: "cholesky",
  operands: ["a"],
  dtypes: FLOATS,
  inferTypes: ([a]) => {
    checkSquare("cholesky", a);
    return [a];
  },
  evaluate: (inputs, _attrs, outputs) =>
    matrixwise(inputs, outputs, ([a], [l], n) => {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          let rest = (a[i * n + j] + a[j * n + i]) / 2;
          for (let k = 0; k < j; k++) rest -= l[i * n + k] * l[j * n + k];
          if (i === j) l[i * n + j] = rest > 0 ? Math.sqrt(rest) : Number.NaN;
          else l[i * n + j] = rest / l[j * n + j];
        }
      }
    }),
  build,
  cost: cubicCost,
  derivative: {
    // Φ: the lower triangle with half the diagonal.
    equations: ["the symmetric part of L⁻ᵀ·Φ(Lᵀ·L̄)·L⁻¹"],
    vjp: ({ outputs: [l], cotangents: [cotangent] }) => {
      if (!cotangent) return [null];
      const solve = (b: Tensor) => rawTriangularSolve(l, b, { lower: true, transpose: true });
      return [symmetric(solve(adjoint(solve(adjoint(halfLower(product(adjoint(l), cotangent)))))))];
    },
    jvp: ({ outputs: [l], tangents: [tangent] }) => {
      if (!tangent) return [null];
      const solve = (b: Tensor) => rawTriangularSolve(l, b, { lower: true });
      return [product(l, halfLower(solve(adjoint(solve(symmetric(tangent))))))];
    },
  },
});

/**
 * The lower triangular L with positive diagonal and L·Lᵀ = a. What is factored is the symmetric part (a + aᵀ)/2, and the
 * gradient is symmetric. Where that is not positive definite, L is NaN from the first column on that shows it.
 * @param a [..., n, n]; leading axes are batches
 * @throws GradcError `shape` unless the matrices are square, `dtype` unless they are floats
 */
export function cholesky<D extends FloatDType>(a: Tensor<D>): Tensor<D> {
  checkTensors("cholesky", { a });
  return apply(choleskyOp, [a]) as Tensor<D>;
}
