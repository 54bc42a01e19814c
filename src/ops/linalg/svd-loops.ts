import type { Node } from "../../graph/node.ts";
import * as s from "../../loop/build.ts";
import type { Expr, Stmt } from "../../loop/ir.ts";
import { LoopWriter } from "../../loop/loop-writer.ts";
import { dimMax } from "../../shared/dim.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { EPSILON, rankOf, rotateRows, rotation, signOf, sweeps } from "./jacobi.ts";
import { columnsOf, rowsOf } from "./matrices.ts";
import { eachBatch, Matrix, matrixOf, minusProduct, vectorOf } from "./matrix-loops.ts";

/** Squared lengths of columns below this are 0, where the largest element is 1. */
const LEAST_SQUARE = { f32: 1e-30, f64: 1e-290 } as const;

/** Cosines below this are right angles. */
const leastCosine = (dtype: FloatDType, length: number): number => 2 * EPSILON[dtype] * Math.sqrt(length);

/**
 * Turns pairs of columns (rows of a transposed copy, so that they are contiguous) until all are at right angles; their
 * lengths are the singular values, and the same turns of the unit matrix are V.
 */
export function svdLoops(node: Node, fresh: (hint: string) => string): readonly Stmt[] {
  const w = new LoopWriter(fresh);
  const [a] = node.operands;
  const dtype = a.dtype as FloatDType;
  const [zero, one, rows, columns] = [s.int(0), s.int(1), s.dimExpr(rowsOf(a)), s.dimExpr(columnsOf(a))];
  const number = (value: number, of: FloatDType = dtype) => s.literal(of, value);
  return w.block(() =>
    eachBatch(w, node, batch => {
      const from = matrixOf(w, "in$0", a, batch);
      const u = matrixOf(w, "out$0", a, batch);
      const values = vectorOf(w, "out$1", dtype, batch, columnsOf(a));
      const vt = matrixOf(w, "out$2", node.outputs[2], batch);
      const t = new Matrix(w, "scratch$0", dtype, batch, columnsOf(a), rowsOf(a));
      const v = matrixOf(w, "scratch$1", node.outputs[2], batch);
      const squares = vectorOf(w, "scratch$2", "f64", batch, columnsOf(a));
      const largest = w.cell("largest", number(0));
      w.for("i", zero, rows, i =>
        w.for("j", zero, columns, j => largest.set(s.max(largest.value, s.unary("abs", from.at(i, j))))),
      );
      /** Σ x·y of rows, in f64. */
      const dot = (p: Expr, q: Expr): Expr => {
        const sum = w.cell("sum", number(0, "f64"));
        w.for("i", zero, rows, i => sum.set(s.fma(s.cast("f64", t.at(p, i)), s.cast("f64", t.at(q, i)), sum.value)));
        return w.let("dot", sum.value);
      };
      const finish = (): void => {
        const scale = w.let("scale", s.select(s.eq(largest.value, number(0)), number(1), largest.value));
        w.for("j", zero, columns, j => {
          w.for("i", zero, rows, i => t.set(j, i, s.div(from.at(i, j), scale)));
          w.for("i", zero, columns, i => v.set(j, i, s.select(s.eq(i, j), number(1), number(0))));
        });
        const least = number(LEAST_SQUARE[dtype], "f64");
        const measure = (): void => w.for("j", zero, columns, j => squares.set(zero, j, dot(j, j)));
        const visit = (p: Expr, q: Expr, turned: () => void): void => {
          const [pp, qq] = [w.let("pp", squares.at(zero, p)), w.let("qq", squares.at(zero, q))];
          const pq = dot(p, q);
          const bound = s.mul(s.unary("sqrt", s.mul(pp, qq)), number(leastCosine(dtype, dimMax(rowsOf(a))), "f64"));
          w.if(s.and(s.gt(s.min(pp, qq), least), s.gt(s.unary("abs", pq), bound)), () => {
            turned();
            const { tangent, cosine, sine } = rotation(w, pp, qq, pq);
            const narrow = {
              tangent,
              cosine: w.let("c", s.cast(dtype, cosine)),
              sine: w.let("s", s.cast(dtype, sine)),
            };
            rotateRows(w, t, p, q, narrow, rows);
            rotateRows(w, v, p, q, narrow, columns);
            squares.set(zero, p, minusProduct(pp, tangent, pq));
            squares.set(zero, q, s.fma(tangent, pq, qq));
          });
        };
        sweeps(w, columns, visit, measure);
        const found = w.cell("found", zero);
        w.for("j", zero, columns, j => {
          const square = dot(j, j);
          const real = s.gt(square, least);
          squares.set(zero, j, s.select(real, square, number(0, "f64")));
          found.set(s.add(found.value, s.select(real, one, zero)));
        });
        w.for("j", zero, columns, j => {
          const place = rankOf(w, i => squares.at(zero, i), j, columns, true);
          const sign = signOf(w, v, j, columns);
          const length = w.let("length", s.cast(dtype, s.unary("sqrt", squares.at(zero, j))));
          values.set(zero, place, s.mul(length, scale));
          const factor = w.let("factor", s.div(sign, length));
          w.for("i", zero, rows, i => u.set(i, place, s.mul(factor, t.at(j, i))));
          w.each("i", zero, columns, i => vt.set(place, i, s.mul(sign, v.at(j, i))));
        });
        complete(w, u, found.value, rows, columns, dtype);
      };
      const poison = (): void => {
        const nan = number(Number.NaN);
        w.for("j", zero, columns, j => {
          values.set(zero, j, nan);
          w.for("i", zero, rows, i => u.set(i, j, nan));
          w.for("i", zero, columns, i => vt.set(i, j, nan));
        });
      };
      w.if(s.lt(largest.value, number(Number.POSITIVE_INFINITY)), finish, poison);
    }),
  );
}

/**
 * The columns of u from `from` on, orthonormal to those before: of the unit vectors the one that is farthest from their
 * span, less its projections (twice, for the roundings of the first time).
 */
function complete(w: LoopWriter, u: Matrix, from: Expr, rows: Expr, columns: Expr, dtype: FloatDType): void {
  const zero = s.int(0);
  const number = (value: number) => s.literal(dtype, value);
  w.for("k", from, columns, k => {
    const best = w.cell("best", zero);
    const least = w.cell("least", number(2));
    w.for("i", zero, rows, i => {
      const inside = w.cell("inside", number(0));
      w.for("j", zero, k, j => inside.set(s.fma(u.at(i, j), u.at(i, j), inside.value)));
      w.if(s.lt(inside.value, least.value), () => {
        least.set(inside.value);
        best.set(i);
      });
    });
    w.for("i", zero, rows, i => u.set(i, k, s.select(s.eq(i, best.value), number(1), number(0))));
    const along = (j: Expr): Expr => {
      const sum = w.cell("sum", number(0));
      w.for("i", zero, rows, i => sum.set(s.fma(u.at(i, j), u.at(i, k), sum.value)));
      return w.let("along", sum.value);
    };
    w.for("pass", zero, s.int(2), () =>
      w.for("j", zero, k, j => {
        const part = along(j);
        w.for("i", zero, rows, i => u.set(i, k, minusProduct(u.at(i, k), part, u.at(i, j))));
      }),
    );
    const length = w.let("length", s.unary("sqrt", along(k)));
    w.for("i", zero, rows, i => u.set(i, k, s.div(u.at(i, k), length)));
  });
}
