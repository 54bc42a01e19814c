import { checkTensors } from "../../graph/arguments.ts";
import { createNode, type Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addDerivatives } from "../../kinds/linear-helpers.ts";
import { routine } from "../../kinds/routine.ts";
import * as s from "../../loop/build.ts";
import type { Expr, Stmt } from "../../loop/ir.ts";
import { LoopWriter } from "../../loop/loop-writer.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { add, neg, sub } from "../arithmetic.ts";
import { apply } from "../coerce.ts";
import { concat, slice } from "../view.ts";
import { batchOf, checkTall, columnsOf, FLOATS, matrixwise, rowsOf } from "./matrices.ts";
import { adjoint, product, triangle } from "./matrix-graphs.ts";
import { cubicCost, eachBatch, type Matrix, matrixOf, minusProduct, vectorOf } from "./matrix-loops.ts";
import { rawTriangularSolve } from "./triangular-solve.ts";

interface Reflections {
  readonly q: Matrix;
  readonly scales: Matrix;
  readonly products: Matrix;
  readonly rows: Expr;
  readonly columns: Expr;
}

/** (I − τ·v·vᵀ) on the columns after k; v is 1 in row k, then what stands below it in column k. */
function reflect(w: LoopWriter, k: Expr, { q, scales, products, rows, columns }: Reflections, own: boolean): void {
  const [zero, next] = [s.int(0), s.iadd(k, s.int(1))];
  const scale = w.let("scale", scales.at(zero, k));
  w.each("j", next, columns, j => {
    const sum = w.cell("sum", own ? q.at(k, j) : s.literal(scale.dtype, 0));
    w.for("i", next, rows, i => sum.set(s.fma(q.at(i, k), q.at(i, j), sum.value)));
    products.set(zero, j, s.mul(scale, sum.value));
  });
  w.each("j", next, columns, j => {
    const rest = products.at(zero, j);
    q.set(k, j, own ? s.sub(q.at(k, j), rest) : s.neg(rest));
  });
  w.for("i", next, rows, i => {
    const factor = w.let("factor", q.at(i, k));
    w.each("j", next, columns, j => q.set(i, j, minusProduct(q.at(i, j), factor, products.at(zero, j))));
  });
}

/** Householder's reflections, kept below the diagonal of q; R is copied from above it; then q is multiplied out in place. */
function build(node: Node, fresh: (hint: string) => string): readonly Stmt[] {
  const w = new LoopWriter(fresh);
  const [a] = node.operands;
  const [m, n] = [rowsOf(a), columnsOf(a)];
  const [zero, one, rows, columns] = [s.int(0), s.int(1), s.dimExpr(m), s.dimExpr(n)];
  const number = (value: number) => s.literal(a.dtype, value);
  return w.block(() =>
    eachBatch(w, node, batch => {
      const from = matrixOf(w, "in$0", a, batch);
      const q = matrixOf(w, "out$0", a, batch);
      const r = matrixOf(w, "out$1", node.outputs[1], batch);
      const scales = vectorOf(w, "scratch$0", a.dtype, batch, n);
      const products = vectorOf(w, "scratch$1", a.dtype, batch, n);
      const all = { q, scales, products, rows, columns };
      w.for("i", zero, rows, i => w.each("j", zero, columns, j => q.set(i, j, from.at(i, j))));
      w.for("k", zero, columns, k => {
        const next = s.iadd(k, one);
        const below = w.cell("below", number(0));
        w.for("i", next, rows, i => below.set(s.fma(q.at(i, k), q.at(i, k), below.value)));
        const alpha = w.let("alpha", q.at(k, k));
        const length = s.unary("sqrt", s.fma(alpha, alpha, below.value));
        scales.set(zero, k, number(0));
        w.if(s.ne(below.value, number(0)), () => {
          const beta = w.let("beta", s.select(s.gt(alpha, number(0)), s.neg(length), length));
          scales.set(zero, k, s.div(s.sub(beta, alpha), beta));
          q.set(k, k, beta);
          w.for("i", next, rows, i => q.set(i, k, s.div(q.at(i, k), s.sub(alpha, beta))));
        });
        reflect(w, k, all, true);
      });
      w.for("i", zero, columns, i =>
        w.each("j", zero, columns, j => r.set(i, j, s.select(s.ge(j, i), q.at(i, j), number(0)))),
      );
      w.for("step", zero, columns, step => {
        const k = w.let("k", s.isub(s.isub(columns, one), step));
        reflect(w, k, all, false);
        const scale = w.let("scale", scales.at(zero, k));
        q.set(k, k, s.sub(number(1), scale));
        w.for("i", s.iadd(k, one), rows, i => q.set(i, k, s.neg(s.mul(scale, q.at(i, k)))));
      });
    }),
  );
}

export const qrOp = routine({
  name: "qr",
  operands: ["a"],
  dtypes: FLOATS,
  inferTypes: ([a]) => {
    checkTall("qr", a);
    return [a, { dtype: a.dtype, shape: [...batchOf(a), columnsOf(a), columnsOf(a)] }];
  },
  evaluate: (inputs, _attrs, outputs) =>
    matrixwise(inputs, outputs, ([a], [q, r], m, n) => {
      // Columns of the whole Q: each reflection is multiplied to the matrix and to the reflections before.
      const work = Array.from({ length: n }, (_, j) => Array.from({ length: m }, (_, i) => a[i * n + j]));
      const whole = Array.from({ length: m }, (_, i) => Array.from({ length: m }, (_, j) => (i === j ? 1 : 0)));
      for (let k = 0; k < n; k++) {
        const v = work[k].map((x, i) => (i < k ? 0 : x));
        if (v.every((x, i) => i <= k || x === 0)) continue;
        v[k] += (v[k] > 0 ? 1 : -1) * Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
        const square = v.reduce((sum, x) => sum + x * x, 0);
        for (const list of [...work, ...whole]) {
          const factor = (2 / square) * list.reduce((sum, x, i) => sum + x * v[i], 0);
          for (let i = k; i < m; i++) list[i] -= factor * v[i];
        }
      }
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) q[i * n + j] = whole[i][j];
      for (let i = 0; i < n; i++) for (let j = i; j < n; j++) r[i * n + j] = work[j][i];
    }),
  build,
  scratch: ({ operands: [a] }) => {
    const vector = { dtype: a.dtype, shape: [...batchOf(a), columnsOf(a)] };
    return [vector, vector];
  },
  cost: cubicCost,
  derivative: {
    // mirror: the lower triangle and its transpose.
    equations: ["(Q̄ + Q·mirror(R·R̄ᵀ − Q̄ᵀ·Q))·R⁻ᵀ"],
    vjp: ({ outputs: [q, r], cotangents: [onQ, onR] }) => {
      const inner = addDerivatives(onR && product(r, adjoint(onR)), onQ && neg(product(adjoint(onQ), q)));
      if (!inner) return [null];
      const mirrored = add(triangle(inner, true), adjoint(triangle(inner, true, true)));
      const outer = addDerivatives(onQ, product(q, mirrored));
      return [outer && adjoint(rawTriangularSolve(r, adjoint(outer)))];
    },
    jvp: ({ outputs: [q, r], tangents: [tangent] }) => {
      if (!tangent) return [null, null];
      const scaled = adjoint(rawTriangularSolve(r, adjoint(tangent), { transpose: true }));
      const inner = product(adjoint(q), scaled);
      const below = triangle(inner, true, true);
      const turn = sub(below, adjoint(below));
      return [add(product(q, sub(turn, inner)), scaled), product(sub(inner, turn), r)];
    },
  },
});

/** The node's two results. */
export const rawQr = (a: Tensor): readonly Tensor[] => createNode(qrOp, [a]).outputs;

/**
 * a = q·r with orthonormal columns in q and an upper triangular r, by Householder's reflections; the signs are LAPACK's.
 * Gradients need a matrix of full rank (its first columns, where it is wider than high): else they are ∞ or NaN.
 * @param a [..., m, n] with fixed m and n; leading axes are batches
 * @returns q [..., m, k] and r [..., k, n], k the smaller of m and n
 * @throws GradcError `shape` unless a is a matrix of fixed size, `dtype` unless it is a float
 */
export function qr<D extends FloatDType>(a: Tensor<D>): { readonly q: Tensor<D>; readonly r: Tensor<D> } {
  checkTensors("qr", { a });
  const [m, n] = a.shape.slice(-2);
  if (a.rank < 2 || typeof m !== "number" || typeof n !== "number" || m >= n) {
    const [q, r] = apply(qrOp, [a]).node.outputs;
    return { q: q as Tensor<D>, r: r as Tensor<D> };
  }
  const starts = a.shape.map(() => 0);
  const [q, r] = apply(qrOp, [slice(a, starts, [...batchOf(a), m, m])]).node.outputs;
  const rest = slice(a, [...starts.slice(0, -1), m], a.shape);
  return { q: q as Tensor<D>, r: concat([r as Tensor<D>, product(adjoint(q), rest) as Tensor<D>], a.rank - 1) };
}
