import { checkTensors } from "../../graph/arguments.ts";
import type { Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { routine } from "../../kinds/routine.ts";
import * as s from "../../loop/build.ts";
import type { Stmt } from "../../loop/ir.ts";
import { LoopWriter } from "../../loop/loop-writer.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { add, mul } from "../arithmetic.ts";
import { apply } from "../coerce.ts";
import {
  angle,
  EPSILON,
  identityRows,
  rankOf,
  rotateRows,
  rotation,
  signed,
  signOf,
  sweeps,
  turn,
  untilDiagonal,
} from "./jacobi.ts";
import { checkSquare, columnsOf, FLOATS, matrixwise } from "./matrices.ts";
import { adjoint, diagonal, diagonalMatrix, inverseGaps, product, symmetric } from "./matrix-graphs.ts";
import { cubicCost, eachBatch, matrixOf, minusProduct, vectorOf } from "./matrix-loops.ts";

/** Off the diagonal, this much of the largest element is nothing. */
const NEGLIGIBLE = 1 / 16;

/** Jacobi's method on a copy, the eigenvectors in rows. Columns follow rows by symmetry, so that all arithmetic is along rows. */
function build(node: Node, fresh: (hint: string) => string): readonly Stmt[] {
  const w = new LoopWriter(fresh);
  const [a] = node.operands;
  const dtype = a.dtype as FloatDType;
  const [zero, n] = [s.int(0), s.dimExpr(columnsOf(a))];
  const number = (value: number) => s.literal(dtype, value);
  return w.block(() =>
    eachBatch(w, node, batch => {
      const from = matrixOf(w, "in$0", a, batch);
      const values = vectorOf(w, "out$0", dtype, batch, columnsOf(a));
      const vectors = matrixOf(w, "out$1", a, batch);
      const x = matrixOf(w, "scratch$0", a, batch);
      const v = matrixOf(w, "scratch$1", a, batch);
      const largest = w.cell("largest", number(0));
      w.for("i", zero, n, i =>
        w.for("j", zero, n, j => {
          const entry = w.let("entry", s.mul(number(0.5), s.add(from.at(i, j), from.at(j, i))));
          x.set(i, j, entry);
          v.set(i, j, s.select(s.eq(i, j), number(1), number(0)));
          largest.set(s.max(largest.value, s.unary("abs", entry)));
        }),
      );
      const finish = (): void => {
        const least = w.let("least", s.mul(largest.value, number(EPSILON[dtype] * NEGLIGIBLE)));
        sweeps(w, n, (p, q, turned) => {
          const pq = w.let("pq", x.at(p, q));
          w.if(s.gt(s.unary("abs", pq), least), () => {
            turned();
            const [pp, qq] = [w.let("pp", x.at(p, p)), w.let("qq", x.at(q, q))];
            const r = rotation(w, pp, qq, pq);
            rotateRows(w, x, p, q, r, n);
            x.set(p, p, minusProduct(pp, r.tangent, pq));
            x.set(q, q, s.fma(r.tangent, pq, qq));
            x.set(p, q, number(0));
            x.set(q, p, number(0));
            w.for("i", zero, n, i => {
              x.set(i, p, x.at(p, i));
              x.set(i, q, x.at(q, i));
            });
            rotateRows(w, v, p, q, r, n);
          });
        });
        w.for("j", zero, n, j => {
          const place = rankOf(w, i => x.at(i, i), j, n, false);
          const sign = signOf(w, v, j, n);
          values.set(zero, place, x.at(j, j));
          w.for("i", zero, n, i => vectors.set(i, place, s.mul(sign, v.at(j, i))));
        });
      };
      const poison = (): void =>
        w.for("i", zero, n, i => {
          values.set(zero, i, number(Number.NaN));
          w.for("j", zero, n, j => vectors.set(i, j, number(Number.NaN)));
        });
      w.if(s.lt(largest.value, number(Number.POSITIVE_INFINITY)), finish, poison);
    }),
  );
}

export const eighOp = routine({
  name: "eigh",
  operands: ["a"],
  dtypes: FLOATS,
  inferTypes: ([a]) => {
    checkSquare("eigh", a);
    return [{ dtype: a.dtype, shape: a.shape.slice(0, -1) }, a];
  },
  evaluate: (inputs, _attrs, outputs) =>
    matrixwise(inputs, outputs, ([a], [values, vectors], n) => {
      const x = identityRows(n).map((row, i) => row.map((_, j) => (a[i * n + j] + a[j * n + i]) / 2));
      const v = identityRows(n);
      const largest = Math.max(0, ...x.flat().map(Math.abs));
      if (!(largest < Number.POSITIVE_INFINITY)) {
        values.fill(Number.NaN);
        vectors.fill(Number.NaN);
        return;
      }
      untilDiagonal(n, (p, q) => {
        if (Math.abs(x[p][q]) <= largest * EPSILON.f64 * NEGLIGIBLE) return false;
        const by = angle(x[p][p], x[q][q], x[p][q]);
        turn(x[p], x[q], by);
        for (const row of x) [row[p], row[q]] = [by[0] * row[p] - by[1] * row[q], by[1] * row[p] + by[0] * row[q]];
        x[p][q] = 0;
        x[q][p] = 0;
        turn(v[p], v[q], by);
        return true;
      });
      const order = v.map((_, j) => j).sort((i, j) => x[i][i] - x[j][j]);
      order.forEach((j, place) => {
        values[place] = x[j][j];
        const sign = signed(v[j]);
        for (let i = 0; i < n; i++) vectors[i * n + place] = sign * v[j][i];
      });
    }),
  build,
  scratch: ({ operands: [a] }) => [a, a],
  // Each of some sweeps turns all pairs of rows.
  cost: node => 30 * cubicCost(node),
  derivative: {
    equations: ["the symmetric part of V·(diag(w̄) + (VᵀV̄)∘F)·Vᵀ, F[i, j] = 1/(w[j] − w[i]), 0 on the diagonal"],
    vjp: ({ outputs: [w, v], cotangents: [onValues, onVectors] }) => {
      let inner = onValues && diagonalMatrix(onValues, v);
      if (onVectors) {
        const turned = mul(product(adjoint(v), onVectors), inverseGaps(w, v));
        inner = inner ? add(inner, turned) : turned;
      }
      return [inner && symmetric(product(product(v, inner), adjoint(v)))];
    },
    jvp: ({ outputs: [w, v], tangents: [tangent] }) => {
      if (!tangent) return [null, null];
      const inner = product(product(adjoint(v), symmetric(tangent)), v);
      return [diagonal(inner), product(v, mul(inner, inverseGaps(w, v)))];
    },
  },
});

/**
 * Eigenvalues of symmetric matrices, in ascending order, and orthonormal eigenvectors: a·vectors = vectors·diag(values).
 * What counts is the symmetric part (a + aᵀ)/2, and the gradient is symmetric. Of each vector, the first entry that is at
 * least half as large as the largest is positive. NaN or ±∞ in a matrix makes all of its results NaN. Gradients of the
 * values are always there (those of equal ones, in the basis that was found); gradients of the vectors are ∞ or NaN where
 * eigenvalues are equal. By Jacobi's method (C. G. J. Jacobi, 1846).
 * @param a [..., n, n]; leading axes are batches
 * @returns values [..., n], and vectors [..., n, n] in columns
 * @throws GradcError `shape` unless the matrices are square, `dtype` unless they are floats
 */
export function eigh<D extends FloatDType>(a: Tensor<D>): { readonly values: Tensor<D>; readonly vectors: Tensor<D> } {
  checkTensors("eigh", { a });
  const [values, vectors] = apply(eighOp, [a]).node.outputs;
  return { values: values as Tensor<D>, vectors: vectors as Tensor<D> };
}
