import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { vjp } from "../../src/autodiff/index.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { cummax, cummin } from "../../src/ops/cumulative-extremum.ts";
import { gatherNd, scatterAddNd, scatterSetNd } from "../../src/ops/gather-nd.ts";
import { cumprod, logcumsumexp } from "../../src/ops/prefix.ts";
import { recurrence } from "../../src/ops/recurrence.ts";
import {
  scatterMax,
  scatterMaxAlong,
  scatterMin,
  scatterMinAlong,
  scatterSet,
  scatterSetAlong,
} from "../../src/ops/scatter.ts";
import { searchSorted } from "../../src/ops/search-sorted.ts";
import { bincount, segmentMax, segmentMean, segmentMin, segmentSum } from "../../src/ops/segment.ts";
import { argsort, sort } from "../../src/ops/sort.ts";
import { constant, onesLike } from "../../src/ops/source.ts";
import { topK } from "../../src/ops/topk.ts";
import { input, run } from "./b-support.ts";
import { array } from "./instances.ts";

type Numbers = readonly (number | string)[];

/** Recorded by tests/oracle/indexed.py. */
const golden: {
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly cases: Readonly<Record<string, Numbers | Readonly<Record<string, Numbers>>>>;
} = JSON.parse(readFileSync(new URL("../oracle/indexed.json", import.meta.url), "utf8"));

const given = (name: string): number[] => golden.inputs[name].map(Number);
const plain = (name: string): number[] => (golden.cases[name] as Numbers).map(Number);
const part = (name: string, key: string): number[] =>
  (golden.cases[name] as Readonly<Record<string, Numbers>>)[key].map(Number);
const f64 = (name: string, shape: readonly number[]): Tensor<"f64"> => constant(given(name), shape, "f64");

function close(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  actual.forEach((x, i) => {
    const y = expected[i];
    expect(x === y || Object.is(x, y) || Math.abs(x - y) <= 1e-12 * (1 + Math.abs(y)), `${what} ${i}: ${x}, ${y}`).toBe(
      true,
    );
  });
}

test("orders are JAX's", () => {
  const x = f64("x", [3, 40]);
  const [values, indices] = run([sort(x), argsort(x)], new Map());
  close(values, plain("sort"), "sort");
  close(indices, plain("argsort"), "argsort");
  const rows = constant([...given("x").slice(0, 40), ...given("x").slice(80)], [2, 40], "f64");
  const top = topK(rows, 24);
  const [descending, largest, places] = run(
    [argsort(rows, 1, { descending: true }), top.values, top.indices],
    new Map(),
  );
  close(descending, plain("argsortDescending"), "argsort, descending");
  close(largest, plain("topK"), "topK");
  close(places, plain("topKIndices"), "positions of topK");
});

type Fold = (x: Tensor<"f64">) => Tensor<"f64">;
const FOLDS: readonly (readonly [string, string, Fold])[] = [
  ["cumprod", "zeros", x => cumprod(x)],
  ["logcumsumexp", "smooth", x => logcumsumexp(x)],
  ["logcumsumexpReverse", "smooth", x => logcumsumexp(x, 1, { reverse: true })],
  ["cummax", "smooth", x => cummax(x)],
  ["cummin", "smooth", x => cummin(x, 1, { reverse: true })],
];

test.each(FOLDS)("%s and its gradient are recorded", (name, at, fold) => {
  const x = input("x", [2, 6]);
  const y = fold(x);
  const [values, gradient] = run(
    [y, vjp(y, x, f64("weights", [2, 6]))],
    new Map([[x, array("f64", [2, 6], given(at))]]),
  );
  close(values, part(name, "y"), "value");
  close(gradient, part(name, "gradient"), "gradient");
});

const ids = constant(given("ids"), [12], "i32");

describe("scatters are JAX's", () => {
  type Segments = (x: Tensor<"f64">, ids: Tensor<"i32">, options: { segments: number }) => Tensor<"f64">;
  const segments: readonly (readonly [string, Segments])[] = [
    ["segmentSum", segmentSum],
    ["segmentMean", segmentMean],
    ["segmentMax", segmentMax],
    ["segmentMin", segmentMin],
  ];
  test.each(segments)("%s", (name, segment) => {
    const x = input("x", [12, 2]);
    const y = segment(x, ids, { segments: 5 });
    const feeds = new Map([[x, array("f64", [12, 2], given("data"))]]);
    const [values, gradient] = run([y, vjp(y, x, onesLike(y))], feeds);
    close(values, part(name, "y"), "value");
    close(gradient, part(name, "gradient"), "gradient");
  });

  const scatters: readonly (readonly [string, typeof scatterMax])[] = [
    ["scatterSet", scatterSet],
    ["scatterMax", scatterMax],
    ["scatterMin", scatterMin],
  ];
  test.each(scatters)("%s", (name, scatter) => {
    const [x, u] = [input("x", [5, 2]), input("u", [3, 2])];
    const y = scatter(x, constant(given("distinct"), [3], "i32"), u);
    const base = given("base");
    const feeds = new Map([
      [x, array("f64", [5, 2], base)],
      [u, array("f64", [3, 2], given("data").slice(0, 6))],
    ]);
    const cotangent = constant(
      base.map(v => 2 * v),
      [5, 2],
      "f64",
    );
    const [values, dx, du] = run([y, ...vjp(y, [x, u], cotangent)], feeds);
    close(values, part(name, "y"), "value");
    close(dx, part(name, "base"), "gradient of x");
    close(du, part(name, "updates"), "gradient of the updates");
  });

  test("bincount and searchSorted", () => {
    const [sorted, values] = [f64("grid", [17]), f64("queries", [2, 5])];
    const left = searchSorted(sorted, values);
    const right = searchSorted(sorted, values, { side: "right" });
    const results = run([bincount(ids, { length: 6 }), left, right], new Map());
    ["bincount", "searchLeft", "searchRight"].forEach((name, k) => {
      close(results[k], plain(name), name);
    });
  });
});

/** A function, the shapes of its arguments, and what is fed. */
type Pulled = readonly [
  name: string,
  arguments_: readonly (readonly [name: string, shape: readonly number[], take?: (all: number[]) => number[]])[],
  of: (...xs: Tensor<"f64">[]) => Tensor<"f64">,
];

const points = constant([2, 1, 0, 3, 2, 0], [3, 2], "i32");
const places = constant([4, 0, 2, 1, 5, 3], [2, 3], "i32");
const VOLUME = ["data", [3, 4, 2]] as const;
const SLICES = ["base", [3, 2], (all: number[]) => all.slice(0, 6)] as const;
/** The first three columns of two rows of six. */
const COLUMNS = ["weights", [2, 3], (all: number[]) => all.filter((_, i) => i % 6 < 3)] as const;
const PULLED: readonly Pulled[] = [
  ["recurrence", ["weights", "smooth"].map(name => [name, [2, 6]] as const), (a, b) => recurrence(a, b)],
  ["gatherNd", [VOLUME], x => gatherNd(x, points)],
  ["scatterAddNd", [SLICES], u => scatterAddNd(points, u, { shape: [3, 4, 2] })],
  ["scatterSetNd", [VOLUME, SLICES], (x, u) => scatterSetNd(x, points, u)],
  ["scatterSetAlong", [["smooth", [2, 6]], COLUMNS], (x, u) => scatterSetAlong(x, places, u)],
  ["scatterMaxAlong", [["smooth", [2, 6]], COLUMNS], (x, u) => scatterMaxAlong(x, places, u)],
  ["scatterMinAlong", [["smooth", [2, 6]], COLUMNS], (x, u) => scatterMinAlong(x, places, u)],
];

test.each(PULLED)("%s and its gradients are JAX's", (name, fed, of) => {
  const xs = fed.map(([, shape], i) => input(`x${i}`, shape));
  const y = of(...xs);
  const feeds = new Map(
    xs.map((x, i) => {
      const [from, shape, take = (all: number[]) => all] = fed[i];
      return [x, array("f64", shape, take(given(from)))] as const;
    }),
  );
  const [values, ...gradients] = run([y, ...vjp(y, xs, y)], feeds);
  close(values, part(name, "y"), "value");
  gradients.forEach((gradient, i) => {
    close(gradient, part(name, `gradient${i}`), `gradient ${i}`);
  });
});
