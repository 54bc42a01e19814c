import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { manifestOf } from "../../codegen/manifest/index.ts";
import type { TargetName } from "../../src/compile.ts";
import { evaluate, type Net, program } from "../../src/index.ts";
import type { NumericMode } from "../../src/loop/ir.ts";
import { lowerProgram } from "../../src/lower/index.ts";
import { optimizeProgram } from "../../src/pipeline.ts";
import { createNet } from "../../src/runtime/net.ts";
import { TARGETS } from "../../src/targets.ts";
import { ALL_MODES, ALL_TARGETS, bitsOf } from "../support/everywhere.ts";
import { buildGraph, namesOf, type RandomFunction, type Recipe, recipes, smaller } from "../support/random-function.ts";

/** Graphs in all, and how many stand in one program. */
const GRAPHS = Number(process.env.GRADC_GRAPHS ?? 2000);
const PER_PROGRAM = 25;

type Numbers = number | ArrayLike<number>;
type Results = Readonly<Record<string, Numbers>>;

const list = (x: Numbers): number[] => (typeof x === "number" ? [x] : Array.from(x));
const largest = (numbers: Iterable<number>): number => {
  let most = 0;
  for (const x of numbers) if (Number.isFinite(x)) most = Math.max(most, Math.abs(x));
  return most;
};

/** What naive evaluation gives, and how far rounding may carry a compiled result from it. */
interface Expected {
  readonly values: Results;
  readonly tolerance: ReadonlyMap<string, number>;
}

/** Relative changes of the inputs, of the order of a few roundings. */
const NUDGE = 2 ** -21;

/**
 * A function that magnifies a change of its inputs magnifies roundings as well: the tolerance is what nudged inputs
 * change, many times over, and some roundings of the result's largest element. Second derivatives are made of what the
 * first are made of, even where nothing is left of it.
 */
function expectedOf(f: RandomFunction): Expected {
  const values = evaluate(f.outputs, f.feeds) as Results;
  const nudged = Object.fromEntries(
    Object.entries(f.feeds).map(([name, fed]) => {
      const input = f.inputs.find(i => i.node.attrs.name === name);
      if (input?.dtype !== "f32" && input?.dtype !== "f64") return [name, fed];
      const moved = list(fed).map((x, i) => x * (1 + (i % 2 === 0 ? NUDGE : -NUDGE)));
      return [name, typeof fed === "number" ? moved[0] : moved];
    }),
  );
  const moved = evaluate(f.outputs, nudged) as Results;
  const tolerance = new Map<string, number>();
  for (const [name, value] of Object.entries(values)) {
    const [a, b] = [list(value), list(moved[name])];
    const change = largest(a.map((x, i) => x - b[i]));
    const isFloat = f.outputs[name].dtype === "f32" || f.outputs[name].dtype === "f64";
    const size = Math.max(largest(a), name === "dxx" ? largest(list(values.dx)) : 0);
    tolerance.set(name, isFloat ? 40 * change + 2e-5 * (1 + size) : 0);
  }
  return { values, tolerance };
}

interface Variant {
  readonly target: TargetName;
  readonly mode: NumericMode;
  readonly fuse: boolean;
}

const VARIANTS: readonly Variant[] = [
  ...ALL_MODES.flatMap(mode => ALL_TARGETS.map(target => ({ target, mode, fuse: true }))),
  { target: "wasm", mode: "reproducible", fuse: false },
  { target: "js", mode: "fast", fuse: false },
];

const nameOfVariant = ({ target, mode, fuse }: Variant): string => `${target}, ${mode}${fuse ? "" : ", not fused"}`;

/** Runs functions as one program; the updated variables are results too. */
function runAll(functions: readonly RandomFunction[], variants: readonly Variant[]): Map<Variant, Results[]> {
  const declared = program(
    "random",
    Object.fromEntries(functions.map(({ inputs, outputs, updates }, i) => [`f${i}`, { inputs, outputs, updates }])),
  );
  const results = new Map<Variant, Results[]>();
  for (const mode of ALL_MODES) {
    const { graph } = optimizeProgram(declared.graph, mode);
    for (const variant of variants.filter(v => v.mode === mode)) {
      const target = TARGETS[variant.target];
      const lowered = lowerProgram(graph, { profile: target.profile(mode), mode, fuse: variant.fuse });
      const net = createNet(manifestOf(lowered), target.instantiate(lowered)) as unknown as Net;
      const each = functions.map((f, i) => {
        const call = net[`f${i}` as keyof typeof net] as unknown as (feeds: object) => Record<string, Numbers>;
        const outputs = call(f.feeds);
        for (const u of f.updates) outputs.variable = net.variables[String(u.target.node.attrs.name)].get();
        return outputs;
      });
      results.set(variant, each);
    }
  }
  return results;
}

/** What is wrong with the results of one function; undefined where they are right. */
function fault(at: number, expected: Expected, results: ReadonlyMap<Variant, Results[]>): string | undefined {
  const bits = new Map<string, string>();
  for (const [variant, each] of results) {
    for (const [name, value] of Object.entries(each[at])) {
      const of = name === "variable" ? "updated" : name;
      const want = list(expected.values[of]);
      const got = list(value);
      const tolerance = expected.tolerance.get(of) ?? 0;
      if (got.length !== want.length) return `${name} on ${nameOfVariant(variant)}: ${got.length} of ${want.length}`;
      const wrong = got.findIndex((x, i) => !(Object.is(x, want[i]) || Math.abs(x - want[i]) <= tolerance));
      if (wrong >= 0) {
        return `${name}[${wrong}] on ${nameOfVariant(variant)}: ${got[wrong]}, expected ${want[wrong]} ± ${tolerance}`;
      }
      if (variant.mode !== "reproducible") continue;
      const seen = bits.get(name);
      if (seen === undefined) bits.set(name, bitsOf(got));
      else if (seen !== bitsOf(got)) return `${name} on ${nameOfVariant(variant)}: other bits\n${bitsOf(got)}\n${seen}`;
    }
  }
  return undefined;
}

function faultOf(recipe: Recipe): string | undefined {
  try {
    const f = buildGraph(recipe, "g_");
    return fault(0, expectedOf(f), runAll([f], VARIANTS));
  } catch (error) {
    return String((error as Error).stack);
  }
}

/** The smallest recipe near this one that fails too. */
function minimal(recipe: Recipe): Recipe {
  for (const candidate of smaller(recipe)) if (faultOf(candidate) !== undefined) return minimal(candidate);
  return recipe;
}

function report(recipe: Recipe): string {
  const least = minimal(recipe);
  return `${faultOf(least)}\n  operations ${namesOf(least)}\n  recipe ${JSON.stringify(least)}`;
}

const sampled = fc.sample(recipes, { numRuns: GRAPHS, seed: Number(process.env.GRADC_SEED ?? 20260) });

/** What longer runs than this one have found. */
const FOUND: readonly Recipe[] = [
  {
    // Of a norm over padded rows the first ones are sums of constants, which are the same in all lanes.
    ...{ rows: 1, columns: 16, batch: 1, seed: 1 },
    steps: [
      { op: 8458, a: 432, b: 686, c: 196 },
      { op: 1719, a: 473, b: 422, c: 211 },
      { op: 6705, a: 41, b: 939, c: 136 },
      { op: 6105, a: 695, b: 456, c: 368 },
    ],
  },
  {
    // Nothing but roundings is left of second derivatives.
    ...{ rows: 8, columns: 4, batch: 1, seed: 1881764880 },
    steps: [
      { op: 1195, a: 471, b: 38, c: 7 },
      { op: 2417, a: 29, b: 589, c: 630 },
      { op: 5164, a: 600, b: 737, c: 12 },
    ],
  },
  {
    // Two of the last elements of a rolled row are read at once, the second at (i + 1) − 1.
    ...{ rows: 2, columns: 17, batch: 1, seed: 1 },
    steps: [
      { op: 3012, a: 714, b: 864, c: 754 },
      { op: 3807, a: 312, b: 874, c: 788 },
      { op: 6854, a: 34, b: 375, c: 993 },
      { op: 8603, a: 108, b: 364, c: 224 },
      { op: 2931, a: 557, b: 499, c: 640 },
      { op: 5426, a: 137, b: 8, c: 28 },
      { op: 3219, a: 528, b: 406, c: 879 },
      { op: 9387, a: 281, b: 596, c: 668 },
      { op: 517, a: 147, b: 880, c: 343 },
      { op: 1377, a: 208, b: 361, c: 537 },
      { op: 2921, a: 490, b: 316, c: 816 },
      { op: 550, a: 195, b: 236, c: 330 },
      { op: 8911, a: 147, b: 109, c: 772 },
    ],
  },
];

describe("random graphs on every backend and mode, fused and not", () => {
  it.each(FOUND)("give the naive results: $rows, $columns, $seed", recipe => {
    expect(faultOf(recipe)).toBeUndefined();
  });

  it.each(Array.from({ length: GRAPHS / PER_PROGRAM }, (_, i) => i))("give the naive results: batch %i", batch => {
    const own = sampled.slice(batch * PER_PROGRAM, (batch + 1) * PER_PROGRAM);
    const faults: string[] = [];
    try {
      const functions = own.map((recipe, i) => buildGraph(recipe, `g${i}_`));
      const expected = functions.map(expectedOf);
      const results = runAll(functions, VARIANTS);
      own.forEach((recipe, i) => {
        if (fault(i, expected[i], results) !== undefined) faults.push(report(recipe));
      });
    } catch (error) {
      const failing = own.filter(recipe => faultOf(recipe) !== undefined);
      faults.push(...(failing.length > 0 ? failing.map(report) : [String((error as Error).stack)]));
    }
    expect(faults).toEqual([]);
  });
});
