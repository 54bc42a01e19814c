import { describe, expect, it } from "vitest";
import {
  binary,
  bitcast,
  cast,
  compare,
  fma,
  lane,
  literal,
  load,
  resultOf,
  select,
  shuffle,
  splat,
  unary,
} from "../../src/loop/build.ts";
import type { BinaryFn, CompareFn, Expr, Lanes, UnaryFn } from "../../src/loop/ir.ts";
import { DTYPES, type DType } from "../../src/shared/dtype.ts";
import { BINARY, BINARY_DTYPES, COMPARE, castElement, element, UNARY, UNARY_DTYPES } from "./wasm-reference.ts";
import { expectSame, mapWasm, pairs, samplesOf, seeded } from "./wasm-support.ts";

const random = seeded(1);
const lanesOf = (...dtypes: readonly DType[]): readonly Lanes[] => (dtypes.includes("f64") ? [1, 2] : [1, 2, 4]);
const keys = <K extends string>(table: Readonly<Record<K, unknown>>): K[] => Object.keys(table) as K[];

describe("unary operations agree with JavaScript's arithmetic", () => {
  for (const fn of keys<UnaryFn>(UNARY)) {
    for (const dtype of UNARY_DTYPES[fn]) {
      it.each(lanesOf(dtype, resultOf(fn, dtype)))(`${fn} ${dtype}, %i lanes`, lanes => {
        const x = samplesOf(dtype, random);
        const result = resultOf(fn, dtype);
        const actual = mapWasm([{ dtype, values: x }], result, lanes, e => unary(fn, e));
        expectSame(
          actual,
          x.map(v => element(result, UNARY[fn](dtype, v))),
          i => `${fn}(${x[i]})`,
        );
      });
    }
  }
});

describe("binary operations agree with JavaScript's arithmetic", () => {
  for (const fn of keys<BinaryFn>(BINARY)) {
    for (const dtype of BINARY_DTYPES[fn]) {
      const right = fn === "ldexp" ? "i32" : dtype;
      it.each(lanesOf(dtype))(`${fn} ${dtype}, %i lanes`, lanes => {
        const counts = [-2000, -1100, -1075, -1074, -1022, -969, -300, -150, -149, -126, -102, -25, -1, 0, 1, 127];
        const ys =
          fn === "ldexp" ? [...counts, 128, 200, 276, 300, 1023, 1024, 2098, 1 << 30] : samplesOf(right, random);
        const [x, y] = pairs(samplesOf(dtype, random), ys);
        const inputs = [
          { dtype, values: x },
          { dtype: right, values: y },
        ] as const;
        const expected = x.map((v, i) => element(dtype, BINARY[fn](dtype, v, y[i])));
        expectSame(
          mapWasm(inputs, dtype, lanes, (a, b) => binary(fn, a, b)),
          expected,
          i => `${fn}(${x[i]}, ${y[i]})`,
        );
      });

      it.each(lanesOf(dtype))(`${fn} ${dtype} by a constant, %i lanes`, lanes => {
        const x = samplesOf(dtype, random);
        const constants = fn === "ldexp" ? [-130, -3, 0, 5] : samplesOf(right, random).slice(0, 12);
        for (const c of [...constants, element(right, -1), element(right, -0)]) {
          const actual = mapWasm([{ dtype, values: x }], dtype, lanes, e => binary(fn, e, literal(right, c, lanes)));
          expectSame(
            actual,
            x.map(v => element(dtype, BINARY[fn](dtype, v, c))),
            i => `${fn}(${x[i]}, ${c})`,
          );
        }
      });
    }
  }
});

it("ldexp into the denormals rounds once, where two roundings would meet a tie", () => {
  const x = (2 ** 52 + 2 ** 30 + 2 ** 29 - 1) * 2 ** -56;
  const n = -1048;
  const expected = (2 ** 22 + 1) * 2 ** -1074;
  const inputs = [
    { dtype: "f64" as const, values: [x, x] },
    { dtype: "i32" as const, values: [n, n] },
  ];
  for (const lanes of [1, 2] as const) {
    expect(mapWasm(inputs, "f64", lanes, (a, b) => binary("ldexp", a, b))).toEqual([expected, expected]);
  }
});

describe("comparisons and selection", () => {
  for (const fn of keys<CompareFn>(COMPARE)) {
    for (const dtype of DTYPES) {
      it.each(lanesOf(dtype))(`${fn} ${dtype}, %i lanes`, lanes => {
        const [x, y] = pairs(samplesOf(dtype, random), samplesOf(dtype, random));
        const inputs = [
          { dtype, values: x },
          { dtype, values: y },
        ] as const;
        expectSame(
          mapWasm(inputs, "bool", lanes, (a, b) => compare(fn, a, b)),
          x.map((v, i) => Number(COMPARE[fn](v, y[i]))),
          i => `${x[i]} ${fn} ${y[i]}`,
        );
        for (const relaxed of [false, true]) {
          const mode = relaxed ? "fast" : "reproducible";
          expectSame(
            mapWasm(inputs, dtype, lanes, (a, b) => select(compare(fn, a, b), a, b), { relaxed, mode }),
            x.map((v, i) => (COMPARE[fn](v, y[i]) ? v : y[i])),
            i => `${x[i]} ${fn} ${y[i]} ? …`,
          );
        }
      });
    }
  }

  it.each([2, 4] as const)("one condition for all of %i lanes", lanes => {
    const x = samplesOf("f32", random);
    const scalar = (e: Expr): Expr => lane(e, 0);
    const actual = mapWasm([{ dtype: "f32", values: x }], "f32", lanes, e =>
      select(compare("lt", scalar(e), literal("f32", 1)), e, unary("neg", e)),
    );
    expectSame(
      actual,
      x.map((v, i) => (x[i - (i % lanes)] < 1 ? v : -v)),
      i => String(x[i]),
    );
  });
});

describe("conversions", () => {
  for (const from of DTYPES) {
    for (const to of DTYPES) {
      it.each(lanesOf(from, to))(`${from} to ${to}, %i lanes`, lanes => {
        const x = samplesOf(from, random);
        expectSame(
          mapWasm([{ dtype: from, values: x }], to, lanes, e => cast(to, e)),
          x.map(v => castElement(from, to, v)),
          i => `${to}(${x[i]})`,
        );
      });
    }
  }

  const words = ["f32", "i32", "u32"] as const;
  for (const from of words) {
    for (const to of words) {
      it.each([1, 2, 4] as const)(`bits of ${from} as ${to}, %i lanes`, lanes => {
        const x = samplesOf(from, random).filter(v => !Number.isNaN(v));
        while (x.length % 4 !== 0) x.push(1);
        const arrays = { f32: Float32Array, i32: Int32Array, u32: Uint32Array };
        const expected = new arrays[to](arrays[from].from(x).buffer);
        expectSame(
          mapWasm([{ dtype: from, values: x }], to, lanes, e => bitcast(to, e)),
          [...expected],
          i => String(x[i]),
        );
      });
    }
  }
});

describe("lanes", () => {
  const orders = [
    [0, 4, 1, 5],
    [2, 3, 6, 7],
    [1, 0, 3, 2],
    [2, 2, 2, 2],
    [7, 0, 5, 3],
  ];
  it.each(["f32", "i32", "u32"] as const)("of two vectors of %s in another order", dtype => {
    const [x, y] = [samplesOf(dtype, random), samplesOf(dtype, random).toReversed()];
    for (const order of orders) {
      const expected = x.map((_, i) => {
        const from = order[i % 4];
        return (from < 4 ? x : y)[i - (i % 4) + (from % 4)];
      });
      const inputs = [
        { dtype, values: x },
        { dtype, values: y },
      ];
      expectSame(
        mapWasm(inputs, dtype, 4, (a, b) => shuffle(a, b, order)),
        expected,
        i => `${order} at ${i}`,
      );
    }
  });
  for (const dtype of DTYPES) {
    for (const lanes of lanesOf(dtype).filter(n => n > 1)) {
      it(`splat, constants and single lanes of ${lanes} ${dtype}`, () => {
        const x = samplesOf(dtype, random);
        const values = [{ dtype, values: x }];
        const about = (i: number): string => String(x[i]);
        for (let k = 0; k < lanes; k++) {
          const expected = x.map((_, i) => x[i - (i % lanes) + k]);
          expectSame(
            mapWasm(values, dtype, lanes, e => splat(lane(e, k), lanes)),
            expected,
            about,
          );
        }
        const splatLoad = { ...load("x0", dtype, literal("i32", 1), lanes), splat: true } as Expr;
        const first = x.map(() => x[1]);
        expectSame(
          mapWasm(values, dtype, lanes, () => splatLoad),
          first,
          about,
        );
        expectSame(
          mapWasm(values, dtype, lanes, () => splat(load("x0", dtype, literal("i32", 1)), lanes)),
          first,
          about,
        );
        expectSame(
          mapWasm(values, dtype, lanes, () => literal(dtype, x[1], lanes)),
          first,
          about,
        );
        expectSame(
          mapWasm(values, dtype, lanes, () => splat(literal(dtype, x[1]), lanes)),
          first,
          about,
        );
      });
    }
  }
});

describe("multiply-add", () => {
  const x = [0.1, 1 / 3, -7, 1e20].map(Math.fround);
  const y = [0.3, 3, 0.7, 1e20].map(Math.fround);
  const z = [-0.03, -1, 4.9, -1].map(Math.fround);
  const inputs = [x, y, z].map(values => ({ dtype: "f32" as const, values }));
  const twice = x.map((v, i) => Math.fround(Math.fround(v * y[i]) + z[i]));
  // The product of two f32 is exact in f64, and these sums are too.
  const once = x.map((v, i) => Math.fround(v * y[i] + z[i]));

  it("rounds twice in reproducible mode, even where the host could fuse", () => {
    expect(twice).not.toEqual(once);
    for (const lanes of [1, 2, 4] as const) {
      const actual = mapWasm(inputs, "f32", lanes, fma, { relaxed: true, mode: "reproducible" });
      expectSame(actual, twice, i => String(i));
    }
  });

  it("is one of the two roundings in fast mode", () => {
    const actual = mapWasm(inputs, "f32", 4, fma, { relaxed: true, mode: "fast" });
    for (const [i, v] of actual.entries()) expect([once[i], twice[i]]).toContain(v);
  });
});
