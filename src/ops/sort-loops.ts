import type { Node } from "../graph/node.ts";
import { rowLoops } from "../kinds/rows.ts";
import * as s from "../loop/build.ts";
import type { Expr, Stmt } from "../loop/ir.ts";
import { type DType, isFloat } from "../shared/dtype.ts";

/** A row of scratch: values in `scratch$0`, positions in `scratch$1`, numbers (no NaNs) from `low` to `high`. */
interface Row {
  readonly dtype: DType;
  readonly length: Expr;
  readonly low: Expr;
  readonly high: Expr;
  /** p comes before q. */
  before(p: Expr, q: Expr): Expr;
  fresh(hint: string): string;
}

const valueAt = (dtype: DType, at: Expr): Expr => s.load("scratch$0", dtype, at);
const positionAt = (at: Expr): Expr => s.load("scratch$1", "i32", at);
const put = (at: Expr, value: Expr, position: Expr): Stmt[] => [
  s.store("scratch$0", at, value),
  s.store("scratch$1", at, position),
];
const move = (dtype: DType, to: Expr, from: Expr): Stmt[] => put(to, valueAt(dtype, from), positionAt(from));
const step = (name: string, by: Expr): Stmt => s.assign(name, s.iadd(s.variable(name), by));
const one = (condition: Expr): Expr => s.select(condition, s.int(1), s.int(0));

/** Merges neighbouring runs, of one element at first, until there is one; `from` tells in which of the two rows it lies (0 or length). */
function merges({ dtype, length, low, high, before, fresh }: Row, from: string): Stmt[] {
  const names = ["width", "to", "start", "mid", "stop", "a", "b", "out", "x", "y", "right", "c", "d"].map(fresh);
  const [width, to, start, mid, stop, a, b, out, x, y, right, c, d] = names;
  const [vwidth, vto, vstart, vmid, vstop, va, vb, vout, , , , vc, vd] = names.map(name => s.variable(name));
  const vfrom = s.variable(from);
  const [left, other] = [s.variable(x, dtype), s.variable(y, dtype)];
  const takes = s.variable(right, "bool");
  // The element of the first run goes first where they are equal.
  const merge = [
    s.letStmt(x, valueAt(dtype, s.iadd(vfrom, va))),
    s.letStmt(y, valueAt(dtype, s.iadd(vfrom, vb))),
    s.letStmt(right, before(other, left)),
    ...put(s.iadd(vto, vout), s.select(takes, other, left), positionAt(s.iadd(vfrom, s.select(takes, vb, va)))),
    s.assign(a, s.iadd(va, one(s.unary("not", takes)))),
    s.assign(b, s.iadd(vb, one(takes))),
    step(out, s.int(1)),
  ];
  const behind = s.isub(vstop, vmid);
  const pair = [
    s.letStmt(mid, s.min(s.iadd(vstart, vwidth), high)),
    s.letStmt(stop, s.min(s.iadd(vmid, vwidth), high)),
    s.varStmt(a, vstart),
    s.varStmt(b, vmid),
    s.varStmt(out, vstart),
    s.whileStmt(s.and(s.lt(va, vmid), s.lt(vb, vstop)), merge),
    s.forStmt(c, va, vmid, move(dtype, s.iadd(s.iadd(vto, vc), behind), s.iadd(vfrom, vc))),
    s.forStmt(d, vb, vstop, move(dtype, s.iadd(vto, vd), s.iadd(vfrom, vd))),
    s.assign(start, vstop),
  ];
  return [
    s.varStmt(width, s.int(1)),
    s.whileStmt(s.lt(vwidth, s.isub(high, low)), [
      s.letStmt(to, s.isub(length, vfrom)),
      s.varStmt(start, low),
      s.whileStmt(s.lt(vstart, high), pair),
      s.assign(from, vto),
      s.assign(width, s.imul(vwidth, s.int(2))),
    ]),
  ];
}

/** Copies a row to scratch, NaNs to its end, or to its front where `first`; returns where the numbers stand. */
function read(
  dtype: DType,
  length: Expr,
  element: (j: Expr) => Expr,
  first: boolean,
  fresh: (hint: string) => string,
): { readonly body: Stmt[]; readonly low: Expr; readonly high: Expr } {
  const names = ["j", "e", "numbers", "at", "nan", "to", "low"].map(fresh);
  const [j, e, numbers, at, nan, to, start] = names;
  const [vj, ve, vnumbers, vat, vnan, vto, vstart] = names.map(name => s.variable(name));
  if (!isFloat(dtype)) {
    return { body: [s.forStmt(j, s.int(0), length, put(vj, element(vj), vj))], low: s.int(0), high: length };
  }
  const isNumber = s.eq(element(vj), element(vj));
  const body = [
    s.varStmt(numbers, s.int(0)),
    s.forStmt(e, s.int(0), length, [step(numbers, one(s.eq(element(ve), element(ve))))]),
    s.letStmt(start, first ? s.isub(length, vnumbers) : s.int(0)),
    s.varStmt(at, vstart),
    s.varStmt(nan, first ? s.int(0) : vnumbers),
    s.forStmt(j, s.int(0), length, [
      s.letStmt(to, s.select(isNumber, vat, vnan)),
      ...put(vto, element(vj), vj),
      step(at, one(isNumber)),
      step(nan, one(s.unary("not", isNumber))),
    ]),
  ];
  return { body, low: vstart, high: first ? length : vnumbers };
}

/**
 * Stable merge sort of every row along an axis (Knuth, The Art of Computer Programming 3, 5.2.4), bottom up, between two
 * rows of scratch. NaNs are put to their end of the row first, so that numbers alone are compared.
 */
export function sortLoops(node: Node, axis: number, descending: boolean, fresh: (hint: string) => string): Stmt[] {
  const [{ dtype, shape }] = node.operands;
  const names = ["j", "from", "at"].map(fresh);
  const [j, from, at] = names;
  const [vj, vfrom, vat] = names.map(name => s.variable(name));
  const before = (p: Expr, q: Expr): Expr => (descending ? s.gt(p, q) : s.lt(p, q));
  return rowLoops(shape, axis, fresh, (place, length) => {
    const { body, low, high } = read(dtype, length, e => s.load("in$0", dtype, place(e)), descending, fresh);
    // NaNs stay in the first row.
    const moved = s.and(s.le(low, vj), s.lt(vj, high));
    return [
      ...body,
      s.varStmt(from, s.int(0)),
      ...merges({ dtype, length, low, high, before, fresh }, from),
      s.forStmt(j, s.int(0), length, [
        s.letStmt(at, s.iadd(vj, s.select(moved, vfrom, s.int(0)))),
        s.store("out$0", place(vj), valueAt(dtype, vat)),
        s.store("out$1", place(vj), positionAt(vat)),
      ]),
    ];
  });
}
