import { clampExpr } from "../kinds/indexed.ts";
import * as s from "../loop/build.ts";
import type { Expr, Stmt } from "../loop/ir.ts";
import { type Dim, dimMin } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";

/** From so many elements on, slices are shared out by their elements, else by positions. */
const WIDE = 64;
/** Elements of a slice go to threads in pieces of so many: a line of the cache. */
const LINE = 16;
/** More than any range: a loop with this step takes the part that it is given in one round. */
const ALL = 2 ** 30;

/** Updates [outer, count, inner] that go to positions of a result [outer, length, inner]. */
export interface Scatter {
  readonly outer: Dim;
  readonly length: Dim;
  readonly inner: Dim;
  readonly count: Dim;
  /** Whether there is an index for every element; else there is one for every k. */
  readonly perElement: boolean;
  /** What stands at an index of the result at first. */
  start(index: Expr): Stmt;
  /** Update k, which lies at `from`, reaches the index `to` of the result. */
  reach(to: Expr, from: Expr, k: Expr): readonly Stmt[];
}

/**
 * Every part of the result has one owner, who reads all positions and takes what comes to it: either to its elements i
 * of all slices, or to all elements of its positions. So updates reach a position in the order of k, whoever does it.
 */
export function scatterLoops(scatter: Scatter, fresh: (hint: string) => string): Stmt[] {
  const wide = dimMin(scatter.inner) >= WIDE;
  const names = ["o", "k", "i", "end", "first", "position", "to", "z", "e"].map(fresh);
  const [o, k, i, end, first, position, to, z, e] = names;
  const [, vk, , vend, vfirst, vposition, vto, vz, ve] = names.map(name => s.variable(name));
  const [vo, vi] = [scatter.outer === 1 ? s.int(0) : s.variable(o), scatter.inner === 1 ? s.int(0) : s.variable(i)];
  const [length, inner, count] = [scatter.length, scatter.inner, scatter.count].map(s.dimExpr);
  const row = s.imul(vo, s.imul(length, inner));
  const slice = s.iadd(s.imul(vo, count), vk);

  const [from, below] = wide ? [vfirst, vend] : [s.int(0), inner];
  const find = s.letStmt(
    position,
    clampExpr(s.load("in$0", "i32", scatter.perElement ? s.iadd(s.imul(slice, inner), vi) : vk), length),
  );
  const reach = [
    s.letStmt(to, s.iadd(s.iadd(row, s.imul(vposition, inner)), vi)),
    ...scatter.reach(vto, s.iadd(s.imul(slice, inner), vi), vk),
  ];
  const owned = s.and(s.le(vfirst, vposition), s.lt(vposition, vend));
  const take = (body: Stmt[]): Stmt[] => (wide ? body : [s.ifStmt(owned, body)]);
  const along = (body: Stmt[]): Stmt[] => (scatter.inner === 1 ? body : [s.forStmt(i, from, below, body)]);
  const updates = scatter.perElement ? along([find, ...take(reach)]) : [find, ...take(along(reach))];
  const start = wide
    ? s.forStmt(z, s.int(0), length, [
        s.forStmt(e, vfirst, vend, [scatter.start(s.iadd(s.iadd(row, s.imul(vz, inner)), ve))]),
      ])
    : s.forStmt(z, s.imul(vfirst, inner), s.imul(vend, inner), [scatter.start(s.iadd(row, vz))]);
  const part = s.forStmt(first, s.int(0), vend, [start, s.forStmt(k, s.int(0), count, updates)], {
    step: ALL,
    parallel: true,
    grain: wide ? LINE : 1,
  });
  const parts =
    scatter.outer === 1 ? part : s.forStmt(o, s.int(0), s.dimExpr(scatter.outer), [part], { parallel: true });
  return [s.letStmt(end, wide ? inner : length), parts];
}

/** Sums of what reaches a position, in the order of k. */
export const addLoops = (
  dtype: DType,
  sizes: Omit<Scatter, "start" | "reach">,
  fresh: (hint: string) => string,
): Stmt[] =>
  scatterLoops(
    {
      ...sizes,
      start: index => s.store("out$0", index, s.literal(dtype, 0)),
      reach: (to, from) => [s.store("out$0", to, s.add(s.load("out$0", dtype, to), s.load("in$1", dtype, from)))],
    },
    fresh,
  );
