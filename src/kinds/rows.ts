import * as s from "../loop/build.ts";
import type { Expr, Stmt } from "../loop/ir.ts";
import type { Shape } from "../shared/shape.ts";
import { splitAtAxis, splitNumbers } from "./linear-helpers.ts";

/** Where element j of a row lies, in a tensor that has `size` elements along the axis (default: as many as the row). */
type Place<E> = (j: E, size?: E) => E;

/** Loops over all rows along an axis. Rows share nothing, so that threads may share them out. */
export function rowLoops(
  shape: Shape,
  axis: number,
  fresh: (hint: string) => string,
  row: (place: Place<Expr>, length: Expr) => readonly Stmt[],
): Stmt[] {
  const split = splitAtAxis(shape, axis);
  const [length, inner] = [s.dimExpr(split.length), s.dimExpr(split.inner)];
  const [o, i] = ["o", "i"].map(fresh);
  const place: Place<Expr> = (j, size = length) =>
    s.iadd(s.imul(s.iadd(s.imul(s.variable(o), size), j), inner), s.variable(i));
  const rows = s.forStmt(i, s.int(0), inner, row(place, length), { parallel: true });
  return [s.forStmt(o, s.int(0), s.dimExpr(split.outer), [rows], { parallel: true })];
}

/** The same in plain numbers. */
export function forEachRow(
  shape: readonly number[],
  axis: number,
  visit: (place: Place<number>, length: number) => void,
): void {
  const { outer, length, inner } = splitNumbers(shape, axis);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) visit((j, size = length) => (o * size + j) * inner + i, length);
  }
}
