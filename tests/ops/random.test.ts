import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import "../../src/ops/index.ts";
import { bernoulli, foldIn, key, normal, randomBits, splitKey, uniform } from "../../src/ops/random.ts";
import { constant } from "../../src/ops/source.ts";

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

  test("bernoulli", () => {
    expect(numbers(bernoulli(k, 0.3, [16]))).toEqual(list("bernoulli"));
  });
});

test("a key from a seed in the graph is the key of that number", () => {
  expect(numbers(key(constant(42, [], "u32")))).toEqual(numbers(key(42)));
});
