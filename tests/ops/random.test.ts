import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import "../../src/ops/index.ts";
import {
  categorical,
  exponential,
  gumbel,
  laplace,
  permutation,
  randint,
  shuffle,
  truncatedNormal,
} from "../../src/ops/distributions.ts";
import { bernoulli, foldIn, key, normal, randomBits, splitKey, uniform } from "../../src/ops/random.ts";
import { reshape } from "../../src/ops/reshape.ts";
import { arange, constant } from "../../src/ops/source.ts";

interface Row {
  readonly seed: number;
  readonly [name: string]: number | readonly number[];
}

/** Recorded by tests/oracle/threefry.py. */
const golden: { readonly rows: readonly Row[] } = JSON.parse(
  readFileSync(new URL("../oracle/threefry.json", import.meta.url), "utf8"),
);

const numbers = (x: Tensor): number[] => Array.from(evaluateGraph([x], new Map())[0].data);

describe.each(golden.rows)("random numbers of seed $seed are JAX's", row => {
  const k = key(row.seed);
  const list = (name: string): readonly number[] => row[name] as readonly number[];

  test("key, split and foldIn", () => {
    expect(numbers(k)).toEqual(list("key"));
    expect(splitKey(k, 3).flatMap(numbers)).toEqual(list("split"));
    expect(numbers(foldIn(k, 12345))).toEqual(list("foldIn"));
    expect(numbers(foldIn(k, constant(12345, [], "u32")))).toEqual(list("foldIn"));
  });

  test("bits", () => {
    expect(numbers(randomBits(k, [2, 3]))).toEqual(list("bits"));
  });

  test("uniform", () => {
    expect(numbers(uniform(k, [8]))).toEqual(list("uniform"));
    const ranged = numbers(uniform(k, [8], { low: -2.5, high: 3.25 }));
    ranged.forEach((x, i) => {
      expect(Math.abs(x - list("uniformRange")[i])).toBeLessThanOrEqual(2 ** -22);
    });
    expect(numbers(uniform(k, [8], { dtype: "f64" }))).toEqual(list("uniformF64"));
  });

  test("normal", () => {
    numbers(normal(k, [8])).forEach((x, i) => {
      expect(x).toBeCloseTo(list("normal")[i], 5);
    });
    numbers(normal(k, [8], { dtype: "f64" })).forEach((x, i) => {
      expect(x).toBeCloseTo(list("normalF64")[i], 12);
    });
  });

  test("transformed uniform numbers", () => {
    const close = (x: Tensor, name: string, tolerance: number): void => {
      numbers(x).forEach((value, i) => {
        const expected = list(name)[i];
        expect(Math.abs(value - expected), `${name} ${i}`).toBeLessThan(tolerance * (1 + Math.abs(expected)));
      });
    };
    close(exponential(k, [8]), "exponential", 2e-7);
    close(gumbel(k, [8]), "gumbel", 1e-6);
    close(laplace(k, [8], { dtype: "f64" }), "laplace", 1e-14);
    close(truncatedNormal(k, [8], { low: -0.5, high: 1.25 }), "truncated", 1e-6);
  });

  test("whole numbers", () => {
    expect(numbers(randint(k, [8], { low: -5, high: 1000 }))).toEqual(list("randint"));
    expect(numbers(randint(k, [8], { low: -(2 ** 31), high: 2 ** 31 - 1 }))).toEqual(list("randintWide"));
    const logits = constant([0, 1, -2, 0.5, -1, 3], [2, 3], "f32");
    expect(numbers(categorical(k, logits, { axis: 0, draws: [4] }))).toEqual(list("categorical"));
  });

  test("orders", () => {
    expect(numbers(permutation(k, 2000)).slice(0, 12)).toEqual(list("permutation"));
    expect(numbers(shuffle(k, reshape(arange(12), [3, 4]), 1))).toEqual(list("shuffle"));
  });

  test("bernoulli", () => {
    expect(numbers(bernoulli(k, 0.3, [16]))).toEqual(list("bernoulli"));
  });
});

test("a key from a seed in the graph is the key of that number", () => {
  expect(numbers(key(constant(42, [], "u32")))).toEqual(numbers(key(42)));
});

/** The largest distance between the distribution of a sample and a given one (Kolmogorov, Smirnov). */
function distance(sample: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted.reduce((most, x, i) => {
    const p = cdf(x);
    return Math.max(most, p - i / sorted.length, (i + 1) / sorted.length - p);
  }, 0);
}

describe("large samples have the distributions", () => {
  const n = 4000;
  // Exceeded with probability 1e-4 (Kolmogorov's limit distribution).
  const bound = Math.sqrt(Math.log(2 / 1e-4) / 2 / n);
  const k = key(20);

  test.each([
    ["exponential", exponential(k, [n]), (x: number) => 1 - Math.exp(-x)],
    ["gumbel", gumbel(k, [n], { dtype: "f64" }), (x: number) => Math.exp(-Math.exp(-x))],
    ["laplace", laplace(k, [n]), (x: number) => (x < 0 ? Math.exp(x) / 2 : 1 - Math.exp(-x) / 2)],
    ["randint", randint(k, [n], { high: 2 ** 30, dtype: "u32" }), (x: number) => x / 2 ** 30],
  ] as const)("%s", (_name, x, cdf) => {
    expect(distance(numbers(x), cdf)).toBeLessThan(bound);
  });

  test("truncatedNormal: bounds, mean and variance", () => {
    const sample = numbers(truncatedNormal(k, [n]));
    const mean = sample.reduce((t, x) => t + x, 0) / n;
    const variance = sample.reduce((t, x) => t + (x - mean) ** 2, 0) / n;
    expect(sample.every(x => x >= -2 && x <= 2)).toBe(true);
    // 1 − 4φ(2)/(Φ(2) − Φ(−2)) = 0.7737
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(0.7737 / n));
    expect(Math.abs(variance - 0.7737)).toBeLessThan(0.05);
  });

  test("categorical: frequencies", () => {
    const drawn = numbers(
      categorical(k, constant([Math.log(1), Math.log(2), Math.log(5)], [3], "f32"), { draws: [n] }),
    );
    [1 / 8, 2 / 8, 5 / 8].forEach((p, c) => {
      const share = drawn.filter(v => v === c).length / n;
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n));
    });
  });
});

test("bounds of random whole numbers are whole numbers of the dtype", () => {
  expect(() => randint(key(1), [2], { low: 5, high: 5 })).toThrow(/no bounds/);
  expect(() => randint(key(1), [2], { low: -1, high: 5, dtype: "u32" })).toThrow(/no bounds/);
  expect(numbers(randint(key(1), [3], { low: 7, high: 8 }))).toEqual([7, 7, 7]);
  expect(() => truncatedNormal(key(1), [2], { low: 1, high: 1 })).toThrow(/no bounds/);
});
