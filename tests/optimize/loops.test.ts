import { describe, expect, it } from "vitest";
import { lower } from "../../src/compile.ts";
import type { Node } from "../../src/graph/node.ts";
import { topological } from "../../src/graph/traverse.ts";
import * as g from "../../src/index.ts";
import { isLowerable } from "../../src/kinds/form.ts";
import { PASSES } from "../../src/pipeline.ts";
import { printPlan } from "../../src/plan/print.ts";
import { TARGETS } from "../../src/targets.ts";
import { checkEverywhere } from "../support/everywhere.ts";
import { randomNumbers } from "../support/random-values.ts";

function numbers(n: number, seed: number): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: n }, () => 2 * random() - 1);
}

type F32 = g.Tensor<"f32">;

const T = 5;
const B = 3;
const H = 7;

/** A loop that multiplies by two captured weights, one of them twice. */
function network() {
  const x = g.input("x", [T, B, H]);
  const w = g.input("w", [H, H]);
  const v = g.input("v", [H, H]);
  const start = g.input("start", [B, H]);
  const { out, carry } = g.scan(
    (h: g.Tensor<"f32">, xt: g.Tensor<"f32">) => {
      const next = g.tanh(g.add(g.add(g.matmul(h, w), g.matmul(xt, v)), g.matmul(g.sin(h), w)));
      return { carry: next, out: next };
    },
    start,
    x,
  );
  const loss = g.add(g.sum(g.mul(out, out)), g.sum(carry));
  return { inputs: [x, w, v, start], loss, wrt: [w, v, x, start] };
}

/** The loops of a graph after the passes. */
function loopsOf(roots: readonly g.Tensor[]): Node[] {
  let state = { roots, mode: "fast" as const, fired: [] };
  for (const pass of PASSES) state = pass.run(state) as typeof state;
  return topological(state.roots).filter(n => n.regions.length > 0);
}

/** The products of a graph after the passes that stand in no loop. */
function outsideOf(roots: readonly g.Tensor[]): Node[] {
  let state = { roots, mode: "fast" as const, fired: [] };
  for (const pass of PASSES) state = pass.run(state) as typeof state;
  return topological(state.roots).filter(n => n.op.name === "contract");
}

const productsIn = (node: Node): number =>
  topological(node.regions[0].results).filter(n => isLowerable(n.op) && n.op.form(n).form === "contraction").length;

describe("loops", () => {
  it("stack the factors of a captured weight's gradient: the loop holds only the products it needs step by step", () => {
    const { loss, wrt } = network();
    const loops = loopsOf(g.grad(loss, wrt));
    // Forward: h·w, sin(h)·w. Backward: ȳ·wᵀ, which serves both uses of w; none of the weights.
    expect(loops.map(productsIn)).toEqual([2, 1]);
    // The matrix is turned before the loop, not in every step.
    expect(loops[1].operands.filter(o => o.node.op.name === "transpose")).toHaveLength(1);
    const backward = loops[1];
    expect(backward.operands.every((o, k) => k >= Number(backward.attrs.carries) || o.shape[0] === B)).toBe(true);
  });

  it("multiply sequences before the loop and stacks after it, once for all steps", () => {
    const { loss, wrt } = network();
    const products = outsideOf(g.grad(loss, wrt));
    // x·v, which the loop reads in slices; and of the stack ȳ: its products with vᵀ, with x and with both factors of w.
    expect(products.map(p => p.outputs[0].shape)).toEqual(
      expect.arrayContaining([
        [T, B, H],
        [T, B, H],
        [H, H],
      ]),
    );
    expect(products.filter(p => p.outputs[0].shape[0] === T)).toHaveLength(2);
    // A product of a product, and of a sequence on the right.
    const x = g.input("x", [T, H, B]);
    const v = g.input("v", [H, H]);
    const { carry } = g.scan(
      (c: F32, xt: F32) => ({ carry: g.tanh(g.add(c, g.matmul(v, g.matmul(v, xt)))) }),
      g.zeros([H, B]),
      x,
    );
    expect(outsideOf([carry])).toHaveLength(2);
    expect(loopsOf([carry]).map(productsIn)).toEqual([0]);
    checkEverywhere([x, v], { carry }, { x: numbers(T * B * H, 7), v: numbers(H * H, 8) });
  });

  it("drop carries, stacks, sequences and captures that nobody needs, however deep", () => {
    const x = g.input("x", [T, B]);
    const y = g.input("y", [T, B]);
    const w = g.input("w", [B]);
    const { carry } = g.scan(
      ({ a, b, c, fixed }: Record<string, F32>, { xt, yt }: Record<string, F32>) => {
        const inner = g.scan(
          ({ d, e }: Record<string, F32>) => ({ carry: { d: g.tanh(g.mul(d, w)), e: g.add(e, c) }, out: [e, d] }),
          { d: a, e: b },
          null,
          { length: 2 },
        );
        const after = { a: g.add(inner.carry.d, g.mul(xt, fixed)), b: inner.carry.e, c: g.mul(c, yt), fixed };
        return { carry: after, out: inner.out };
      },
      { a: w, b: w, c: w, fixed: g.exp(w) },
      { xt: x, yt: y },
    );
    const [loop] = loopsOf([carry.a]);
    expect(loop.attrs).toMatchObject({ carries: 1, sequences: 1, captures: 2 });
    const [inside] = topological(loop.regions[0].results).filter(n => n.regions.length > 0);
    expect(inside.attrs).toMatchObject({ carries: 1, captures: 1 });
    expect(inside.outputs).toHaveLength(1);
    const feeds = { x: numbers(T * B, 9), y: numbers(T * B, 11), w: numbers(B, 10) };
    checkEverywhere([x, y, w], { a: carry.a, fixed: carry.fixed }, feeds);
    // Loops with conditions lose the count of their steps, and what they only carry along.
    const until = g.whileLoop(
      ({ n }) => g.lt(n, 5),
      ({ n, lost }) => ({ n: g.add(n, 1), lost: g.mul(lost, w) }),
      { n: g.constant(0), lost: w },
      { max: 9 },
    );
    expect(loopsOf([until.n as g.Tensor])[0].attrs).toMatchObject({ carries: 1, captures: 0 });
    expect(loopsOf([g.grad(g.sum(until.lost as F32), w)])[0].attrs.counted).toBe(true);
    // Of a choice: one result, one capture; and the body itself where the choice is known.
    const choose = (known: boolean) =>
      g.cond(
        known ? g.constant(true, [], "bool") : g.gt(g.sum(w), 0),
        () => [g.mul(w, 2), x] as const,
        () => [g.mul(w, 3), y] as const,
      )[0];
    const [choice] = loopsOf([choose(false)]);
    expect([choice.operands.length, choice.outputs.length]).toEqual([2, 1]);
    expect(loopsOf([choose(true)])).toEqual([]);
    expect(g.evaluate(choose(true), { ...feeds, w: [1, 2, 3] })).toEqual(Float32Array.of(2, 4, 6));
  });

  it("add rows at their places once for all steps: the gradient of a table that every step reads", () => {
    const symbol = g.input("symbol", [T, B], "i32");
    const table = g.input("table", [6, H]);
    const { carry } = g.scan(
      (h: F32, s: g.Tensor<"i32">) => ({ carry: g.tanh(g.add(g.mul(h, 0.5), g.gather(table, s))) }),
      g.zeros([B, H]),
      symbol,
    );
    const slope = g.grad(g.sum(g.mul(carry, carry)), table);
    for (const loop of loopsOf([slope])) {
      expect(topological(loop.regions[0].results).map(n => n.op.name)).not.toContain("scatterAdd");
    }
    const symbols = Int32Array.from({ length: T * B }, (_, i) => (i * i) % 6);
    checkEverywhere([symbol, table], { carry, slope }, { symbol: symbols, table: numbers(6 * H, 12) });
  });

  it("run once for values and gradients, under a condition and with checkpoints too", () => {
    const w = g.input("w", [B]);
    const x = g.input("x", [16, B]);
    const until = g.whileLoop(
      (c: F32) => g.lt(g.sum(c), 9),
      (c: F32) => g.add(g.sin(c), w) as F32,
      w,
      { max: 9 },
    ) as F32;
    const names = (roots: readonly g.Tensor[]) => loopsOf(roots).map(n => n.op.name);
    expect(names([until, g.grad(g.sum(until), w)])).toEqual(["while", "scan"]);
    expect(names([until, g.hvp(g.sum(until), w, w)])).toEqual(["while", "scan", "scan", "scan"]);
    const { carry } = g.scan((c: F32, xt: F32) => ({ carry: g.tanh(g.add(g.mul(c, w), xt)) }), w, x, {
      checkpoint: true,
    });
    const [forward, backward, ...more] = loopsOf([carry, g.grad(g.sum(carry), w)]);
    expect(more).toEqual([]);
    // Forwards a segment runs once; backwards it runs, and is differentiated.
    const inside = (node: Node) => topological(node.regions[0].results).filter(n => n.regions.length > 0).length;
    expect([inside(forward), inside(backward)]).toEqual([1, 2]);
  });

  it("have as many kernels and as much code for any number of steps", () => {
    const plans = [4, 4096].map(length => {
      const x = g.input("x", [length, B]);
      const w = g.input("w", [B, B]);
      const { carry } = g.scan((c: F32, xt: F32) => ({ carry: g.tanh(g.matmul(g.add(c, xt), w)) }), g.zeros([B]), x);
      const slope = g.grad(g.sum(carry), w);
      const { graph } = g.program("p", { f: { inputs: [x, w], outputs: { slope } } });
      return lower(graph, TARGETS.wasm, "fast");
    });
    const [few, many] = plans.map(p => [p.kernels.length, printPlan(p).split("\n").length]);
    expect(many).toEqual(few);
  });

  it("give the gradients that the naive evaluation of the same graph gives, on every target", () => {
    const { inputs, loss, wrt } = network();
    const [w, v, x, start] = g.grad(loss, wrt);
    const feeds = {
      x: numbers(T * B * H, 1),
      w: numbers(H * H, 2),
      v: numbers(H * H, 3),
      start: numbers(B * H, 4),
    };
    // 1 − tanh² has few digits left where tanh is near 1.
    checkEverywhere(inputs, { loss, w, v, x, start }, feeds, { tolerance: 4e-5 });
  });

  it("keep a sum whose stacks would need far more room than it", () => {
    const rows = g.input("rows", [T, 64, 2]);
    const { carry } = g.scan(
      (sum: g.Tensor<"f32">, r: g.Tensor<"f32">) => ({ carry: g.add(sum, g.einsum("bi,bj->ij", g.sin(r), r)) }),
      g.zeros([2, 2]),
      rows,
    );
    const [loop] = loopsOf([carry]);
    expect(productsIn(loop)).toBe(1);
  });

  it("add up from where the carry starts, and keep what is not a product in the loop", () => {
    const rows = g.input("rows", [T, 2, 6]);
    const start = g.input("start", [6, 6]);
    const { carry } = g.scan(
      (sum: g.Tensor<"f32">, r: g.Tensor<"f32">) => ({
        carry: g.add(g.add(g.einsum("bi,bj->ij", g.sin(r), r), sum), g.einsum("bi->i", r)),
      }),
      start,
      rows,
    );
    checkEverywhere([rows, start], { carry }, { rows: numbers(60, 5), start: numbers(36, 6) });
    const [loop] = loopsOf([carry]);
    expect(productsIn(loop)).toBe(0);
  });
});
