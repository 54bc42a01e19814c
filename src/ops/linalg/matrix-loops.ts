import type { Node } from "../../graph/node.ts";
import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import type { LoopWriter } from "../../loop/loop-writer.ts";
import { type Dim, dimMax } from "../../shared/dim.ts";
import { sizeOf, type TensorType } from "../../shared/shape.ts";
import { batchOf, columnsOf, rowsOf } from "./matrices.ts";

/** A buffer's matrix in one batch: element (i, j) lies at base + i·columns + j. */
export class Matrix {
  readonly #writer: LoopWriter;
  readonly #buffer: string;
  readonly #dtype: TensorType["dtype"];
  readonly #base: Expr;
  readonly #columns: Expr;

  constructor(w: LoopWriter, buffer: string, dtype: TensorType["dtype"], batch: Expr, rows: Dim, columns: Dim) {
    this.#writer = w;
    this.#buffer = buffer;
    this.#dtype = dtype;
    this.#columns = s.dimExpr(columns);
    this.#base = w.let("base", s.imul(batch, s.imul(s.dimExpr(rows), this.#columns)));
  }

  #index(i: Expr, j: Expr): Expr {
    return s.iadd(s.iadd(this.#base, s.imul(i, this.#columns)), j);
  }

  at(i: Expr, j: Expr): Expr {
    return s.load(this.#buffer, this.#dtype, this.#index(i, j));
  }

  set(i: Expr, j: Expr, value: Expr): void {
    this.#writer.store(this.#buffer, this.#index(i, j), value);
  }
}

/** The matrices of an operand or result. */
export const matrixOf = (w: LoopWriter, buffer: string, x: TensorType, batch: Expr): Matrix =>
  new Matrix(w, buffer, x.dtype, batch, rowsOf(x), columnsOf(x));

/** A vector as a matrix of one row. */
export const vectorOf = (w: LoopWriter, buffer: string, dtype: TensorType["dtype"], batch: Expr, size: Dim) =>
  new Matrix(w, buffer, dtype, batch, 1, size);

/** One round for each matrix of the node's first operand. */
export function eachBatch(w: LoopWriter, node: Node, body: (batch: Expr) => void): void {
  w.each("batch", s.int(0), s.dimExpr(sizeOf(batchOf(node.operands[0]))), body);
}

/** z − x·y */
export const minusProduct = (z: Expr, x: Expr, y: Expr): Expr => s.fma(s.neg(x), y, z);

/** An operation on floats costs about the smaller size of its matrix per element. */
export const cubicCost = (node: Node): number => {
  const sizes = node.operands[0].shape.slice(-2).map(dimMax);
  return Math.max(1, Math.min(...sizes));
};
