import type { Node } from "../graph/node.ts";
import { rowLoops } from "../kinds/rows.ts";
import * as s from "../loop/build.ts";
import type { Expr, Stmt } from "../loop/ir.ts";
import { type DType, isFloat } from "../shared/dtype.ts";

type Fresh = (hint: string) => string;

/** x comes strictly before y: larger, or NaN before a number. */
function before(x: Expr, y: Expr): Expr {
  const larger = s.gt(x, y);
  if (!isFloat(x.dtype)) return larger;
  return s.or(larger, s.and(s.ne(x, x), s.eq(y, y)));
}

/** The k elements that are held of one row, in the results. */
class Held {
  readonly dtype: DType;
  readonly k: number;
  readonly fresh: Fresh;
  private readonly slot: (p: Expr) => Expr;

  constructor(dtype: DType, k: number, slot: (p: Expr) => Expr, fresh: Fresh) {
    this.dtype = dtype;
    this.k = k;
    this.slot = slot;
    this.fresh = fresh;
  }

  value(p: Expr): Expr {
    return s.load("out$0", this.dtype, this.slot(p));
  }

  index(p: Expr): Expr {
    return s.load("out$1", "i32", this.slot(p));
  }

  put(p: Expr, value: Expr, index: Expr): Stmt[] {
    return [s.store("out$0", this.slot(p), value), s.store("out$1", this.slot(p), index)];
  }

  move(to: Expr, from: Expr): Stmt[] {
    return this.put(to, this.value(from), this.index(from));
  }
}

/**
 * Puts an element at the node of a heap of `end` elements whose children are heaps. The root is the element that comes
 * last: the smallest, of equal ones that with the highest index.
 */
function sift(held: Held, node: Expr, end: Expr, value: Expr, index: Expr): Stmt[] {
  const names = ["hole", "child", "pick"].map(held.fresh);
  const [hole, child, pick] = names;
  const [vhole, vchild, vpick] = names.map(name => s.variable(name));
  const later = (p: Expr, other: Expr, otherIndex: Expr): Expr =>
    s.or(
      before(other, held.value(p)),
      s.and(s.unary("not", before(held.value(p), other)), s.gt(held.index(p), otherIndex)),
    );
  const sibling = s.iadd(vchild, s.int(1));
  const right = s.guard(
    s.lt(sibling, end),
    later(sibling, held.value(vchild), held.index(vchild)),
    s.literal("bool", 0),
  );
  return [
    s.varStmt(hole, node),
    s.varStmt(child, s.iadd(s.imul(node, s.int(2)), s.int(1))),
    s.whileStmt(s.lt(vchild, end), [
      s.letStmt(pick, s.select(right, sibling, vchild)),
      s.ifStmt(
        later(vpick, value, index),
        [...held.move(vhole, vpick), s.assign(hole, vpick), s.assign(child, s.iadd(s.imul(vpick, s.int(2)), s.int(1)))],
        [s.assign(child, end)],
      ),
    ]),
    ...held.put(vhole, value, index),
  ];
}

function heap(held: Held, length: Expr, element: (j: Expr) => Expr): Stmt[] {
  const { k, dtype, fresh } = held;
  const names = ["f", "h", "j", "e", "x", "v", "n", "w", "m"].map(fresh);
  const [f, h, j, e, x, v, n, w, m] = names;
  const [vf, vh, vj, ve, , , vn, , vm] = names.map(name => s.variable(name));
  const [vx, vv, vw] = [x, v, w].map(name => s.variable(name, dtype));
  const node = s.isub(s.int(Math.trunc(k / 2) - 1), vh);
  const end = s.isub(s.int(k - 1), ve);
  return [
    s.forStmt(f, s.int(0), s.int(k), held.put(vf, element(vf), vf)),
    s.forStmt(h, s.int(0), s.int(Math.trunc(k / 2)), [
      s.letStmt(v, held.value(node)),
      s.letStmt(n, held.index(node)),
      ...sift(held, node, s.int(k), vv, vn),
    ]),
    s.forStmt(j, s.int(k), length, [
      s.letStmt(x, element(vj)),
      s.ifStmt(before(vx, held.value(s.int(0))), sift(held, s.int(0), s.int(k), vx, vj)),
    ]),
    // The root, which comes last of those that are left, changes places with the last of them.
    s.forStmt(e, s.int(0), s.int(k - 1), [
      s.letStmt(w, held.value(end)),
      s.letStmt(m, held.index(end)),
      ...held.move(end, s.int(0)),
      ...sift(held, s.int(0), end, vw, vm),
    ]),
  ];
}

/**
 * The k first elements of every row, kept in a heap that is sorted in the end (Williams, Algorithm 232, 1964):
 * O(n + k·log k·log(n/k)) on average, O(n·log k) at worst.
 */
export function topKLoops(node: Node, axis: number, k: number, fresh: Fresh): Stmt[] {
  const [{ dtype, shape }] = node.operands;
  return rowLoops(shape, axis, fresh, (place, length) =>
    heap(new Held(dtype, k, p => place(p, s.int(k)), fresh), length, j => s.load("in$0", dtype, place(j))),
  );
}
