import { clampExpr } from "../kinds/indexed.ts";
import * as s from "../loop/build.ts";
import type { Expr, Stmt } from "../loop/ir.ts";
import type { Dim } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";

/** out[o, position, i] += updates[o, k, i], in the order of k: owner of a row is its outer index. */
export function scatterLoops(
  updates: { readonly dtype: DType },
  out: { readonly outer: Dim; readonly length: Dim; readonly inner: Dim },
  count: Dim,
  positionOf: (o: Expr, k: Expr, i: Expr) => Expr,
  fresh: (hint: string) => string,
): Stmt[] {
  const [o, k, i, z, to] = ["o", "k", "i", "z", "to"].map(fresh);
  const inner = s.dimExpr(out.inner);
  const length = s.dimExpr(out.length);
  const [vo, vk, vi, vz, vto] = [o, k, i, z, to].map(name => s.variable(name));
  const position = clampExpr(s.load("in$0", "i32", positionOf(vo, vk, vi)), length);
  const update = s.load("in$1", updates.dtype, s.iadd(s.imul(s.iadd(s.imul(vo, s.dimExpr(count)), vk), inner), vi));
  return [
    s.forStmt(o, s.int(0), s.dimExpr(out.outer), [
      s.forStmt(z, s.int(0), s.imul(length, inner), [
        s.store("out$0", s.iadd(s.imul(vo, s.imul(length, inner)), vz), s.literal(updates.dtype, 0)),
      ]),
      s.forStmt(k, s.int(0), s.dimExpr(count), [
        s.forStmt(i, s.int(0), inner, [
          s.letStmt(to, s.iadd(s.imul(s.iadd(s.imul(vo, length), position), inner), vi)),
          s.store("out$0", vto, s.add(s.load("out$0", updates.dtype, vto), update)),
        ]),
      ]),
    ]),
  ];
}
