import { isConst, sameExpr } from "../../src/loop/build.ts";
import type { Expr, NumericMode, ScalarFunction } from "../../src/loop/ir.ts";
import { type DType, isInt } from "../../src/shared/dtype.ts";
import { InternalError, invariant, present } from "../../src/shared/errors.ts";
import { type Code, conditional, infix, invoke, LEVEL, number, prefix, primary, shortFloat, within } from "./code.ts";
import type { HelperName } from "./helpers.ts";
import type { Names } from "./names.ts";

/**
 * The condition of a choice. x < y ? y : x takes one of two numbers that are equal where they round to one f32, so that
 * they may be compared as they are.
 */
function question({ condition, then, otherwise }: Extract<Expr, { condition: Expr }>, scope: Scope): Code {
  const { op } = condition;
  const isExtremum = op === "compare" && sameExpr(condition.x, otherwise) && sameExpr(condition.y, then);
  if (!isExtremum) return value(condition, scope);
  return infix(COMPARE[condition.fn], value(condition.x, scope), value(condition.y, scope));
}

/** Views of the whole memory, by dtype, and how many bits a byte offset is shifted to give an element index. */
export const ARRAYS: Readonly<Record<DType, { readonly name: string; readonly type: string; readonly shift: number }>> =
  {
    f32: { name: "F", type: "Float32Array", shift: 2 },
    f64: { name: "D", type: "Float64Array", shift: 3 },
    i32: { name: "I", type: "Int32Array", shift: 2 },
    u32: { name: "U", type: "Uint32Array", shift: 2 },
    bool: { name: "B", type: "Uint8Array", shift: 0 },
  };

/** What the text of a program refers to besides its locals. */
export interface Shared {
  readonly mode: NumericMode;
  helper(name: HelperName): string;
  array(dtype: DType): string;
  /** The name of the JavaScript function for a scalar function. */
  scalarFunction(fn: ScalarFunction): string;
}

export interface Scope {
  readonly shared: Shared;
  readonly names: Names;
}

/**
 * The value of a lane-1 expression. Representation: f32 and f64 as numbers (f32 rounded after every operation in
 * reproducible mode; in fast mode by stores alone), i32 and u32 as numbers in their range, bool as true, false, 1 or 0.
 */
export function value(e: Expr, scope: Scope): Code {
  invariant(e.lanes === 1, "the JavaScript backend has no vectors");
  const { shared } = scope;
  switch (e.op) {
    case "const":
      return constant(e.dtype, e.value, shared.mode);
    case "var":
      return primary(scope.names.of(e.name));
    case "unary":
      return unary(e, scope);
    case "binary":
      return binary(e, scope);
    case "compare":
      return infix(COMPARE[e.fn], compared(e.x, e, scope), compared(e.y, e, scope));
    case "select":
    case "guard":
      return conditional(question(e, scope), value(e.then, scope), value(e.otherwise, scope));
    case "cast":
      return cast(e.dtype, e.x, scope);
    case "bitcast":
      // Storing into the shared view wraps.
      return bitcast(
        e.dtype,
        e.x.dtype,
        e.dtype === "f32" && isInt(e.x.dtype) ? modular(e.x, scope, 0).code : value(e.x, scope),
        shared,
      );
    case "fma":
      return round(
        e.dtype,
        infix("+", round(e.dtype, infix("*", value(e.x, scope), value(e.y, scope)), shared), value(e.z, scope)),
        shared,
      );
    case "call": {
      const args = e.args.map(a => value(a, scope));
      const host = shared.mode === "fast" ? e.fn.host : undefined;
      return invoke(host === undefined ? shared.scalarFunction(e.fn) : `Math.${host}`, ...args);
    }
    case "load": {
      const element = primary(`${shared.array(e.dtype)}[${place(e.buffer, e.index, scope)}]`);
      return e.mask ? conditional(value(e.mask, scope), element, primary("0")) : element;
    }
    case "element":
      throw new InternalError("register arrays must have been unrolled");
    case "ramp":
    case "shuffle":
      throw new InternalError("the JavaScript backend has no vectors");
    case "splat":
    case "lane":
      return value(e.x, scope);
  }
}

const COMPARE = { eq: "==", ne: "!=", lt: "<", le: "<=", gt: ">", ge: ">=" } as const;

/**
 * One side of a comparison. What was stored and what is not stored yet are compared as f32 (the largest element of a row
 * with the row), or a value would differ from itself; against a constant only equality can tell.
 */
function compared(e: Expr, { fn, x, y }: Extract<Expr, { op: "compare" }>, scope: Scope): Code {
  const { shared } = scope;
  if (e.dtype !== "f32" || shared.mode !== "fast") return value(e, scope);
  if (isConst(e)) return number(Math.fround(e.value));
  const ordered = fn !== "eq" && fn !== "ne";
  const itself = x.op === "var" && y.op === "var" && x.name === y.name;
  if (e.op === "load" || itself || (ordered && (isConst(x) || isConst(y)))) return value(e, scope);
  return invoke(shared.helper("Rd"), value(e, scope));
}

/** Element index in the memory: the buffer's place plus the index. */
export function place(buffer: string, at: Expr, scope: Scope): string {
  const base = primary(scope.names.of(buffer));
  if (at.op === "const" && at.value === 0) return base.text;
  return sum(base, index(at, scope)).text;
}

/** x + y where the order of additions does not matter. */
const sum = (x: Code, y: Code): Code => ({ text: `${within(x, LEVEL.add)}+${within(y, LEVEL.add)}`, level: LEVEL.add });

/**
 * An i32 expression where its value is a place or a count. A wrapped one would be out of bounds on any backend, and
 * sums and products of this size are exact as doubles, so that + and * need no `|0`.
 */
export function index(e: Expr, scope: Scope): Code {
  if (e.op === "binary" && e.dtype === "i32" && isSmall(e)) {
    if (e.fn === "add" && isConst(e.y) && e.y.value < 0) return infix("-", index(e.x, scope), number(-e.y.value));
    if (e.fn === "add" && isConst(e.y) && e.y.value === 0) return index(e.x, scope);
    if (e.fn === "add") return sum(index(e.x, scope), index(e.y, scope));
    const operator = INDEX_OPERATOR[e.fn];
    if (operator) return infix(operator, index(e.x, scope), index(e.y, scope));
    if (e.fn === "min" || e.fn === "max") return invoke(`Math.${e.fn}`, index(e.x, scope), index(e.y, scope));
    if (e.fn === "div" || e.fn === "rem") {
      const quotient = infix(e.fn === "div" ? "/" : "%", index(e.x, scope), index(e.y, scope));
      return infix("|", quotient, primary("0"));
    }
  }
  return value(e, scope);
}

const INDEX_OPERATOR: Readonly<Record<string, string | undefined>> = { add: "+", sub: "-", mul: "*" };

/** Made of counters, constants and clamped values alone. */
function isSmall(e: Expr): boolean {
  if (e.dtype !== "i32") return false;
  if (e.op === "var" || e.op === "const") return true;
  if (e.op !== "binary") return false;
  if (e.fn === "min" || e.fn === "max") return true;
  return (e.fn in INDEX_OPERATOR || e.fn === "div" || e.fn === "rem") && isSmall(e.x) && isSmall(e.y);
}

function constant(dtype: DType, n: number, mode: NumericMode): Code {
  if (dtype !== "f32") return number(dtype === "bool" ? (n ? 1 : 0) : n);
  return mode === "fast" ? shortFloat(n) : number(Math.fround(n));
}

/** Rounds to f32 where the mode asks for it. */
function round(dtype: DType, code: Code, shared: Shared): Code {
  return dtype === "f32" && shared.mode === "reproducible" ? invoke(shared.helper("Rd"), code) : code;
}

/** Wraps to the range of an integer dtype. */
function wrap(dtype: DType, code: Code): Code {
  return dtype === "u32" ? infix(">>>", code, primary("0")) : infix("|", code, primary("0"));
}

function unary(e: Extract<Expr, { op: "unary" }>, scope: Scope): Code {
  const { shared } = scope;
  if (isInt(e.dtype) && (e.fn === "neg" || e.fn === "not")) return integer(e, scope);
  const x = value(e.x, scope);
  switch (e.fn) {
    case "neg":
      return prefix("-", x);
    case "not":
      return prefix("!", x);
    case "abs":
      if (e.dtype === "u32") return x;
      return isInt(e.dtype) ? wrap(e.dtype, invoke("Math.abs", x)) : invoke("Math.abs", x);
    case "sqrt":
      return round(e.dtype, invoke("Math.sqrt", x), shared);
    case "floor":
    case "ceil":
    case "trunc":
      return invoke(`Math.${e.fn}`, x);
    case "nearest":
      return invoke(shared.helper("Nr"), x);
    case "mantissa":
      return invoke(shared.helper("Mx"), x);
    case "exponent":
      return invoke(shared.helper("Ex"), x);
    case "power2":
      return invoke(shared.helper("Px"), x);
  }
}

function integer(e: Expr, scope: Scope): Code {
  const { code, range } = modular(e, scope, 0);
  return range === e.dtype ? code : wrap(e.dtype, code);
}

/** An integer equal to the value modulo 2^32, and the dtype in whose range it is for certain. */
interface Modular {
  readonly code: Code;
  readonly range: DType | undefined;
}

/** Sums this deep stay below 2^53. */
const DEEPEST_SUM = 20;

/**
 * An i32 or u32 expression without wrapping what its user wraps in any case: bit operations and Math.imul do, and sums
 * are exact as doubles.
 */
function modular(e: Expr, scope: Scope, depth: number): Modular {
  if (e.op === "unary" && (e.fn === "neg" || e.fn === "not")) {
    const x = modular(e.x, scope, depth + 1).code;
    if (e.fn === "not") return { code: prefix("~", x), range: "i32" };
    if (depth < DEEPEST_SUM) return { code: prefix("-", x), range: undefined };
  }
  if (e.op === "cast" && isInt(e.x.dtype)) return modular(e.x, scope, depth);
  if (e.op === "binary" && e.fn !== "min" && e.fn !== "max") {
    const { fn } = e;
    // Quotients and shifted counts need their operands as they are.
    const exact = fn === "div" || fn === "rem";
    const inner = fn === "add" || fn === "sub" ? depth + 1 : 0;
    const x = exact ? value(e.x, scope) : modular(e.x, scope, inner).code;
    if (fn === "mul") return { code: invoke("Math.imul", x, modular(e.y, scope, 0).code), range: "i32" };
    if (fn === "shr") {
      return { code: infix(e.dtype === "u32" ? ">>>" : ">>", x, modular(e.y, scope, 0).code), range: e.dtype };
    }
    if (e.y.op === "const" && inner > 0) {
      const constant = fn === "add" ? e.y.value : -e.y.value;
      const code = constant === 0 ? x : infix(constant < 0 ? "-" : "+", x, number(Math.abs(constant)));
      return depth < DEEPEST_SUM ? { code, range: undefined } : { code: wrap(e.dtype, code), range: e.dtype };
    }
    const y = exact ? value(e.y, scope) : modular(e.y, scope, inner).code;
    const bits = BITS[fn];
    if (bits) return { code: infix(bits, x, y), range: "i32" };
    // Division by zero gives ±∞ or NaN, which wrap to 0.
    const code = infix(present(ARITHMETIC[fn], `${fn} of ${e.dtype}`), x, y);
    return inner > 0 && depth < DEEPEST_SUM
      ? { code, range: undefined }
      : { code: wrap(e.dtype, code), range: e.dtype };
  }
  return { code: value(e, scope), range: e.dtype };
}

const ARITHMETIC: Readonly<Record<string, string | undefined>> = { add: "+", sub: "-", mul: "*", div: "/", rem: "%" };
const BITS: Readonly<Record<string, string | undefined>> = { and: "&", or: "|", xor: "^", shl: "<<" };

function binary(e: Extract<Expr, { op: "binary" }>, scope: Scope): Code {
  const { shared } = scope;
  if (isInt(e.dtype) && e.fn !== "min" && e.fn !== "max") return integer(e, scope);
  const x = value(e.x, scope);
  const y = value(e.y, scope);
  if (e.fn === "ldexp") return round(e.dtype, invoke(shared.helper("Lx"), x, y), shared);
  if (e.fn === "min" || e.fn === "max") return invoke(`Math.${e.fn}`, x, y);
  if (e.dtype === "bool") {
    if (e.fn === "and") return infix("&&", x, y);
    if (e.fn === "or") return infix("||", x, y);
    if (e.fn === "xor") return infix("^", x, y);
  } else {
    const operator = ARITHMETIC[e.fn];
    // The remainder of two f32 is an f32.
    if (operator) return e.fn === "rem" ? infix("%", x, y) : round(e.dtype, infix(operator, x, y), shared);
  }
  throw new InternalError(`${e.fn} of ${e.dtype}`);
}

function cast(to: DType, from: Expr, scope: Scope): Code {
  const { shared } = scope;
  if (isInt(to) && isInt(from.dtype)) return wrap(to, modular(from, scope, 0).code);
  const x = value(from, scope);
  if (to === from.dtype) return x;
  if (to === "bool") return infix("!=", x, primary("0"));
  if (from.dtype === "bool") return toNumber(from, x);
  const floating = from.dtype === "f32" || from.dtype === "f64";
  if (to === "i32") return floating ? invoke(shared.helper("Ci"), x) : wrap("i32", x);
  if (to === "u32") return floating ? invoke(shared.helper("Cu"), x) : wrap("u32", x);
  // Where the user asks for f32, it is rounded in both modes; integers are intermediates like any other.
  return to === "f32" && (from.dtype === "f64" || shared.mode === "reproducible") ? invoke(shared.helper("Rd"), x) : x;
}

/** A bool as 1 or 0: what a byte array stores fastest. */
export function toNumber(e: Expr, code: Code): Code {
  return e.op === "load" || e.op === "const" ? code : prefix("+", code);
}

function bitcast(to: DType, from: DType, x: Code, shared: Shared): Code {
  if (to === from) return x;
  if (to === "f32") return invoke(shared.helper("If"), x);
  if (from === "f32") {
    const bits = invoke(shared.helper("Fi"), x);
    return to === "u32" ? wrap("u32", bits) : bits;
  }
  return wrap(to, x);
}

/** An expression as a condition or argument, without the parentheses that a wider context would need. */
export const text = (code: Code): string => within(code, LEVEL.conditional);
