import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { operandsOf } from "../loop/operands.ts";
import type { DType } from "../shared/dtype.ts";
import type { Shape } from "../shared/shape.ts";
import type { Stage } from "./cluster.ts";
import { affineIn } from "./contraction/affine.ts";
import { range } from "./contraction/product.ts";
import type { KernelEmitter } from "./emit.ts";
import { formOf, hasGuard, operations } from "./reader.ts";
import { BLOCKS } from "./reduction.ts";
import type { Storage } from "./storage.ts";

/** From so many rows of so many columns on, what a few registers hold of a row lies too far from the same of the next. */
const FEWEST_ROWS = 512;
const FEWEST_COLUMNS = 128;
/** Columns that are folded together: their results stay in the first-level cache. */
const TOGETHER = 1024;
/** A thread's columns begin at a multiple of this. */
const GRAIN = 64;
/** Rows for which each result is read and written once. */
const ROWS = 4;
const MOST_OPERATIONS = 8;

/**
 * Folds down the columns of a large matrix, row by row, so that memory is read in its order: the results so far wait in a
 * row of scratch. Every column is folded in the order that reduction.ts gives it.
 * @returns false where it is no such fold; nothing has been emitted then
 */
export function emitColumnFolds(
  e: KernelEmitter,
  [stage, ...after]: readonly Stage[],
  outer: Shape,
  scratch: (label: string, shape: Shape, dtype: DType) => Storage,
): boolean {
  const { node, values } = stage;
  const form = formOf(node);
  if (form.form !== "reduction" || form.states.length !== 1 || values.length !== 1 || outer.length !== 1) return false;
  const [columns] = outer;
  const [rows] = form.extents;
  if (form.extents.length !== 1 || form.axes[0] !== 0 || node.operands[0].rank !== 2) return false;
  if (typeof rows !== "number" || rows < FEWEST_ROWS) return false;
  if (typeof columns !== "number" || columns < FEWEST_COLUMNS) return false;
  if (after.some(x => formOf(x.node).form === "reduction" || x.values.some(v => v.rank !== 1))) return false;
  const element = (row: Expr, column: Expr): readonly Expr[] =>
    form.element([column], [row], (operand, at) => e.reader.read(node.operands[operand], at));
  const trial = element(s.variable("row$"), s.variable("column$"));
  if (trial.some(hasGuard) || operations(trial) > MOST_OPERATIONS || !trial.some(liesInRows)) return false;

  const b = e.builder;
  const [{ dtype, init }] = form.states;
  const levels = BLOCKS.filter(size => rows > 2 * size).length;
  const rooms = range(levels + 1).map(() => {
    const room = scratch("a row of folds", [Math.min(TOGETHER, columns)], dtype);
    room.isPrivate = true;
    b.willWrite(room);
    return room;
  });
  const combine = (x: Expr, y: readonly Expr[]): Expr => b.name(form.combine([x], y)[0], "t");
  const all = b.freeze(s.int(columns), "n");

  const fold = (first: Expr, count: Expr): void => {
    const each = (body: (j: Expr) => void): void => b.loop("j", s.int(0), count, body, { parallel: true });
    const rowsInto = (into: Storage, from: Expr, to: Expr, together: number): void =>
      b.loop(
        "r",
        from,
        to,
        r =>
          each(j => {
            const column = s.iadd(first, j);
            const next = (sum: Expr, k: number): Expr => combine(sum, element(s.iadd(r, s.int(k)), column));
            b.store(into, j, range(together).reduce(next, b.load(into, j)));
          }),
        { step: together },
      );
    const inBlocks = (level: number, from: Expr, to: Expr): void => {
      const into = rooms[level];
      each(j => b.store(into, j, s.literal(dtype, init)));
      if (level === 0) {
        const whole = b.name(s.isub(to, s.irem(s.isub(to, from), s.int(ROWS))), "n");
        rowsInto(into, from, whole, ROWS);
        rowsInto(into, whole, to, 1);
        return;
      }
      const size = BLOCKS[level - 1];
      b.loop(
        "block",
        from,
        to,
        start => {
          inBlocks(level - 1, start, b.name(s.min(s.iadd(start, s.int(size)), to), "n"));
          each(j => b.store(into, j, combine(b.load(into, j), [b.load(rooms[level - 1], j)])));
        },
        { step: size },
      );
    };
    inBlocks(levels, s.int(0), s.int(rows));
    each(j => {
      const index = [s.iadd(first, j)];
      e.keepResult(values[0], index, b.freeze(form.finish([b.load(rooms[levels], j)])[0]));
      e.points(after, index);
      e.flush();
    });
  };
  b.loop("o", s.int(0), all, first => fold(first, b.name(s.min(s.int(TOGETHER), s.isub(all, first)), "n")), {
    step: TOGETHER,
    parallel: true,
    grain: GRAIN,
  });
  return true;
}

/** Does it read a matrix whose neighbouring columns are neighbours in memory? */
const liesInRows = (e: Expr): boolean => (e.op === "load" ? isUnit(e.index) : operandsOf(e).some(liesInRows));

function isUnit(index: Expr): boolean {
  const strides = affineIn(index, new Set(["row$", "column$"]))?.strides;
  return strides?.has("row$") === true && s.isValue(strides.get("column$") ?? s.int(0), 1);
}
