import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/graph/tensor.ts";
import { mul } from "../../src/ops/arithmetic.ts";
import { permutation, shuffle } from "../../src/ops/distributions.ts";
import { embedding } from "../../src/ops/embedding.ts";
import { gatherNd, scatterAddNd, scatterSetNd } from "../../src/ops/gather-nd.ts";
import { logcumsumexp } from "../../src/ops/prefix.ts";
import { key } from "../../src/ops/random.ts";
import { scatterMax, scatterMaxAlong, scatterMin, scatterSet, scatterSetAlong } from "../../src/ops/scatter.ts";
import { searchSorted } from "../../src/ops/search-sorted.ts";
import { bincount, segmentMax, segmentMean, segmentMin, segmentSum } from "../../src/ops/segment.ts";
import { slice } from "../../src/ops/slice.ts";
import { sort } from "../../src/ops/sort.ts";
import { constant, zeros } from "../../src/ops/source.ts";
import { checkDerivatives, input, run } from "./b-support.ts";

type F64 = Tensor<"f64">;

const f64 = (shape: readonly number[], values: readonly number[]): F64 => constant([...values], shape, "f64");
const i32 = (shape: readonly number[], values: readonly number[]): Tensor<"i32"> => constant([...values], shape, "i32");
const numbers = (x: Tensor): number[] => run([x], new Map())[0];

describe("values by hand", () => {
  const zero = zeros([4], "f64");
  const ids = i32([5], [2, 0, 2, 0, 2]);
  const updates = f64([5], [5, -1, 7, -2, 6]);

  test("the last update stays, the largest and the smallest win against what is there", () => {
    expect(numbers(scatterSet(zero, ids, updates))).toEqual([-2, 0, 6, 0]);
    expect(numbers(scatterMax(zero, ids, updates))).toEqual([0, 0, 7, 0]);
    expect(numbers(scatterMin(zero, ids, updates))).toEqual([-2, 0, 0, 0]);
    expect(numbers(scatterMax(zero, ids, f64([5], [1, Number.NaN, 3, 4, 5])))).toEqual([Number.NaN, 0, 5, 0]);
  });

  test("indices of several axes, and those of every element", () => {
    const x = zeros([2, 3], "f64");
    const places = i32([2, 2], [0, 2, 2, 1]);
    expect(numbers(scatterSet(x, places, f64([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), 1))).toEqual([1, 4, 3, 5, 8, 7]);
    expect(numbers(scatterSetAlong(x, places, f64([2, 2], [1, 2, 3, 4])))).toEqual([1, 0, 2, 0, 4, 3]);
    expect(numbers(scatterMaxAlong(x, places, f64([2, 2], [1, -2, 3, 4])))).toEqual([1, 0, 0, 0, 4, 3]);
  });

  test("nothing to scatter leaves all as it is", () => {
    expect(numbers(scatterSet(zero, i32([0], []), zeros([0], "f64")))).toEqual([0, 0, 0, 0]);
    expect(numbers(segmentMax(zeros([0], "f64"), i32([0], []), { segments: 1 }))).toEqual([-Infinity]);
  });

  test("segments without elements", () => {
    const options = { segments: 4 };
    expect(numbers(segmentSum(updates, ids, options))).toEqual([-3, 0, 18, 0]);
    expect(numbers(segmentMean(updates, ids, options))).toEqual([-1.5, 0, 6, 0]);
    expect(numbers(segmentMax(updates, ids, options))).toEqual([-1, -Infinity, 7, -Infinity]);
    expect(numbers(segmentMin(updates, ids, options))).toEqual([-2, Infinity, 5, Infinity]);
    expect(numbers(bincount(ids, { length: 4 }))).toEqual([2, 0, 3, 0]);
    expect(numbers(bincount(ids, { length: 3, weights: updates }))).toEqual([-3, 0, 18]);
  });

  test("points of several axes; coordinates are clamped", () => {
    const x = f64([2, 3, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const points = i32([3, 2], [1, 0, 0, 2, 9, -9]);
    expect(numbers(gatherNd(x, points))).toEqual([6, 7, 4, 5, 6, 7]);
    expect(numbers(gatherNd(x, i32([1, 3], [1, 2, 1])))).toEqual([11]);
    const added = scatterAddNd(points, f64([3, 1], [1, 2, 4]), { shape: [2, 3, 1] });
    expect(numbers(added)).toEqual([0, 0, 2, 5, 0, 0]);
    expect(numbers(scatterSetNd(zeros([2, 2], "f64"), i32([2, 2], [0, 1, 1, 1]), f64([2], [3, 4])))).toEqual([
      0, 3, 0, 4,
    ]);
  });

  test("places in a sorted row", () => {
    const sorted = i32([5], [1, 3, 3, 3, 8]);
    const values = i32([5], [0, 3, 4, 8, 9]);
    expect(numbers(searchSorted(sorted, values))).toEqual([0, 1, 4, 4, 5]);
    expect(numbers(searchSorted(sorted, values, { side: "right" }))).toEqual([0, 4, 4, 5, 5]);
  });

  test("an order of one, and of all", () => {
    expect(numbers(permutation(key(1), 1))).toEqual([0]);
    const order = numbers(permutation(key(1), 50));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});

describe("derivatives of first and second order against differences", () => {
  const x = input("x", [4, 2]);
  const u = input("u", [5, 2]);
  const ids = i32([5], [2, 0, 2, 0, 2]);
  const segments = { segments: 4 };
  const square = (y: F64): F64 => mul(y, y);
  const cases: Readonly<Record<string, readonly [F64, readonly F64[]]>> = {
    scatterSet: [scatterSet(x, ids, u), [x, u]],
    scatterMax: [scatterMax(x, ids, u), [x, u]],
    scatterMaxAlong: [scatterMaxAlong(x, i32([5, 2], [2, 0, 0, 2, 1, 0, 3, 3, 2, 2]), u, 0), [x, u]],
    segmentMean: [segmentMean(u, ids, segments), [u]],
    segmentMax: [slice(segmentMax(u, i32([5], [1, 0, 1, 0, 1]), { segments: 2 }), [0]), [u]],
    embedding: [embedding(x, i32([2, 3], [3, 0, 3, 1, 3, 3])), [x]],
    gatherNd: [gatherNd(x, i32([3, 2], [3, 0, 0, 1, 3, 0])), [x]],
    shuffle: [shuffle(key(3), x), [x]],
    sort: [sort(x, 0), [x]],
    "logcumsumexp, exclusive": [slice(logcumsumexp(x, 0, { exclusive: true }), [1]), [x]],
  };
  test.each(Object.entries(cases))("%s", (_name, [y, wrt]) => {
    checkDerivatives(square(y), wrt);
  });
});

test("errors say what does not fit", () => {
  const x = zeros([4, 2]);
  expect(() => scatterSet(x, i32([3], [0, 1, 2]), zeros([2, 2]))).toThrow(
    /scatterSet: the indices and updates do not fit\n.*i32 \[3\] and f32 \[3, 2\]/,
  );
  expect(() => scatterSet(x, i32([1], [4]), zeros([1, 2]))).toThrow(/the index 4 points outside/);
  expect(() => segmentSum(x, i32([3], [0, 1, 2]), { segments: 3 })).toThrow(/segmentSum: the ids do not fit/);
  expect(() => embedding(zeros([4]), i32([1], [0]))).toThrow(/the table has no rows/);
  expect(() => gatherNd(x, i32([1, 3], [0, 0, 0]))).toThrow(/the indices are no points/);
  expect(() => searchSorted(x, x)).toThrow(/no sorted row/);
  expect(() => sort(x, 2)).toThrow(/axis out of range/);
});
