import * as s from "../loop/build.ts";
import type { Expr, Kernel } from "../loop/ir.ts";
import { mapExpr, mapStmts } from "../loop/substitute.ts";
import { isFloat } from "../shared/dtype.ts";

/**
 * Fast mode, vectors: fewer roundings and operations within one expression.
 *   x·y + z = fma(x, y, z)    c·x − z, z − c·x likewise, for a constant c or z    x·(1/y) = x/y
 * Values that have a name keep it: what several expressions read stays one number.
 */
export function fuseArithmetic(kernel: Kernel): Kernel {
  return { ...kernel, body: mapStmts(kernel.body, { expr: e => mapExpr(e, fuse) }) };
}

function fuse(e: Expr): Expr {
  if (e.op !== "binary" || e.lanes === 1 || !isFloat(e.dtype)) return e;
  const { fn, x, y } = e;
  if (fn === "add") return product(x, (a, b) => s.fma(a, b, y)) ?? product(y, (a, b) => s.fma(a, b, x)) ?? e;
  if (fn === "sub") {
    const less = negated(y);
    const fused = less && product(x, (a, b) => s.fma(a, b, less));
    return fused ?? product(y, (a, b) => scaled(a, b, x) ?? scaled(b, a, x)) ?? e;
  }
  if (fn === "mul") return quotient(x, y) ?? quotient(y, x) ?? e;
  return e;
}

function product<T>(e: Expr, use: (a: Expr, b: Expr) => T): T | undefined {
  return e.op === "binary" && e.fn === "mul" ? use(e.x, e.y) : undefined;
}

/** z − c·x */
function scaled(c: Expr, x: Expr, z: Expr): Expr | undefined {
  const factor = negated(c);
  return factor && s.fma(factor, x, z);
}

/** −c of a constant. */
function negated(c: Expr): Expr | undefined {
  if (c.op === "splat") {
    const value = negated(c.x);
    return value && s.splat(value, c.lanes);
  }
  return c.op === "const" ? { ...c, value: -c.value } : undefined;
}

const isOne = (e: Expr): boolean => s.isValue(e.op === "splat" ? e.x : e, 1);

function quotient(x: Expr, inverse: Expr): Expr | undefined {
  if (inverse.op !== "binary" || inverse.fn !== "div" || !isOne(inverse.x)) return undefined;
  return s.div(x, inverse.y);
}
