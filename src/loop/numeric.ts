import type { DType } from "../shared/dtype.ts";
import { InternalError } from "../shared/errors.ts";
import type { BinaryFn, CompareFn, UnaryFn } from "./ir.ts";

/**
 * What the operations of the loop IR mean on one lane: the definition that backends are tested against. f32 values are
 * JavaScript numbers that f32 can hold, integers are in the range of their dtype, bools are 0 or 1.
 */

const scratch = new DataView(new ArrayBuffer(8));

/** Rounds or wraps the result of an operation into the dtype. */
export function narrow(dtype: DType): (x: number) => number {
  switch (dtype) {
    case "f32":
      return Math.fround;
    case "f64":
      return x => x;
    case "i32":
      return x => x | 0;
    case "u32":
      return x => x >>> 0;
    case "bool":
      return x => (x ? 1 : 0);
  }
}

/** To an integer, ties to even; keeps −0. */
export function nearest(x: number): number {
  const down = Math.floor(x);
  const fraction = x - down;
  if (fraction < 0.5) return x === down ? x : sameSign(down, x);
  if (fraction > 0.5) return sameSign(down + 1, x);
  if (Number.isNaN(fraction)) return x;
  return sameSign(down % 2 === 0 ? down : down + 1, x);
}

const sameSign = (y: number, x: number): number => (y === 0 && (x < 0 || Object.is(x, -0)) ? -0 : y);

/** e with x = m·2^e, ½ ≤ |m| < 1; 0 for 0, ∞ and NaN. */
export function exponent(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return 0;
  const denormal = Math.abs(x) < 2 ** -1022;
  scratch.setFloat64(0, denormal ? x * 2 ** 54 : x);
  return ((scratch.getUint16(0) >> 4) & 0x7ff) - 1022 - (denormal ? 54 : 0);
}

/** The f64 with the exponent field n + 1023, as far as there is room, and no mantissa. */
export function power2(n: number): number {
  scratch.setUint32(0, (n + 1023) << 20);
  scratch.setUint32(4, 0);
  return scratch.getFloat64(0);
}

export const mantissa = (x: number): number => ldexp(x, -exponent(x));

/** x·2ⁿ as an f64, rounded once: through a number with 53 spare bits where the result is denormal. */
export function ldexp(x: number, n: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const e = exponent(x);
  // x·2^−e is in [½, 1), so that the first factor cannot round and the second rounds at most once.
  const m = e > 0 ? x * 2 ** -1 * 2 ** (1 - e) : x * 2 ** Math.min(-e, 1000) * 2 ** Math.max(-e - 1000, 0);
  const target = Math.max(-2200, Math.min(1100, e + n));
  if (target > 1023) return m * 2 ** 1023 * 2 ** (target - 1023);
  return target < -1021 ? m * 2 ** -1021 * 2 ** Math.max(target + 1021, -1074) : m * 2 ** target;
}

/** f32: the f64 result is exact unless it is far below f32's denormals, so that rounding it is rounding once. */
const ldexp32 = (x: number, n: number): number => Math.fround(ldexp(x, n));

/** Float to integer: truncates, saturates; NaN is 0. */
export const saturate = (x: number, low: number, high: number): number =>
  Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high)) + 0;

export function unaryFn(fn: UnaryFn, dtype: DType): (x: number) => number {
  const rounded = narrow(dtype);
  switch (fn) {
    case "neg":
      return dtype === "i32" || dtype === "u32" ? x => rounded(-x) : x => -x;
    case "abs":
      return x => rounded(Math.abs(x));
    case "sqrt":
      return x => rounded(Math.sqrt(x));
    case "floor":
      return Math.floor;
    case "ceil":
      return Math.ceil;
    case "trunc":
      return Math.trunc;
    case "nearest":
      return nearest;
    case "not":
      return dtype === "bool" ? x => (x ? 0 : 1) : x => rounded(~x);
    case "mantissa":
      return mantissa;
    case "exponent":
      return exponent;
    case "power2":
      return power2;
  }
}

const FLOAT: Partial<Record<BinaryFn, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  rem: (x, y) => x % y,
  min: Math.min,
  max: Math.max,
};

const INTEGER: Partial<Record<BinaryFn, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: Math.imul,
  div: (x, y) => (y === 0 ? 0 : Math.trunc(x / y)),
  rem: (x, y) => (y === 0 ? 0 : x % y),
  min: Math.min,
  max: Math.max,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y) => x << y,
};

const LOGIC: Partial<Record<BinaryFn, (x: number, y: number) => number>> = {
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
};

export function binaryFn(fn: BinaryFn, dtype: DType): (x: number, y: number) => number {
  if (dtype === "f32" && fn === "ldexp") return ldexp32;
  if (dtype === "f64" && fn === "ldexp") return ldexp;
  if (dtype === "i32" && fn === "shr") return (x, y) => x >> y;
  if (dtype === "u32" && fn === "shr") return (x, y) => x >>> y;
  const raw = (dtype === "bool" ? LOGIC : dtype === "f32" || dtype === "f64" ? FLOAT : INTEGER)[fn];
  if (!raw) throw new InternalError(`loop IR: ${fn} is not defined for ${dtype}`);
  if (dtype === "f64" || dtype === "bool") return raw;
  const rounded = narrow(dtype);
  return (x, y) => rounded(raw(x, y));
}

export function compareFn(fn: CompareFn): (x: number, y: number) => number {
  switch (fn) {
    case "eq":
      return (x, y) => (x === y ? 1 : 0);
    case "ne":
      return (x, y) => (x !== y ? 1 : 0);
    case "lt":
      return (x, y) => (x < y ? 1 : 0);
    case "le":
      return (x, y) => (x <= y ? 1 : 0);
    case "gt":
      return (x, y) => (x > y ? 1 : 0);
    case "ge":
      return (x, y) => (x >= y ? 1 : 0);
  }
}

export function castFn(from: DType, to: DType): (x: number) => number {
  if (to === "bool") return x => (x !== 0 ? 1 : 0);
  const floating = from === "f32" || from === "f64";
  if (floating && to === "i32") return x => saturate(x, -(2 ** 31), 2 ** 31 - 1);
  if (floating && to === "u32") return x => saturate(x, 0, 2 ** 32 - 1);
  return narrow(to);
}

export function bitcastFn(from: DType, to: DType): (x: number) => number {
  const floating = from === "f32" || to === "f32";
  if (!floating) return narrow(to);
  if (to === "f32") {
    return x => {
      scratch.setInt32(0, x);
      return scratch.getFloat32(0);
    };
  }
  return x => {
    scratch.setFloat32(0, x);
    return to === "u32" ? scratch.getUint32(0) : scratch.getInt32(0);
  };
}
