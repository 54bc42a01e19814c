import type { BinaryFn, CompareFn, UnaryFn } from "../../src/loop/ir.ts";
import { type DType, isFloat } from "../../src/shared/dtype.ts";

/** What each operation of the loop IR means, one element at a time, written with JavaScript's own arithmetic. */

/** A number as an element of a dtype: rounded or wrapped. */
export function element(dtype: DType, value: number): number {
  switch (dtype) {
    case "f32":
      return Math.fround(value);
    case "f64":
      return value;
    case "i32":
      return value | 0;
    case "u32":
      return value >>> 0;
    case "bool":
      return value === 0 ? 0 : 1;
  }
}

/** ½ ≤ |mantissa| < 1 by halving and doubling, which are exact. */
function split(x: number): { mantissa: number; exponent: number } {
  if (x === 0 || !Number.isFinite(x)) return { mantissa: x, exponent: 0 };
  let [mantissa, exponent] = [x, 0];
  for (; Math.abs(mantissa) >= 1; exponent++) mantissa /= 2;
  for (; Math.abs(mantissa) < 0.5; exponent--) mantissa *= 2;
  return { mantissa, exponent };
}

function nearestEven(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const below = Math.floor(x);
  const rest = x - below;
  const rounded = rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

/** x·2ⁿ rounded once, by integers: the quotient of M·2^(e+n) and the last place of the result, ties to even. */
function scaleExactly(x: number, n: number, lastPlace: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const { mantissa, exponent } = split(Math.abs(x));
  const whole = BigInt(mantissa * 2 ** 53);
  const power = exponent - 53 + n;
  if (power > 2000) return Math.sign(x) * Number.POSITIVE_INFINITY;
  if (power < -3000) return Math.sign(x) * 0;
  if (power >= lastPlace) return Math.sign(x) * mulPower(Number(whole), power);
  const shift = BigInt(lastPlace - power);
  const quotient = whole >> shift;
  const rest = whole - (quotient << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (quotient & 1n) === 1n);
  return Math.sign(x) * mulPower(Number(quotient + (up ? 1n : 0n)), lastPlace);
}

/** m·2^p where the product needs no rounding, or is too large. */
function mulPower(m: number, p: number): number {
  let value = m;
  for (let i = 0; i < p; i++) value *= 2;
  for (let i = 0; i > p; i--) value /= 2;
  return value;
}

/** Of the number with these bits. */
const powerOfTwo = (n: number): number =>
  new Float64Array(new BigInt64Array([BigInt.asIntN(64, BigInt(n + 1023) << 52n)]).buffer)[0];

export const UNARY: Readonly<Record<UnaryFn, (dtype: DType, x: number) => number>> = {
  neg: (_, x) => -x,
  abs: (_, x) => Math.abs(x),
  sqrt: (_, x) => Math.sqrt(x),
  floor: (_, x) => Math.floor(x),
  ceil: (_, x) => Math.ceil(x),
  trunc: (_, x) => Math.trunc(x),
  nearest: (_, x) => nearestEven(x),
  not: (dtype, x) => (dtype === "bool" ? 1 - x : ~x),
  mantissa: (_, x) => split(x).mantissa,
  exponent: (_, x) => split(x).exponent,
  power2: (_, n) => powerOfTwo(n),
};

export const BINARY: Readonly<Record<BinaryFn, (dtype: DType, x: number, y: number) => number>> = {
  add: (_, x, y) => x + y,
  sub: (_, x, y) => x - y,
  mul: (dtype, x, y) => (isFloat(dtype) ? x * y : Math.imul(x, y)),
  div: (dtype, x, y) => (isFloat(dtype) ? x / y : y === 0 ? 0 : Math.trunc(x / y)),
  rem: (dtype, x, y) => (isFloat(dtype) || y !== 0 ? x % y : 0),
  min: (_, x, y) => Math.min(x, y),
  max: (_, x, y) => Math.max(x, y),
  and: (_, x, y) => x & y,
  or: (_, x, y) => x | y,
  xor: (_, x, y) => x ^ y,
  shl: (_, x, y) => x << y,
  shr: (dtype, x, y) => (dtype === "u32" ? x >>> y : x >> y),
  ldexp: (dtype, x, n) => scaleExactly(x, n, dtype === "f32" ? -149 : -1074),
};

export const COMPARE: Readonly<Record<CompareFn, (x: number, y: number) => boolean>> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
};

export function castElement(from: DType, to: DType, x: number): number {
  if (to === "bool") return x === 0 ? 0 : 1;
  if (!isFloat(from) || isFloat(to)) return element(to, x);
  if (Number.isNaN(x)) return 0;
  const [least, greatest] = to === "i32" ? [-2147483648, 2147483647] : [0, 4294967295];
  return Math.min(Math.max(Math.trunc(x), least), greatest) + 0;
}

/** On which dtypes an operation is defined. */
const FLOATS: readonly DType[] = ["f32", "f64"];
const INTS: readonly DType[] = ["i32", "u32"];
const NUMBERS: readonly DType[] = [...FLOATS, ...INTS];

export const UNARY_DTYPES: Readonly<Record<UnaryFn, readonly DType[]>> = {
  neg: NUMBERS,
  abs: NUMBERS,
  sqrt: FLOATS,
  floor: FLOATS,
  ceil: FLOATS,
  trunc: FLOATS,
  nearest: FLOATS,
  not: [...INTS, "bool"],
  mantissa: FLOATS,
  exponent: FLOATS,
  power2: ["i32"],
};

export const BINARY_DTYPES: Readonly<Record<BinaryFn, readonly DType[]>> = {
  add: NUMBERS,
  sub: NUMBERS,
  mul: NUMBERS,
  div: NUMBERS,
  rem: NUMBERS,
  min: NUMBERS,
  max: NUMBERS,
  and: [...INTS, "bool"],
  or: [...INTS, "bool"],
  xor: [...INTS, "bool"],
  shl: INTS,
  shr: INTS,
  ldexp: FLOATS,
};
