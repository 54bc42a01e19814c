import fc from "fast-check";
import * as g from "../../src/index.ts";
import { leavesUnder } from "../../src/program/checks.ts";
import { isFloat, isInt } from "../../src/shared/dtype.ts";
import { maxSizeOf, typeEquals } from "../../src/shared/shape.ts";

type Float = g.Tensor<"f32">;
type Int = g.Tensor<"i32">;
type Bool = g.Tensor<"bool">;
type Variable = g.Param | g.State;

/** One operation: which, and on which earlier values. */
interface Step {
  readonly op: number;
  readonly a: number;
  readonly b: number;
}

interface FunctionRecipe {
  readonly steps: readonly Step[];
  /** Which variable gets which of the values that fit it. */
  readonly updates: readonly { readonly variable: number; readonly value: number }[];
  readonly outputs: readonly number[];
}

export interface ProgramRecipe {
  readonly rows: number;
  readonly columns: number;
  readonly functions: readonly FunctionRecipe[];
  readonly calls: readonly { readonly function: number; readonly batch: number; readonly seed: number }[];
}

export const MAX_BATCH = 5;
const at = fc.nat(999);

const functionRecipes: fc.Arbitrary<FunctionRecipe> = fc.record({
  steps: fc.array(fc.record({ op: at, a: at, b: at }), { maxLength: 12, size: "max" }),
  updates: fc.array(fc.record({ variable: at, value: at }), { minLength: 1, maxLength: 7, size: "max" }),
  outputs: fc.array(at, { maxLength: 3 }),
});

export const programRecipes: fc.Arbitrary<ProgramRecipe> = fc.record({
  rows: fc.constantFrom(1, 2, 4, 5, 8),
  columns: fc.constantFrom(1, 3, 4, 9),
  functions: fc.array(functionRecipes, { minLength: 1, maxLength: 3 }),
  calls: fc.array(fc.record({ function: at, batch: fc.integer({ min: 1, max: MAX_BATCH }), seed: at }), {
    minLength: 10,
    maxLength: 10,
  }),
});

/** Values of bounded size: all operations below keep floats within a few units, and round-offs small. */
type Pool = readonly g.Tensor[];
type Operation = (pool: Pool, step: Step) => g.Tensor | undefined;

function pick<T extends g.Tensor>(pool: Pool, at: number, test: (t: g.Tensor) => boolean): T | undefined {
  const fit = pool.filter(test);
  // Younger values rather than older ones, every other time.
  const some = at % 2 === 0 ? fit.slice(-4) : fit;
  return some[Math.trunc(at / 2) % some.length] as T | undefined;
}

const isF32 = (t: g.Tensor): boolean => t.dtype === "f32";
const isRanked =
  (rank: number) =>
  (t: g.Tensor): boolean =>
    isF32(t) && t.rank === rank;
const fixed = (t: g.Tensor): boolean => t.shape.every(d => typeof d === "number");

/** An operation on one f32 value of some rank. */
const one =
  (f: (x: Float) => g.Tensor, test: (t: g.Tensor) => boolean = isF32): Operation =>
  (pool, { a }) => {
    const x = pick<Float>(pool, a, test);
    return x && f(x);
  };

/** An operation on two values of one type. */
const two =
  (f: (x: Float, y: Float) => g.Tensor, test: (t: g.Tensor) => boolean = isF32): Operation =>
  (pool, { a, b }) => {
    const x = pick<Float>(pool, a, test);
    const y = x && pick<Float>(pool, b, t => typeEquals(t, x));
    return x && y && f(x, y);
  };

const matrix = (t: g.Tensor): boolean => isRanked(2)(t) && fixed(t);
const half = (x: Float): Float => g.mul(x, 0.5);
const toI32 = (x: g.Tensor): Int => g.cast(x, "i32");

/** The rows of x one further down, the first from y. */
const shifted = (x: Float, y: Float): g.Tensor => {
  const [rows, columns] = x.shape as number[];
  return g.concat([g.slice(y, [rows - 1, 0], [rows, columns]), g.slice(x, [0, 0], [rows - 1, columns])], 0);
};

const OPERATIONS: readonly Operation[] = [
  one(x => g.tanh(x)),
  one(x => g.mul(g.sub(x, 0.25), 0.75)),
  two((x, y) => half(g.add(x, y))),
  two((x, y) => g.sub(half(x), g.mul(y, 0.25))),
  two((x, y) => g.tanh(g.mul(x, y))),
  two((x, y) => g.mul(g.matmul(x, g.transpose(y)), 1 / maxSizeOf(x.shape.slice(1))), matrix),
  two((x, y) => g.tanh(g.add(g.mul(g.matmul(g.matmul(x, g.transpose(y)), x), 0.05), y)), matrix),
  two((x, y) => (x.shape[0] === 1 ? x : shifted(x, y)), matrix),
  one(x => g.transpose(x), matrix),
  one(x => g.reshape(x, [x.shape[1], x.shape[0]]), matrix),
  one(x => g.reshape(g.transpose(x), x.shape), matrix),
  one(x => g.flip(x, [0]), isRanked(2)),
  one(x => g.softmax(x, -1), isRanked(2)),
  one(x => g.mean(x, [0]), isRanked(2)),
  one(x => g.mean(x), isRanked(2)),
  one(x => half(g.sub(x, g.mean(x, [1], { keepDims: true }))), isRanked(2)),
  one(x => g.mul(g.cumsum(x, 0), 1 / maxSizeOf(x.shape.slice(0, 1))), isRanked(2)),
  one(x => g.cast(g.cast(x, "f64").mul(0.5), "f32")),
  (pool, { a, b }) => {
    const x = pick<Float>(pool, a, matrix);
    const row = x && pick<Float>(pool, b, t => isRanked(1)(t) && t.shape[0] === x.shape[1]);
    return x && row && half(g.add(x, row));
  },
  (pool, { a, b }) => {
    const x = pick<Float>(pool, a, matrix);
    const scale = pick<Float>(pool, b, isRanked(0));
    return x && scale && g.tanh(g.mul(x, scale));
  },
  // A loop over rows: its last carry, or its stack.
  (pool, { a, b }) => {
    const x = pick<Float>(pool, a, isRanked(2));
    const h = x && pick<Float>(pool, b, t => isRanked(1)(t) && t.shape[0] === x.shape[1]);
    if (!x || !h) return undefined;
    const { carry, out } = g.scan(
      (c: Float, row: Float) => ({ carry: g.tanh(g.add(half(c), row)), out: g.sub(half(row), half(c)) }),
      h,
      x,
      { reverse: a % 2 === 1 },
    );
    return b % 2 === 0 ? carry : out;
  },
  // A gradient for a variable.
  (pool, { a, b }) => {
    const x = pick<Float>(pool, a, isF32);
    const w = x && pick<Float>(pool, b, t => isF32(t) && (t instanceof g.Param || t instanceof g.State));
    if (!x || !w || !leavesUnder([x]).includes(w)) return undefined;
    return g.tanh(g.sub(w, g.mul(g.grad(g.mean(g.square(x)), w) as Float, 0.1)));
  },
  (pool, { a, b }) => {
    const m = pick<Bool>(pool, a, t => t.dtype === "bool");
    const x = m && pick<Float>(pool, b, t => isF32(t) && typeEquals({ ...t.type, dtype: "bool" }, m));
    const y = m && pick<Float>(pool, a + b, t => isF32(t) && typeEquals({ ...t.type, dtype: "bool" }, m));
    return m && x && y && g.where(m, x, half(y));
  },
  (pool, { a, b }) => {
    const m = pick<Bool>(pool, a, t => t.dtype === "bool");
    const k = pick<Int>(pool, b, t => isInt(t.dtype) && t.rank === 0);
    return m && k && g.xor(m, g.gt(g.mod(k, 3), 0));
  },
  (pool, { a, b }) => {
    const n = pick<Int>(pool, a, t => isInt(t.dtype));
    const k = pick<Int>(pool, b, t => isInt(t.dtype) && t.rank === 0);
    return n && k && g.mod(g.add(n, g.mul(k, 3)), 101);
  },
  (pool, { a }) => {
    const m = pick<Bool>(pool, a, t => t.dtype === "bool");
    return m && g.sum(toI32(m));
  },
  (pool, { a, b }) => {
    const x = pick<Float>(pool, a, matrix);
    const n = pick<Int>(pool, b, t => isInt(t.dtype) && t.rank === 2);
    return x && n && g.mean(g.gather(x, n), [0]);
  },
  (pool, { a }) => {
    const d = pick<g.Tensor<"f64">>(pool, a, t => t.dtype === "f64");
    return d && g.tanh(g.mul(g.add(d, 0.5), 0.75));
  },
  (pool, { a, b }) => {
    const x = pick<Float>(pool, a, isF32);
    const d = x && pick<g.Tensor<"f64">>(pool, b, t => typeEquals(t, { ...x.type, dtype: "f64" }));
    return x && d && g.sub(g.mul(d, 0.5), g.cast(x, "f64"));
  },
];

export interface StatefulProgram {
  readonly functions: g.Functions;
  readonly variables: readonly Variable[];
}

/** The functions of a recipe over one set of variables. */
export function buildProgram({ rows, columns, functions }: ProgramRecipe): StatefulProgram {
  const ramp = (shape: readonly number[], step = 0.1): Float =>
    g.constant(
      Array.from({ length: maxSizeOf(shape) }, (_, i) => Math.sin(i * step + step)),
      shape,
    ) as Float;
  const full = [rows, columns];
  const variables = [
    g.param("a", full, g.constantInit(0.75)),
    g.state("b", ramp(full)),
    g.state("c", ramp(full, 0.7)),
    g.param("row", [columns], g.constantInit(-0.5)),
    g.state("turned", ramp([columns, rows])),
    g.state("scale", g.constant(0.5)),
    g.state("k", g.constant(1, [], "i32")),
    g.state("n", toI32(g.mul(ramp(full), 9))),
    g.state("m", g.gt(ramp(full, 2), 0)),
    g.state("m2", g.gt(ramp(full, 3), 0)),
    g.state("d", g.cast(ramp(full, 1.3), "f64")),
  ] as unknown as readonly Variable[];
  const x = g.input("x", full);
  const y = g.input("y", [g.dim("B", { max: MAX_BATCH }), columns]);
  const declared = functions.map(recipe => {
    const pool: g.Tensor[] = [x, y, ...variables];
    for (const step of recipe.steps) {
      const made = OPERATIONS[step.op % OPERATIONS.length](pool, step);
      if (made) pool.push(made);
    }
    const updates = new Map<Variable, g.Update>();
    for (const { variable, value } of recipe.updates) {
      const target = variables[variable % variables.length];
      const fill = value % 20 === 0 && isFloat(target.dtype);
      const fresh = fill ? 0.25 : pick<g.Tensor>(pool, value, t => t !== target && typeEquals(t, target));
      if (fresh !== undefined) updates.set(target, g.set(target, fresh));
    }
    const results = recipe.outputs.map(o => pool[o % pool.length]);
    const outputs = Object.fromEntries([...results, pool[pool.length - 1]].map((t, i) => [`o${i}`, t]));
    const used = leavesUnder([...Object.values(outputs), ...[...updates.values()].map(u => u.value)]);
    return { inputs: [x, y].filter(i => used.includes(i)), outputs, updates: [...updates.values()] };
  });
  return { functions: Object.fromEntries(declared.map((f, i) => [`f${i}`, f])), variables };
}
