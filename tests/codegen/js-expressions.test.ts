import { describe, expect, test } from "vitest";
import {
  binary,
  bitcast,
  call,
  cast,
  compare,
  fma,
  guard,
  literal,
  resultOf,
  select,
  unary,
} from "../../src/loop/build.ts";
import { SCALAR_FUNCTIONS } from "../../src/loop/functions/index.ts";
import type { BinaryFn, CompareFn, Expr, UnaryFn } from "../../src/loop/ir.ts";
import { allocate, DTYPES, type DType } from "../../src/shared/dtype.ts";
import { bits, elementwise, product, randomNumbers, runBoth, valuesOf } from "./js-support.ts";

interface Form {
  readonly what: string;
  readonly dtypes: readonly DType[];
  readonly make: (...operands: Expr[]) => Expr;
}

const F: readonly DType[] = ["f32", "f64"];
const I: readonly DType[] = ["i32", "u32"];
const B: readonly DType[] = ["bool"];

const UNARY: Readonly<Record<UnaryFn, readonly DType[]>> = {
  neg: [...F, ...I],
  abs: [...F, ...I],
  sqrt: F,
  floor: F,
  ceil: F,
  trunc: F,
  nearest: F,
  not: [...B, ...I],
  mantissa: F,
  exponent: F,
  power2: ["i32"],
};

const BINARY: Readonly<Record<BinaryFn, readonly DType[]>> = {
  add: [...F, ...I],
  sub: [...F, ...I],
  mul: [...F, ...I],
  div: [...F, ...I],
  rem: [...F, ...I],
  min: [...F, ...I],
  max: [...F, ...I],
  and: [...B, ...I],
  or: [...B, ...I],
  xor: [...B, ...I],
  shl: I,
  shr: I,
  ldexp: F,
};

const COMPARE: readonly CompareFn[] = ["eq", "ne", "lt", "le", "gt", "ge"];
const BITCASTS: readonly (readonly [DType, DType])[] = [
  ["f32", "i32"],
  ["f32", "u32"],
  ["i32", "f32"],
  ["u32", "f32"],
  ["i32", "u32"],
  ["u32", "i32"],
];

const FORMS: readonly Form[] = [
  ...Object.entries(UNARY).flatMap(([fn, dtypes]) =>
    dtypes.map((d): Form => ({ what: `${fn} ${d}`, dtypes: [d], make: x => unary(fn as UnaryFn, x) })),
  ),
  ...Object.entries(BINARY).flatMap(([fn, dtypes]) =>
    dtypes.map(
      (d): Form => ({
        what: `${fn} ${d}`,
        dtypes: [d, fn === "ldexp" ? "i32" : d],
        make: (x, y) => binary(fn as BinaryFn, x, y),
      }),
    ),
  ),
  ...COMPARE.flatMap(fn =>
    DTYPES.map((d): Form => ({ what: `${fn} ${d}`, dtypes: [d, d], make: (x, y) => compare(fn, x, y) })),
  ),
  ...DTYPES.flatMap(from =>
    DTYPES.map((to): Form => ({ what: `cast ${from} to ${to}`, dtypes: [from], make: x => cast(to, x) })),
  ),
  ...BITCASTS.map(
    ([from, to]): Form => ({ what: `bitcast ${from} to ${to}`, dtypes: [from], make: x => bitcast(to, x) }),
  ),
  ...F.map((d): Form => ({ what: `fma ${d}`, dtypes: [d, d, d], make: fma })),
  ...DTYPES.map((d): Form => ({ what: `select ${d}`, dtypes: ["bool", d, d], make: select })),
  ...DTYPES.map((d): Form => ({ what: `guard ${d}`, dtypes: ["bool", d, d], make: guard })),
  ...Object.values(SCALAR_FUNCTIONS).map(
    (fn): Form => ({ what: fn.name, dtypes: fn.params.map(p => p.dtype), make: (...args) => call(fn, ...args) }),
  ),
];

describe("reproducible: bit for bit what the interpreter computes", () => {
  test.each(FORMS)("$what", ({ dtypes, make }) => {
    const random = randomNumbers(1);
    // All triples of all values would be many.
    const columns = dtypes.map((d, k) => valuesOf(d, random).filter((_, i) => k < 2 || i % 3 === 0));
    const inputs = product(columns, dtypes);
    const kernel = elementwise(dtypes, make);
    const arrays = [...inputs, allocate(kernel.buffers[dtypes.length].dtype, inputs[0].length)];
    const { js, interpret } = runBoth(kernel, arrays, [inputs[0].length]);
    const [got, want] = [bits(js[dtypes.length]), bits(interpret[dtypes.length])];
    const wrong = got.findIndex((b, i) => b !== want[i]);
    const at = inputs.map(a => a[wrong]).join(", ");
    expect(wrong, `(${at}): ${js[dtypes.length][wrong]}, interpreter ${interpret[dtypes.length][wrong]}`).toBe(-1);
  });
});

/** A random expression of a dtype over operands a (f32), b (f64), c (i32), d (u32), e (bool). */
function randomExpr(dtype: DType, depth: number, operands: Readonly<Record<DType, Expr>>, random: () => number): Expr {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const deeper = (d: DType): Expr => randomExpr(d, depth - 1, operands, random);
  if (depth === 0 || random() < 0.1) {
    return random() < 0.3 ? literal(dtype, pick(valuesOf(dtype, random))) : operands[dtype];
  }
  const choice = random();
  if (choice < 0.1) return cast(dtype, deeper(pick(DTYPES)));
  if (choice < 0.2) return pick([select, guard])(deeper("bool"), deeper(dtype), deeper(dtype));
  if (choice < 0.3 && dtype === "bool") {
    const d = pick(DTYPES);
    return compare(pick(COMPARE), deeper(d), deeper(d));
  }
  if (choice < 0.3 && F.includes(dtype)) return fma(deeper(dtype), deeper(dtype), deeper(dtype));
  if (choice < 0.35 && dtype === "i32") return unary("exponent", deeper(pick(F)));
  // f32 from arbitrary bits could be a NaN whose payload is not kept.
  if (choice < 0.35 && dtype === "u32") return bitcast(dtype, deeper("i32"));
  if (choice < 0.5) {
    const fns = (Object.keys(UNARY) as UnaryFn[]).filter(
      fn => UNARY[fn].includes(dtype) && resultOf(fn, dtype) === dtype,
    );
    return unary(pick(fns), deeper(dtype));
  }
  const fns = (Object.keys(BINARY) as BinaryFn[]).filter(fn => BINARY[fn].includes(dtype));
  const fn = pick(fns);
  return binary(fn, deeper(dtype), deeper(fn === "ldexp" ? "i32" : dtype));
}

test("random expressions, nested: precedence and representation", () => {
  const order: readonly DType[] = DTYPES;
  for (let seed = 1; seed <= 600; seed++) {
    const random = randomNumbers(seed * 7919);
    const dtype = order[seed % order.length];
    const kernel = elementwise(order, (...operands) => {
      const byType = Object.fromEntries(order.map((d, k) => [d, operands[k]])) as Record<DType, Expr>;
      return randomExpr(dtype, 5, byType, random);
    });
    const inputs = order.map(d => {
      const values = valuesOf(d, random);
      const array = allocate(d, 64);
      for (let i = 0; i < 64; i++) array[i] = values[Math.floor(random() * values.length)];
      return array;
    });
    const { js, interpret } = runBoth(kernel, [...inputs, allocate(dtype, 64)], [64]);
    expect(bits(js[5]), `seed ${seed}`).toEqual(bits(interpret[5]));
  }
});

describe("fast", () => {
  const near = (x: number, y: number): boolean =>
    Object.is(x, y) || x === y || Math.abs(x - y) <= 1e-5 * Math.max(1, Math.abs(y));

  test.each(Object.values(SCALAR_FUNCTIONS))("$name agrees with its definition", fn => {
    const dtypes = fn.params.map(p => p.dtype);
    const random = randomNumbers(5);
    const column = (): number[] => Array.from({ length: 30 }, () => random() * 4 - 2);
    const inputs = product(dtypes.map(column), dtypes);
    const kernel = elementwise(dtypes, (...args) => call(fn, ...args));
    const arrays = [...inputs, allocate(dtypes[0], inputs[0].length)];
    const { js, interpret } = runBoth(kernel, arrays, [inputs[0].length], "fast");
    const [got, want] = [js[dtypes.length], interpret[dtypes.length]];
    for (let i = 0; i < got.length; i++) expect(near(got[i], want[i]), `${inputs.map(a => a[i])}`).toBe(true);
  });
});
