import { checkTensors } from "../../graph/arguments.ts";
import { createNode, type Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addDerivatives, make } from "../../kinds/linear-helpers.ts";
import { routine } from "../../kinds/routine.ts";
import * as s from "../../loop/build.ts";
import type { Expr, Stmt } from "../../loop/ir.ts";
import { LoopWriter } from "../../loop/loop-writer.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { add } from "../arithmetic.ts";
import { apply, broadcastTo } from "../coerce.ts";
import { gatherAlongOp, scatterAddAlongOp } from "../gather.ts";
import { expandDims } from "../view.ts";
import { checkSquare, columnsOf, FLOATS, matrixwise, type Real, rowsOf } from "./matrices.ts";
import { adjoint, product, triangle, unitLike } from "./matrix-graphs.ts";
import { cubicCost, eachBatch, matrixOf, minusProduct, vectorOf } from "./matrix-loops.ts";
import { rawTriangularSolve } from "./triangular-solve.ts";

/** Elimination with partial pivoting, rows below the pivot's one after the other. */
function build(node: Node, fresh: (hint: string) => string): readonly Stmt[] {
  const w = new LoopWriter(fresh);
  const [a] = node.operands;
  const [zero, one, n] = [s.int(0), s.int(1), s.dimExpr(columnsOf(a))];
  const isNan = (x: Expr): Expr => s.ne(x, x);
  return w.block(() =>
    eachBatch(w, node, batch => {
      const from = matrixOf(w, "in$0", a, batch);
      const lu = matrixOf(w, "out$0", a, batch);
      const pivots = vectorOf(w, "out$1", "i32", batch, columnsOf(a));
      const order = vectorOf(w, "out$2", "i32", batch, columnsOf(a));
      w.for("i", zero, n, i => {
        order.set(zero, i, i);
        w.each("j", zero, n, j => lu.set(i, j, from.at(i, j)));
      });
      w.for("k", zero, n, k => {
        const next = s.iadd(k, one);
        const largest = w.cell("largest", s.unary("abs", lu.at(k, k)));
        const place = w.cell("place", k);
        w.for("i", next, n, i => {
          const size = w.let("size", s.unary("abs", lu.at(i, k)));
          const nanFirst = s.and(isNan(size), s.eq(largest.value, largest.value));
          w.if(s.or(s.gt(size, largest.value), nanFirst), () => {
            largest.set(size);
            place.set(i);
          });
        });
        const p = w.let("p", place.value);
        pivots.set(zero, k, p);
        w.if(s.ne(p, k), () => {
          const swap = (matrix: typeof lu, i: Expr, other: Expr, j: Expr): void => {
            const x = w.let("x", matrix.at(i, j));
            const y = w.let("y", matrix.at(other, j));
            matrix.set(i, j, y);
            matrix.set(other, j, x);
          };
          w.each("j", zero, n, j => swap(lu, k, p, j));
          const x = w.let("x", order.at(zero, k));
          order.set(zero, k, order.at(zero, p));
          order.set(zero, p, x);
        });
        const pivot = w.let("pivot", lu.at(k, k));
        w.for("i", next, n, i => {
          const none = s.literal(a.dtype, 0);
          // A column of zeros needs no elimination.
          const factor = w.let("factor", s.select(s.eq(pivot, none), none, s.div(lu.at(i, k), pivot)));
          lu.set(i, k, factor);
          w.each("j", next, n, j => lu.set(i, j, minusProduct(lu.at(i, j), factor, lu.at(k, j))));
        });
      });
    }),
  );
}

/** Rows in the order of a permutation [..., n] (`back`: from that order into their own). */
export function permuteRows(x: Tensor, permutation: Tensor, back = false): Real {
  const axis = x.rank - 2;
  const rows = broadcastTo(expandDims(permutation, x.rank - 1), x.shape);
  if (!back) return make(gatherAlongOp, [x, rows], { axis }) as Real;
  return make(scatterAddAlongOp, [rows, x], { axis, size: rowsOf(x) }) as Real;
}

export const luOp = routine({
  name: "lu",
  operands: ["a"],
  dtypes: FLOATS,
  inferTypes: ([a]) => {
    checkSquare("lu", a);
    const indices = { dtype: "i32", shape: a.shape.slice(0, -1) } as const;
    return [a, indices, indices];
  },
  evaluate: (inputs, _attrs, outputs) =>
    matrixwise(inputs, outputs, ([a], [lu, pivots, permutation], n) => {
      const rows = Array.from({ length: n }, (_, i) => ({ i, values: a.slice(i * n, (i + 1) * n) }));
      const rank = (x: number): number => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : Math.abs(x));
      for (let k = 0; k < n; k++) {
        let p = k;
        for (let i = k + 1; i < n; i++) if (rank(rows[i].values[k]) > rank(rows[p].values[k])) p = i;
        pivots[k] = p;
        [rows[k], rows[p]] = [rows[p], rows[k]];
        const pivot = rows[k].values;
        for (const { values } of rows.slice(k + 1)) {
          values[k] = pivot[k] === 0 ? 0 : values[k] / pivot[k];
          for (let j = k + 1; j < n; j++) values[j] -= values[k] * pivot[j];
        }
      }
      rows.forEach(({ i, values }, k) => {
        lu.set(values, k * n);
        permutation[k] = i;
      });
    }),
  build,
  cost: cubicCost,
  derivative: {
    equations: ["Pᵀ·L⁻ᵀ·(lower(Lᵀ·L̄) + upper(Ū·Uᵀ))·U⁻ᵀ"],
    vjp: ({ outputs: [lu, , permutation], cotangents: [cotangent] }) => {
      if (!cotangent) return [null];
      const l = triangle(cotangent, true, true);
      const u = triangle(cotangent, false);
      const inside = add(
        triangle(product(adjoint(unitLower(lu)), l), true, true),
        triangle(product(u, adjoint(triangle(lu, false))), false),
      );
      const left = rawTriangularSolve(lu, inside, { lower: true, transpose: true, unitDiagonal: true });
      return [permuteRows(adjoint(rawTriangularSolve(lu, adjoint(left))), permutation, true)];
    },
    jvp: ({ outputs: [lu, , permutation], tangents: [tangent] }) => {
      if (!tangent) return [null, null, null];
      const left = rawTriangularSolve(lu, permuteRows(tangent, permutation), { lower: true, unitDiagonal: true });
      const inside = adjoint(rawTriangularSolve(lu, adjoint(left), { transpose: true }));
      const l = product(unitLower(lu), triangle(inside, true, true));
      return [addDerivatives(l, product(triangle(inside, false), triangle(lu, false))), null, null];
    },
  },
});

const unitLower = (lu: Tensor): Real => add(triangle(lu, true, true), unitLike(lu)) as Real;

/** The node's three results. */
export const rawLu = (a: Tensor): readonly Tensor[] => createNode(luOp, [a]).outputs;

/** What `lu` gives. */
export interface LU<D extends FloatDType = FloatDType> {
  /** [..., n, n]: U in the upper triangle, L below it (its diagonal is ones). */
  readonly lu: Tensor<D>;
  /** i32 [..., n]: step k swapped row k with row pivots[k]. */
  readonly pivots: Tensor<"i32">;
  /** i32 [..., n]: row k of L·U is row permutation[k] of the matrix. */
  readonly permutation: Tensor<"i32">;
}

/**
 * Factors square matrices into L·U = P·a, with the largest element of each column as pivot (as LAPACK's getrf does). A
 * singular matrix has a zero on U's diagonal, and no gradient (∞ or NaN); a matrix with NaN gives NaN.
 * @param a [..., n, n]; leading axes are batches
 * @throws GradcError `shape` unless the matrices are square, `dtype` unless they are floats
 */
export function lu<D extends FloatDType>(a: Tensor<D>): LU<D> {
  checkTensors("lu", { a });
  const [packed, pivots, permutation] = apply(luOp, [a]).node.outputs;
  return { lu: packed as Tensor<D>, pivots: pivots as Tensor<"i32">, permutation: permutation as Tensor<"i32"> };
}
