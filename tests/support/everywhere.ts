import { expect } from "vitest";
import { lower, type TargetName } from "../../src/compile.ts";
import { compileSync } from "../../src/compile-sync.ts";
import { evaluate } from "../../src/evaluate.ts";
import type { Input } from "../../src/graph/leaves.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import type { NumericMode } from "../../src/loop/ir.ts";
import type { Observer } from "../../src/pipeline.ts";
import { verifyPlan } from "../../src/plan/verify.ts";
import type { Feed } from "../../src/program/feed.ts";
import { program } from "../../src/program/program.ts";
import { TARGETS } from "../../src/targets.ts";

export const ALL_TARGETS: readonly TargetName[] = ["interpret", "js", "wasm"];
export const ALL_MODES: readonly NumericMode[] = ["fast", "reproducible"];

type Numbers = number | ArrayLike<number>;
type Results = Readonly<Record<string, Numbers>>;
type Callable = (feeds: Readonly<Record<string, Feed>>) => Results;

const listOf = (x: Numbers): number[] => (typeof x === "number" ? [x] : Array.from(x));

/** The bits of numbers, all NaNs alike. */
export const bitsOf = (x: Numbers): string =>
  listOf(x)
    .map(v => (Number.isNaN(v) ? "NaN" : Object.is(v, -0) ? "-0" : String(v)))
    .join(" ");

/** |a − b| ≤ tolerance·(1 + |b|), equal infinities and NaN against NaN. */
export function expectClose(actual: Numbers, expected: Numbers, tolerance: number, what: string): void {
  const a = listOf(actual);
  const b = listOf(expected);
  expect(a.length, `${what}: length`).toBe(b.length);
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    const far = Math.abs(a[i] - b[i]) / (1 + Math.abs(b[i]));
    if (!(far <= tolerance)) expect.fail(`${what}: element ${i} is ${a[i]}, expected ${b[i]}`);
  }
}

/** Every graph between two passes and every plan must keep the invariants of its kind. */
export function verifyStages(inputs: readonly Input[], outputs: Readonly<Record<string, Tensor>>): void {
  const { graph } = program("t", { f: { inputs, outputs } });
  for (const target of ALL_TARGETS) {
    const observe: Observer = (_pass, _before, after) => {
      verifyGraph(after.roots);
    };
    verifyPlan(lower(graph, TARGETS[target], "fast", { observe }));
  }
}

/**
 * Compiles a function for every target and mode and holds all against the naive evaluation of its graph; in
 * reproducible mode the targets must agree bit for bit.
 */
export function checkEverywhere(
  inputs: readonly Input[],
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, Feed>>,
  { tolerance = 1e-5 }: { readonly tolerance?: number } = {},
): void {
  const expected = evaluate(outputs, feeds) as Results;
  const bits = new Map<string, string>();
  verifyStages(inputs, outputs);
  for (const mode of ALL_MODES) {
    for (const target of ALL_TARGETS) {
      const net = compileSync(program("t", { f: { inputs, outputs } }), { target, mode });
      const results = (net.f as unknown as Callable)(feeds);
      for (const name of Object.keys(outputs)) {
        const what = `${name} on ${target}, ${mode}`;
        expectClose(results[name], expected[name], tolerance, what);
        if (mode !== "reproducible") continue;
        const seen = bits.get(name);
        if (seen === undefined) bits.set(name, bitsOf(results[name]));
        else expect(bitsOf(results[name]), `${what}: bits against ${ALL_TARGETS[0]}`).toBe(seen);
      }
    }
  }
}
