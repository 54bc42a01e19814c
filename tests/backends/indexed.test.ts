import { expect, test } from "vitest";
import { forThreads } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import { lowerProgram } from "../../src/lower/index.ts";
import { optimizeProgram } from "../../src/pipeline.ts";
import { parallelize } from "../../src/plan/parallel.ts";
import { verifyPlan } from "../../src/plan/verify.ts";
import { TARGETS } from "../../src/targets.ts";
import { bitsOf, checkEverywhere } from "../support/everywhere.ts";
import { randomNumbers } from "../support/random-values.ts";
import { netOf, simulate } from "../support/threads.ts";

/*
 * Rows long enough for every part of the kernels: merges and heaps, slices that are shared out by elements and by
 * positions. All targets, and any number of threads, give the bits of the interpreter.
 */

const random = randomNumbers(3);
/** Ties, NaNs and both zeros. */
const few = Float32Array.from({ length: 3 * 45 * 2 }, () => {
  const v = Math.round(8 * random() - 4);
  return v === 3 ? Number.NaN : v * (random() < 0.5 ? 1 : -1);
});
const whole = (length: number, below: number): Int32Array =>
  Int32Array.from({ length }, () => Math.trunc(random() * below));

const B = g.dim("B", { max: 9 });
const x = g.input("x", [3, 45, 2]);
const y = g.input("y", [B, 21]);
const ids = g.input("ids", [50], "i32");
const rows = g.input("rows", [50, 70]);
const narrow = g.input("narrow", [2, 50, 3]);
const along = g.input("along", [2, 50, 3], "i32");
const inputs = [x, y, ids, rows, narrow, along];

/** Moves on with every call. */
const key = g.state("key", g.key(5));
const [next, first, second, third] = g.splitKey(key, 4);
const updates = [g.set(key, next)];

const coarse = g.floor(g.mul(rows, 3));

const outputs = {
  shuffled: g.permutation(first, 60),
  drawn: g.categorical(second, y, { draws: [2] }),
  noise: g.add(g.truncatedNormal(third, [B, 21]), y),
  sorted: g.sort(x, 1),
  order: g.argsort(x, 1, { descending: true }),
  wholes: g.sort(g.cast(x, "i32"), 1, { descending: true }),
  dynamic: g.sort(y, 0),
  list: g.topK(x, 5, 1).indices,
  heap: g.topK(x, 31, 1).indices,
  heapOfAll: g.topK(y, 21).values,
  product: g.cumprod(y, 0),
  log: g.logcumsumexp(y, -1, { reverse: true }),
  most: g.cummax(x, 1, { reverse: true }),
  recurrence: g.recurrence(y, g.add(y, 1), 0),
  wide: g.scatterAdd(ids, rows, { size: 20 }),
  many: g.scatterAdd(ids, narrow, { size: 20, axis: 1 }),
  own: g.scatterAddAlong(along, narrow, { size: 20, axis: 1 }),
  kept: g.scatterSetAlong(narrow, along, narrow, 1),
  largest: g.scatterMaxAlong(narrow, along, g.round(g.mul(narrow, 3)), 1),
  // Where the first of equals stands.
  attained: g.grad(g.sum(g.segmentMin(coarse, ids, { segments: 20 })), coarse),
  segments: g.segmentMax(rows, ids, { segments: 20 }),
};

const feeds = {
  x: few,
  y: Float32Array.from({ length: 7 * 21 }, () => 2 * random() - 1),
  ids: whole(50, 20),
  rows: Float32Array.from({ length: 50 * 70 }, () => random()),
  narrow: Float32Array.from({ length: 300 }, () => random()),
  along: whole(300, 20),
};

type Call = (feeds: object) => Record<string, number | ArrayLike<number>>;

test("long rows have the same bits on every target and any number of threads", () => {
  const program = g.program("indexed", { f: { inputs, outputs, updates } });
  const { graph } = optimizeProgram(program.graph, "reproducible");
  const lowered = (target: (typeof TARGETS)["wasm"]) =>
    lowerProgram(graph, { profile: target.profile("reproducible"), mode: "reproducible" });
  const trace = (net: object): string[] => {
    return [1, 2].flatMap(() => {
      const results = (net as { f: Call }).f(feeds);
      return Object.entries(results).map(([name, value]) => `${name} = ${bitsOf(value)}`);
    });
  };
  const reference = lowered(TARGETS.interpret);
  const expected = trace(netOf(reference, TARGETS.interpret.instantiate(reference)));
  expect(new Set(expected.filter(line => line.startsWith("shuffled"))).size).toBe(2);
  for (const target of [TARGETS.js, TARGETS.wasm]) {
    const own = lowered(target);
    expect(trace(netOf(own, target.instantiate(own))), target.name).toEqual(expected);
  }
  const several = parallelize(lowered(forThreads(TARGETS.wasm)), { share: 0, call: 0 });
  verifyPlan(several);
  for (const threads of [2, 3, 7]) {
    expect(trace(netOf(several, simulate(several, threads, random))), `${threads} threads`).toEqual(expected);
  }
});

test("long rows are what plain evaluation gives", () => {
  const plain = Object.entries(outputs).filter(([name]) => !["shuffled", "drawn", "noise"].includes(name));
  checkEverywhere(inputs, Object.fromEntries(plain), feeds);
});
