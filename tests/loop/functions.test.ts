import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  SCALAR_FUNCTION_NAMES,
  SCALAR_FUNCTIONS,
  type ScalarFunctionName,
  scalarFunction,
} from "../../src/loop/functions/index.ts";
import { log1pSmall } from "../../src/loop/functions/logarithm.ts";
import { compileFunction } from "../../src/loop/interpret.ts";
import { exponent } from "../../src/loop/numeric.ts";
import { verifyScalarFunction } from "../../src/loop/verify.ts";
import type { FloatDType } from "../../src/shared/dtype.ts";

const recorded = JSON.parse(
  readFileSync(new URL("../oracle/scalar-functions.json", import.meta.url), "utf8"),
) as Record<ScalarFunctionName, number[][]>;
const golden = { ...recorded, expNonPositive: recorded.exp.filter(([x]) => x <= 0) };

/** Functions whose small results are 0, from which magnitude down. */
const FLUSHED: Readonly<Record<string, number>> = {
  "exp.f32": 2 ** -125,
  "expNonPositive.f32": 2 ** -125,
  "erfc.f32": 2 ** -128,
};

/** |actual − expected| in units of the last place of the dtype at `expected`; ∞ where one of them is NaN. */
function ulps(actual: number, expected: number, dtype: FloatDType, least = 0): number {
  if (Object.is(actual, expected)) return 0;
  if (Number.isNaN(actual) || Number.isNaN(expected)) return Infinity;
  const beyond = dtype === "f32" && Math.abs(expected) >= 2 ** 128;
  if (!Number.isFinite(actual)) return beyond && Math.sign(actual) === Math.sign(expected) ? 0 : Infinity;
  const [digits, bottom] = dtype === "f32" ? [24, -149] : [53, -1074];
  return Math.abs(actual - expected) / 2 ** Math.max(exponent(Math.max(Math.abs(expected), least)) - digits, bottom);
}

function worst(
  rows: Iterable<readonly number[]>,
  f: (...xs: number[]) => number,
  reference: (...xs: number[]) => number,
  dtype: FloatDType,
  least = 0,
  flushed = 0,
): { error: number; at: readonly number[] } {
  let found: { error: number; at: readonly number[] } = { error: 0, at: [] };
  for (const row of rows) {
    const xs = dtype === "f32" ? row.map(Math.fround) : row;
    const [actual, expected] = [f(...xs), reference(...xs)];
    const error = actual === 0 && Math.abs(expected) < flushed ? 0 : ulps(actual, expected, dtype, least);
    if (error > found.error) found = { error, at: [...xs, actual, expected] };
  }
  return found;
}

/** A small generator of numbers in [0, 1), the same in every run. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const COUNT = 40_000;
const TRIGONOMETRIC: readonly string[] = ["sin", "cos", "tan"];
const OF_UNIT: readonly string[] = ["erfinv", "asin", "acos", "atanh"];

/** These cross 0 where their terms cancel: below 1 their error is that of 1. */
const GAMMA: readonly string[] = ["lgamma", "digamma", "trigamma"];
const leastOf = (name: string): number => (GAMMA.includes(name) ? 1 : 0);

/** Random arguments, spread over magnitudes and evenly, and steps along the axis. */
function* samples(name: ScalarFunctionName, dtype: FloatDType): Generator<number[]> {
  const random = uniform(name.length * 7919 + (dtype === "f32" ? 1 : 2));
  const single = dtype === "f32";
  for (let i = 0; i < COUNT; i++) {
    const sign = random() < 0.5 ? -1 : 1;
    const [x, t] = [random(), i / COUNT];
    const kind = i % 4;
    if (name === "expNonPositive")
      yield [kind < 2 ? -x * (single ? 104 : 746) : kind === 2 ? -t * 8 : -(2 ** (x * 30 - 25))];
    else if (name === "pow") {
      const base = 2 ** ((random() - 0.5) * (kind < 2 ? 2 : 60));
      yield [base, (sign * x * (single ? 87 : 709)) / Math.abs(Math.log(base))];
    } else if (name === "atan2") {
      const magnitude = 2 ** ((t - 0.5) * (kind < 2 ? 8 : 60));
      yield [sign * x, (random() < 0.5 ? -1 : 1) * magnitude];
    } else if (name === "acosh") yield [kind < 2 ? 1 + 2 ** (x * 60 - 24) : 1 + t * 9];
    else if (name === "erfc") yield [kind < 2 ? t * (single ? 11 : 28) - 1 : sign * 2 ** (x * 30 - 25)];
    else if (GAMMA.includes(name)) {
      yield [kind < 2 ? 2 ** (x * 50 - 20) : kind === 2 ? t * 12 : x * (single ? -20 : -100)];
    } else if (OF_UNIT.includes(name)) {
      yield [kind < 2 ? sign * t : sign * (1 - 2 ** (-x * (single ? 24 : 53)))];
    } else if (TRIGONOMETRIC.includes(name)) {
      // Around multiples of π/2, where most digits cancel, and everywhere up to 10⁵.
      if (kind === 0) yield [Math.round(t * 63660) * (Math.PI / 2)];
      else yield [kind === 1 ? sign * x * 1e5 : kind === 2 ? t * 8 : sign * 2 ** (x * 46 - 30)];
    } else if (kind === 0) yield [sign * 2 ** (x * 30 - 20)];
    else if (kind === 1) yield [sign * x * (single ? 104 : 746)];
    else yield [kind === 2 ? t * 16 - 8 : sign * 2 ** ((x - 0.5) * (single ? 270 : 2000))];
  }
}

const host = (name: ScalarFunctionName): ((...xs: number[]) => number) => {
  const math = Math[hostName(name) as "exp"] as ((x: number) => number) | undefined;
  return math ?? compileFunction(scalarFunction(name, "f64"));
};

const hostName = (name: string): string => (name === "expNonPositive" ? "exp" : name);
const hasHost = (name: string): boolean => hostName(name) in Math;

describe.each(SCALAR_FUNCTION_NAMES)("%s", name => {
  const [single, double] = [scalarFunction(name, "f32"), scalarFunction(name, "f64")];

  test("is well formed and short", () => {
    for (const fn of [single, double]) {
      expect(SCALAR_FUNCTIONS[fn.name]).toBe(fn);
      verifyScalarFunction(fn);
      expect(fn.body.length).toBeLessThan(GAMMA.includes(name) ? 60 : 45);
    }
    expect(single.host).toBe(hasHost(name) ? hostName(name) : undefined);
    if (name !== "erfinv") expect(double.ulp).toBeLessThanOrEqual(GAMMA.includes(name) ? 8 : 4);
    expect(single.ulp).toBeLessThanOrEqual(GAMMA.includes(name) ? 8 : name === "tanh" ? 5.5 : 4);
  });

  test("f64 agrees with the golden values", () => {
    const rows = golden[name];
    expect(rows.length).toBeGreaterThan(120);
    const expected = new Map(rows.map(row => [row.slice(0, -1).join(), row[row.length - 1]]));
    const args = rows.map(row => row.slice(0, -1));
    const { error, at } = worst(
      args,
      compileFunction(double),
      (...xs) => expected.get(xs.join()) ?? NaN,
      "f64",
      leastOf(name),
    );
    expect(error, `at ${at}`).toBeLessThanOrEqual(double.ulp);
  });

  if (hasHost(name))
    test("f64 agrees with Math", () => {
      const { error, at } = worst(samples(name, "f64"), compileFunction(double), host(name), "f64");
      expect(error, `at ${at}`).toBeLessThanOrEqual(double.ulp);
    });

  test("f32 is within its bound", () => {
    const { error, at } = worst(
      samples(name, "f32"),
      compileFunction(single),
      host(name),
      "f32",
      leastOf(name),
      FLUSHED[single.name],
    );
    expect(error, `at ${at}`).toBeLessThanOrEqual(single.ulp);
  });
});

const SPECIAL = {
  f32: [0, 2 ** -149, 2 ** -127, 2 ** -126, 1e-20, 0.5, 1, 88, 89, 100, 3.4028234663852886e38, Infinity, NaN],
  f64: [0, 5e-324, 2 ** -1023, 2 ** -1022, 1e-200, 0.5, 1, 709, 710, 1000, 1.7976931348623157e308, Infinity, NaN],
};

describe("special values", () => {
  const monadic = SCALAR_FUNCTION_NAMES.filter(name => name !== "pow" && name !== "atan2" && hasHost(name));
  const cases = monadic.flatMap(name => (["f32", "f64"] as const).map(dtype => [name, dtype] as const));

  test.each(cases)("%s.%s", (name, dtype) => {
    const fn = scalarFunction(name, dtype);
    const f = compileFunction(fn);
    const negative = name === "expNonPositive";
    for (const x of SPECIAL[dtype].flatMap(x => (negative ? [-Math.abs(x)] : [x, -x]))) {
      if (TRIGONOMETRIC.includes(name) && Math.abs(x) > 1e5 && Number.isFinite(x)) {
        // The phase is lost; what remains is a number within bounds.
        expect(Math.abs(f(x)), `${x}`).toBeLessThan(name === "tan" ? 1e20 : 1.000001);
        continue;
      }
      const expected = host(name)(x);
      const flushed = Math.abs(expected) < (FLUSHED[fn.name] ?? 0);
      if (expected === 0 || !Number.isFinite(expected)) expect(f(x), `${x}`).toBe(expected);
      else if (!flushed || f(x) !== 0) expect(ulps(f(x), expected, dtype), `${x}`).toBeLessThanOrEqual(fn.ulp);
    }
  });

  test.each(["f32", "f64"] as const)("erf and erfinv in %s", dtype => {
    const erf = compileFunction(scalarFunction("erf", dtype));
    const erfinv = compileFunction(scalarFunction("erfinv", dtype));
    expect([0, -0, 10, Infinity, -Infinity, NaN].map(x => erf(x))).toEqual([0, -0, 1, 1, -1, NaN]);
    expect([0, -0, 1, -1, 1.5, -2, NaN].map(x => erfinv(x))).toEqual([0, -0, Infinity, -Infinity, NaN, NaN, NaN]);
  });

  test.each(["f32", "f64"] as const)("erfc and the gamma functions in %s", dtype => {
    const f = (name: ScalarFunctionName) => compileFunction(scalarFunction(name, dtype));
    const at = (name: ScalarFunctionName, ...xs: number[]) => xs.map(x => f(name)(x));
    expect(at("erfc", 0, -0, 40, -40, Infinity, -Infinity, NaN)).toEqual([1, 1, 0, 2, 0, 2, NaN]);
    expect(at("lgamma", 1, 2, 0, -0, -1, -5, Infinity, -Infinity, NaN)).toEqual([
      ...[0, 0, Infinity, Infinity, Infinity, Infinity],
      ...[Infinity, Infinity, NaN],
    ]);
    expect(at("digamma", 0, -1, -7, Infinity, -Infinity, NaN)).toEqual([NaN, NaN, NaN, Infinity, NaN, NaN]);
    expect(at("trigamma", 0, -1, -7, Infinity, NaN)).toEqual([Infinity, Infinity, Infinity, 0, NaN]);
    // ln Γ(1 + t) = −γt + ζ(2)t²/2 …, ln Γ(2 + t) = (1 − γ)t + …: right to the last places at its zeros.
    const t = dtype === "f32" ? 2 ** -20 : 2 ** -40;
    const euler = 0.5772156649015329;
    const second = (Math.PI ** 2 / 12) * t * t;
    expect(ulps(f("lgamma")(1 + t), -euler * t + second, dtype)).toBeLessThan(4);
    expect(ulps(f("lgamma")(2 - t), (euler - 1) * t + second - (t * t) / 2, dtype)).toBeLessThan(4);
  });

  test.each(["f32", "f64"] as const)("atan2.%s is Math.atan2", dtype => {
    const f = compileFunction(scalarFunction("atan2", dtype));
    const values = [0, 2 ** -140, 1, 1e30, Infinity, NaN].flatMap(v => [v, -v]);
    for (const y of values) {
      for (const x of values) {
        const expected = Math.atan2(y, x);
        if (expected === 0 || Number.isNaN(expected)) expect(f(y, x), `${y}, ${x}`).toBe(expected);
        else expect(ulps(f(y, x), expected, dtype), `${y}, ${x}`).toBeLessThanOrEqual(3);
      }
    }
  });

  test.each(["f32", "f64"] as const)("log1pSmall.%s is the logarithm from 1 to 2", dtype => {
    const fn = log1pSmall[dtype];
    const f = compileFunction(fn);
    const args = Array.from({ length: 20_001 }, (_, i) => [i < 300 ? 2 ** (-i / 2) : i / 20_000]);
    const { error, at } = worst(args, f, Math.log1p, dtype);
    expect(error, `at ${at}`).toBeLessThanOrEqual(fn.ulp);
    expect([0, 1, NaN].map(x => f(x))).toEqual([0, dtype === "f32" ? Math.fround(Math.LN2) : Math.LN2, NaN]);
  });

  test("exp.f32 is 0 where less than 2⁻¹²⁵ is left, and never denormal", () => {
    const f = compileFunction(scalarFunction("exp", "f32"));
    for (let x = -86; x > -110; x -= 1 / 64) {
      const y = f(x);
      if (y !== 0) expect(ulps(y, Math.exp(x), "f32"), `${x}`).toBeLessThanOrEqual(1.1);
      expect(y === 0 || y >= 2 ** -126, `${x}`).toBe(true);
      if (Math.exp(x) >= 2 ** -125) expect(y, `${x}`).toBeGreaterThan(0);
    }
  });

  test.each(["f32", "f64"] as const)("pow.%s is Math.pow but for two cases of C", dtype => {
    const f = compileFunction(scalarFunction("pow", dtype));
    const values = [0, 5e-324, 2 ** -149, 0.5, 1, 1.5, 2, 3, 4, 5, 1e30, 2 ** 53, 1e300, Infinity, NaN];
    for (const a of values.flatMap(v => [v, -v])) {
      for (const b of values.flatMap(v => [v, -v])) {
        const [x, y] = dtype === "f32" ? [Math.fround(a), Math.fround(b)] : [a, b];
        const c = x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
        const expected = dtype === "f32" ? Math.fround(c) : c;
        if (expected === 0 || !Number.isFinite(expected)) expect(f(x, y), `${x} ** ${y}`).toBe(expected);
        else expect(ulps(f(x, y), c, dtype), `${x} ** ${y}`).toBeLessThanOrEqual(2);
      }
    }
  });
});
