import fc from "fast-check";
import { nameOf } from "../../src/graph/provenance.ts";
import * as g from "../../src/index.ts";
import { leavesUnder } from "../../src/program/checks.ts";
import { isFloat, isInt } from "../../src/shared/dtype.ts";
import { OPERATIONS } from "./random-operations.ts";
import { randomNumbers } from "./random-values.ts";

type Numeric = g.Tensor<g.NumericDType>;

/** A value of a random graph, and what the generator knows of it. */
export interface Known {
  readonly tensor: g.Tensor;
  /** No element of a float is larger: keeps graphs away from overflow and cancellation. */
  readonly bound: number;
  /** Has the same bits however it is computed: what functions with jumps (floor, compare, topK …) may look at. */
  readonly exact: boolean;
  /** No kink was taken of a value that is not exact: its gradient does not jump with the last bits of a sum. */
  readonly smooth: boolean;
}

/** One operation: which, on which earlier values, and with which options. */
export interface Step {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** All that decides a graph: sizes, the numbers fed, and the steps. */
export interface Recipe {
  readonly rows: number;
  readonly columns: number;
  readonly batch: number;
  readonly seed: number;
  readonly steps: readonly Step[];
}

/** The largest batch. */
export const MAX_BATCH = 6;

const size = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 13, 17);
const step: fc.Arbitrary<Step> = fc.record({
  op: fc.nat(9999),
  a: fc.nat(999),
  b: fc.nat(999),
  c: fc.nat(999),
});

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  rows: size,
  columns: size,
  batch: fc.integer({ min: 1, max: MAX_BATCH }),
  seed: fc.nat(),
  steps: fc.array(step, { minLength: 3, maxLength: 14, size: "max" }),
});

const SQUASH_ABOVE = 64;

/** Notes a new value; large ones are scaled down. */
function noted(known: Known): Known {
  const { tensor, bound } = known;
  if (!isFloat(tensor.dtype) || bound <= SQUASH_ABOVE) return known;
  return { tensor: g.mul(tensor as Numeric, 1 / bound), bound: 1, exact: false, smooth: known.smooth };
}

/** A function with what to feed it and what it may update. */
export interface RandomFunction {
  readonly inputs: readonly g.Input[];
  readonly outputs: Readonly<Record<string, g.Tensor>>;
  readonly updates: readonly g.Update[];
  readonly feeds: Readonly<Record<string, number | number[]>>;
  readonly recipe: Recipe;
}

function leaves({ rows, columns }: Recipe, prefix: string): Known[] {
  const B = g.dim("B", { max: MAX_BATCH });
  const float = (tensor: g.Tensor): Known => ({ tensor, bound: 2, exact: true, smooth: true });
  return [
    float(g.input(`${prefix}x`, [rows, columns])),
    float(g.input(`${prefix}y`, [B, columns])),
    float(g.input(`${prefix}d`, [rows, columns], "f64")),
    float(g.input(`${prefix}s`, [])),
    float(g.param(`${prefix}w`, [rows, columns], g.constantInit(0.75))),
    float(g.input(`${prefix}t`, [2, rows, columns])),
    float(g.input(`${prefix}n`, [rows, columns], "i32")),
    float(g.input(`${prefix}u`, [columns], "u32")),
    float(g.input(`${prefix}m`, [rows, columns], "bool")),
  ];
}

/** Numbers for a leaf: no two floats nearly equal, integers of both signs, the largest ones among them. */
function numbersFor(leaf: g.Tensor, { batch }: Recipe, random: () => number): number | number[] {
  const count = leaf.shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : batch), 1);
  const one = (): number => {
    if (leaf.dtype === "bool") return random() < 0.5 ? 1 : 0;
    if (isInt(leaf.dtype)) {
      const wide = random() < 0.15;
      if (leaf.dtype === "u32") return wide ? 2 ** 32 - 1 - Math.floor(random() * 4) : Math.floor(random() * 40);
      return wide ? -(2 ** 31) + Math.floor(random() * 4) : Math.floor(random() * 40) - 20;
    }
    return Math.fround((random() < 0.5 ? -1 : 1) * (0.1 + 1.9 * random()));
  };
  const list = Array.from({ length: count }, one);
  return leaf.rank === 0 ? list[0] : list;
}

const isFloating = ({ tensor }: Known): boolean => isFloat(tensor.dtype);

/** Builds a function from a recipe. Names start with `prefix`, so that several stand in one program. */
export function buildGraph(recipe: Recipe, prefix: string): RandomFunction {
  const pool = leaves(recipe, prefix);
  const given = [...pool];
  for (const s of recipe.steps) {
    const operation = OPERATIONS[s.op % OPERATIONS.length];
    for (const made of operation.make(pool, s) ?? []) pool.push(noted(made));
  }
  const own = pool.slice(given.length);
  const results = own.length > 0 ? own.slice(-3) : pool.slice(0, 1);
  const outputs: Record<string, g.Tensor> = {};
  results.forEach((r, i) => {
    outputs[`o${i}`] = r.tensor;
  });
  const updates: g.Update[] = [];
  const [w] = given.filter(l => l.tensor.node.op.name === "param");
  const target = w.tensor as g.Param<string, "f32">;
  const last = results.findLast(r => r.smooth && isFloating(r));
  if (last) {
    const y = last.tensor as g.Tensor<"f32">;
    const loss = g.sum(g.mul(g.tanh(y), y));
    const wrt = given.filter(l => l.smooth && isFloating(l)).map(l => l.tensor);
    const gradients = g.grad(loss, wrt, { disconnected: "zeros" });
    wrt.forEach((leaf, i) => {
      // What the result does not depend on would be listed as an output of zeros: one such is enough.
      if (leavesUnder([y]).includes(leaf)) outputs[`d${nameOf(leaf)?.slice(prefix.length)}`] = gradients[i];
    });
    const dw = gradients[wrt.indexOf(w.tensor)];
    if (recipe.seed % 3 === 0 && leavesUnder([y]).includes(w.tensor)) {
      const value = g.sub(target, g.mul(dw as Numeric, 0.1)) as g.Tensor;
      outputs.updated = value;
      updates.push(g.set(target, value));
    }
    if (recipe.seed % 4 === 0 && outputs.dx) {
      const [second] = g.grad(g.sum(g.tanh(outputs.dx as g.Tensor<"f32">)), [wrt[0]], { disconnected: "zeros" });
      outputs.dxx = second;
    }
  }
  const roots = [...Object.values(outputs), ...updates.map(u => u.value)];
  const used = leavesUnder(roots).filter(l => l.node.op.name === "input");
  const random = randomNumbers(recipe.seed);
  const feeds: Record<string, number | number[]> = {};
  for (const { tensor } of given) {
    const numbers = numbersFor(tensor, recipe, random);
    if (used.includes(tensor)) feeds[String(nameOf(tensor))] = numbers;
  }
  return { inputs: used as unknown as g.Input[], outputs, updates, feeds, recipe };
}

/** The operations of a recipe, for messages. */
export const namesOf = (recipe: Recipe): string =>
  recipe.steps.map(s => OPERATIONS[s.op % OPERATIONS.length].name).join(", ");

/** Recipes with one step less, or smaller sizes: for finding the least one that fails. */
export function* smaller(recipe: Recipe): Generator<Recipe> {
  for (let i = recipe.steps.length - 1; i >= 0; i--) yield { ...recipe, steps: recipe.steps.toSpliced(i, 1) };
  if (recipe.rows > 1) yield { ...recipe, rows: recipe.rows - 1 };
  if (recipe.columns > 1) yield { ...recipe, columns: recipe.columns - 1 };
  if (recipe.batch > 1) yield { ...recipe, batch: recipe.batch - 1 };
  if (recipe.seed % 3 === 0 || recipe.seed % 4 === 0) yield { ...recipe, seed: 1 };
}
