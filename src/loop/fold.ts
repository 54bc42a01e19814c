import { isInt } from "../shared/dtype.ts";
import { and, guard, int, isConst, isValue, literal, load, or, select } from "./build.ts";
import type { Expr } from "./ir.ts";
import { binaryFn, compareFn } from "./numeric.ts";

/** Folds one node whose operands are folded: integer and bool arithmetic on constants; float arithmetic is left alone. */
export function fold(e: Expr): Expr {
  if (e.op === "load") return foldLoad(e);
  if (e.op === "binary" && isInt(e.dtype) && isConst(e.x) && isConst(e.y)) {
    return literal(e.dtype, binaryFn(e.fn, e.dtype)(e.x.value, e.y.value), e.lanes);
  }
  if (e.lanes !== 1) return e;
  switch (e.op) {
    case "binary":
      if (e.dtype === "i32") return foldInteger(e);
      if (e.dtype === "bool" && e.fn === "and") return and(e.x, e.y);
      if (e.dtype === "bool" && e.fn === "or" && (isConst(e.x) || isConst(e.y))) return foldOr(e.x, e.y);
      return e;
    case "compare":
      if (isConst(e.x) && isConst(e.y)) return literal("bool", compareFn(e.fn)(e.x.value, e.y.value));
      return e;
    case "unary":
      return e.fn === "not" && e.dtype === "bool" && isConst(e.x) ? literal("bool", e.x.value ? 0 : 1) : e;
    case "select":
      return isConst(e.condition) ? select(e.condition, e.then, e.otherwise) : e;
    case "guard":
      return isConst(e.condition) ? guard(e.condition, e.then, e.otherwise) : e;
    default:
      return e;
  }
}

/** A mask that is false everywhere leaves zeros; one that is true everywhere goes, as does a stride of 1. */
function foldLoad(e: Extract<Expr, { op: "load" }>): Expr {
  const { buffer, dtype, index, lanes, stride, mask, splat } = e;
  if (splat || !(stride || mask)) return e;
  return mask && isValue(mask, 0) ? literal(dtype, 0, lanes) : load(buffer, dtype, index, lanes, { stride, mask });
}

function foldOr(x: Expr, y: Expr): Expr {
  if (isConst(x)) return x.value ? x : y;
  if (isConst(y)) return y.value ? y : x;
  return or(x, y);
}

/** Laws that hold for numbers modulo 2³². */
function foldInteger(e: Extract<Expr, { op: "binary" }>): Expr {
  const { fn, x, y } = e;
  const inner =
    x.op === "binary" && x.fn === fn && isConst(x.y) && isConst(y) ? { left: x.x, c: x.y.value } : undefined;
  switch (fn) {
    case "add":
      if (isValue(x, 0)) return y;
      if (isValue(y, 0)) return x;
      // (a + c) + d = a + (c + d)
      if (inner && isConst(y)) return foldInteger({ ...e, x: inner.left, y: int((inner.c + y.value) | 0) });
      return isConst(x) ? foldInteger({ ...e, x: y, y: x }) : e;
    case "sub":
      return isValue(y, 0) ? x : e;
    case "mul":
      if (isValue(x, 0) || isValue(y, 1)) return x;
      if (isValue(y, 0) || isValue(x, 1)) return y;
      if (inner && isConst(y)) return foldInteger({ ...e, x: inner.left, y: int(Math.imul(inner.c, y.value)) });
      return isConst(x) ? foldInteger({ ...e, x: y, y: x }) : e;
    case "div":
      return isValue(y, 1) || isValue(x, 0) ? x : e;
    case "rem":
      return isValue(y, 1) || isValue(x, 0) ? int(0) : e;
    default:
      return e;
  }
}
