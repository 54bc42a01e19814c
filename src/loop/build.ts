import { type Dim, foldDim } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";
import { invariant } from "../shared/errors.ts";
import type { BinaryFn, CompareFn, Expr, Lanes, MemoryAccess, ScalarFunction, Stmt, UnaryFn } from "./ir.ts";

/** Builders of expressions. Integer arithmetic on constants is folded, so index expressions stay small. */

export type Literal = Extract<Expr, { op: "const" }>;

export const literal = (dtype: DType, value: number, lanes: Lanes = 1): Literal => ({
  op: "const",
  dtype,
  lanes,
  value,
});
/** An i32 constant (−0 is 0). */
export const int = (value: number): Expr => literal("i32", value + 0);
export const variable = (name: string, dtype: DType = "i32", lanes: Lanes = 1): Expr => ({
  op: "var",
  dtype,
  lanes,
  name,
});

export const isConst = (e: Expr): e is Literal => e.op === "const";
export const isValue = (e: Expr, value: number): boolean => e.op === "const" && Object.is(e.value, value);

/** The dtype of a unary operation. */
export const resultOf = (fn: UnaryFn, dtype: DType): DType =>
  fn === "exponent" ? "i32" : fn === "power2" ? "f64" : dtype;

export const unary = (fn: UnaryFn, x: Expr): Expr => ({
  op: "unary",
  fn,
  x,
  dtype: resultOf(fn, x.dtype),
  lanes: x.lanes,
});

export function binary(fn: BinaryFn, x: Expr, y: Expr): Expr {
  invariant(x.lanes === y.lanes, `${fn}: lanes differ`);
  invariant(fn === "ldexp" || x.dtype === y.dtype, `${fn}: ${x.dtype} against ${y.dtype}`);
  return { op: "binary", fn, x, y, dtype: x.dtype, lanes: x.lanes };
}

const COMPARE: Readonly<Record<CompareFn, (x: number, y: number) => boolean>> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
};

export function compare(fn: CompareFn, x: Expr, y: Expr): Expr {
  invariant(x.lanes === y.lanes && x.dtype === y.dtype, `${fn}: operands differ in type`);
  if (isConst(x) && isConst(y) && x.dtype === "i32" && x.lanes === 1) {
    return literal("bool", COMPARE[fn](x.value, y.value) ? 1 : 0);
  }
  return { op: "compare", fn, x, y, dtype: "bool", lanes: x.lanes };
}

export function select(condition: Expr, then: Expr, otherwise: Expr): Expr {
  if (isConst(condition)) return condition.value ? then : otherwise;
  return { op: "select", condition, then, otherwise, dtype: then.dtype, lanes: then.lanes };
}

/** Only the chosen arm is evaluated. */
export function guard(condition: Expr, then: Expr, otherwise: Expr): Expr {
  if (isConst(condition)) return condition.value ? then : otherwise;
  return { op: "guard", condition, then, otherwise, dtype: then.dtype, lanes: 1 };
}

export const cast = (dtype: DType, x: Expr): Expr => (x.dtype === dtype ? x : { op: "cast", x, dtype, lanes: x.lanes });
export const bitcast = (dtype: DType, x: Expr): Expr =>
  x.dtype === dtype ? x : { op: "bitcast", x, dtype, lanes: x.lanes };
export const fma = (x: Expr, y: Expr, z: Expr): Expr => ({ op: "fma", x, y, z, dtype: x.dtype, lanes: x.lanes });
export const call = (fn: ScalarFunction, ...args: Expr[]): Expr => ({
  op: "call",
  fn,
  args,
  dtype: fn.result.dtype,
  lanes: args[0].lanes,
});
/** Which lanes an access has where they are not all there, or not consecutive. */
export type AccessPattern = Pick<MemoryAccess, "stride" | "mask">;

/** Without a stride of 1 and a mask that is true. */
const pattern = ({ stride, mask }: AccessPattern): AccessPattern => ({
  ...(stride && !isValue(stride, 1) ? { stride } : {}),
  ...(mask && !isValue(mask, 1) ? { mask } : {}),
});

export const load = (
  buffer: string,
  dtype: DType,
  index: Expr,
  lanes: Lanes = 1,
  access: AccessPattern = {},
): Extract<Expr, { op: "load" }> => ({ op: "load", buffer, index, dtype, lanes, ...pattern(access) });
export const splat = (x: Expr, lanes: Lanes): Expr => (lanes === 1 ? x : { op: "splat", x, dtype: x.dtype, lanes });
export const ramp = (lanes: Lanes): Expr => ({ op: "ramp", dtype: "i32", lanes });
export const lane = (x: Expr, at: number): Expr => ({ op: "lane", x, lane: at, dtype: x.dtype, lanes: 1 });
export const shuffle = (x: Expr, y: Expr, order: readonly number[]): Expr => ({
  op: "shuffle",
  x,
  y,
  order,
  dtype: x.dtype,
  lanes: 4,
});
export const element = (array: string, dtype: DType, index: Expr, lanes: Lanes = 1): Expr => ({
  op: "element",
  array,
  index,
  dtype,
  lanes,
});

// Float and general arithmetic, by name.
export const add = (x: Expr, y: Expr): Expr => binary("add", x, y);
export const sub = (x: Expr, y: Expr): Expr => binary("sub", x, y);
export const mul = (x: Expr, y: Expr): Expr => binary("mul", x, y);
export const div = (x: Expr, y: Expr): Expr => binary("div", x, y);
export const min = (x: Expr, y: Expr): Expr => binary("min", x, y);
export const max = (x: Expr, y: Expr): Expr => binary("max", x, y);
export const and = (x: Expr, y: Expr): Expr => {
  if (x.dtype === "bool") {
    if (isConst(x)) return x.value ? y : x;
    if (isConst(y)) return y.value ? x : y;
  }
  return binary("and", x, y);
};
export const or = (x: Expr, y: Expr): Expr => binary("or", x, y);
export const neg = (x: Expr): Expr => unary("neg", x);
export const lt = (x: Expr, y: Expr): Expr => compare("lt", x, y);
export const le = (x: Expr, y: Expr): Expr => compare("le", x, y);
export const gt = (x: Expr, y: Expr): Expr => compare("gt", x, y);
export const ge = (x: Expr, y: Expr): Expr => compare("ge", x, y);
export const eq = (x: Expr, y: Expr): Expr => compare("eq", x, y);
export const ne = (x: Expr, y: Expr): Expr => compare("ne", x, y);

// Index arithmetic (i32, never negative unless said), folded.

export function iadd(x: Expr, y: Expr): Expr {
  if (isConst(x) && isConst(y)) return int(x.value + y.value);
  if (isValue(x, 0)) return y;
  if (isValue(y, 0)) return x;
  // Constants to the right, so that they meet: (a + 1) + 2 = a + 3.
  if (isConst(x)) return iadd(y, x);
  if (isConst(y) && x.op === "binary" && x.fn === "add" && isConst(x.y)) return iadd(x.x, int(x.y.value + y.value));
  const undone = undoSplit(x, y) ?? undoSplit(y, x);
  return undone ?? add(x, y);
}

/** (a / n)·n + a rem n = a */
function undoSplit(x: Expr, y: Expr): Expr | undefined {
  if (x.op !== "binary" || x.fn !== "mul" || y.op !== "binary" || y.fn !== "rem") return undefined;
  const quotient = x.x;
  if (quotient.op !== "binary" || quotient.fn !== "div") return undefined;
  const same = sameExpr(quotient.x, y.x) && sameExpr(quotient.y, x.y) && sameExpr(x.y, y.y);
  return same ? y.x : undefined;
}

export function isub(x: Expr, y: Expr): Expr {
  if (isConst(x) && isConst(y)) return int(x.value - y.value);
  if (isConst(y)) return iadd(x, int(-y.value));
  if (sameExpr(x, y)) return int(0);
  return sub(x, y);
}

export function imul(x: Expr, y: Expr): Expr {
  if (isConst(x) && isConst(y)) return int(x.value * y.value);
  if (isConst(x)) return imul(y, x);
  if (isValue(y, 0)) return y;
  if (isValue(y, 1)) return x;
  if (isConst(y) && x.op === "binary" && x.fn === "mul" && isConst(x.y)) return imul(x.x, int(x.y.value * y.value));
  return mul(x, y);
}

/** ⌊x / y⌋ for x ≥ 0, y > 0. */
export function idiv(x: Expr, y: Expr): Expr {
  if (isConst(x) && isConst(y)) return int(Math.trunc(x.value / y.value));
  if (isValue(y, 1) || isValue(x, 0)) return x;
  return binary("div", x, y);
}

/** x rem y for x ≥ 0, y > 0. */
export function irem(x: Expr, y: Expr): Expr {
  if (isConst(x) && isConst(y)) return int(x.value % y.value);
  if (isValue(y, 1) || isValue(x, 0)) return int(0);
  return binary("rem", x, y);
}

/** Structural equality. */
export function sameExpr(a: Expr, b: Expr): boolean {
  if (a === b) return true;
  if (a.op !== b.op || a.dtype !== b.dtype || a.lanes !== b.lanes) return false;
  switch (a.op) {
    case "const":
      return Object.is(a.value, (b as typeof a).value);
    case "var":
      return a.name === (b as typeof a).name;
    case "unary":
      return a.fn === (b as typeof a).fn && sameExpr(a.x, (b as typeof a).x);
    case "binary":
    case "compare":
      return a.fn === (b as typeof a).fn && sameExpr(a.x, (b as typeof a).x) && sameExpr(a.y, (b as typeof a).y);
    case "cast":
    case "bitcast":
    case "splat":
      return sameExpr(a.x, (b as typeof a).x);
    case "load": {
      const other = b as typeof a;
      return a.buffer === other.buffer && a.splat === other.splat && sameAccess(a, other);
    }
    case "select":
    case "guard": {
      const other = b as typeof a;
      return (
        sameExpr(a.condition, other.condition) && sameExpr(a.then, other.then) && sameExpr(a.otherwise, other.otherwise)
      );
    }
    case "fma": {
      const other = b as typeof a;
      return sameExpr(a.x, other.x) && sameExpr(a.y, other.y) && sameExpr(a.z, other.z);
    }
    case "call": {
      const other = b as typeof a;
      return a.fn === other.fn && a.args.every((x, i) => sameExpr(x, other.args[i]));
    }
    case "element":
      return a.array === (b as typeof a).array && sameExpr(a.index, (b as typeof a).index);
    case "ramp":
      return true;
    case "lane":
      return a.lane === (b as typeof a).lane && sameExpr(a.x, (b as typeof a).x);
    case "shuffle": {
      const other = b as typeof a;
      return a.order.join() === other.order.join() && sameExpr(a.x, other.x) && sameExpr(a.y, other.y);
    }
  }
}

/** Do two accesses of one buffer touch the same elements in the same lanes? */
export function sameAccess(a: MemoryAccess, b: MemoryAccess): boolean {
  const same = (x: Expr | undefined, y: Expr | undefined): boolean => (x && y ? sameExpr(x, y) : x === y);
  return sameExpr(a.index, b.index) && same(a.stride, b.stride) && same(a.mask, b.mask);
}

/** A dimension as an index expression; symbols become variables (extents) of their names. */
export const dimExpr = (d: Dim): Expr =>
  foldDim<Expr>(d, { constant: int, symbol: s => variable(s.name), add: iadd, mul: imul });

// Statements.

export interface LoopOptions {
  readonly step?: number;
  readonly unroll?: boolean;
  readonly parallel?: boolean;
  readonly grain?: number;
}

export const letStmt = (name: string, value: Expr): Extract<Stmt, { op: "let" }> => ({ op: "let", name, value });
export const varStmt = (name: string, value: Expr): Stmt => ({ op: "var", name, value });
export const assign = (name: string, value: Expr): Stmt => ({ op: "assign", name, value });
export const store = (
  buffer: string,
  index: Expr,
  value: Expr,
  access: AccessPattern = {},
): Extract<Stmt, { op: "store" }> => ({ op: "store", buffer, index, value, ...pattern(access) });
export const arrayStmt = (name: string, size: number, init: Expr): Stmt => ({ op: "array", name, size, init });
export const setElement = (array: string, index: Expr, value: Expr): Stmt => ({
  op: "setElement",
  array,
  index,
  value,
});
export const ifStmt = (condition: Expr, then: readonly Stmt[], otherwise?: readonly Stmt[]): Stmt => ({
  op: "if",
  condition,
  then,
  otherwise,
});
export const whileStmt = (condition: Expr, body: readonly Stmt[]): Stmt => ({ op: "while", condition, body });
export const forStmt = (
  name: string,
  from: Expr,
  to: Expr,
  body: readonly Stmt[],
  { step = 1, unroll, parallel, grain }: LoopOptions = {},
): Stmt => ({
  op: "for",
  name,
  from,
  to,
  step,
  body,
  ...(unroll ? { unroll } : {}),
  ...(parallel ? { parallel } : {}),
  ...(grain === undefined ? {} : { grain }),
});
export const barrier: Stmt = { op: "barrier" };
