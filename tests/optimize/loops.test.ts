import { describe, expect, it } from "vitest";
import type { Node } from "../../src/graph/node.ts";
import { topological } from "../../src/graph/traverse.ts";
import * as g from "../../src/index.ts";
import { isLowerable } from "../../src/kinds/form.ts";
import { PASSES } from "../../src/pipeline.ts";
import { checkEverywhere } from "../support/everywhere.ts";
import { randomNumbers } from "../support/random-values.ts";

function numbers(n: number, seed: number): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: n }, () => 2 * random() - 1);
}

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

const productsIn = (node: Node): number =>
  topological(node.regions[0].results).filter(n => isLowerable(n.op) && n.op.form(n).form === "contraction").length;

describe("loops", () => {
  it("stack the factors of a captured weight's gradient: the loop holds only the products it needs step by step", () => {
    const { loss, wrt } = network();
    const loops = loopsOf(g.grad(loss, wrt));
    // Forward: h·w, sin(h)·w, x·v. Backward: ȳ·wᵀ, which serves both uses of w, and ȳ·vᵀ; none of the weights.
    expect(loops.map(productsIn)).toEqual([3, 2]);
    // Both matrices are turned before the loop, not in every step.
    expect(loops[1].operands.filter(o => o.node.op.name === "transpose")).toHaveLength(2);
    const backward = loops[1];
    expect(backward.operands.every((o, k) => k >= Number(backward.attrs.carries) || o.shape[0] === B)).toBe(true);
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
    checkEverywhere(inputs, { loss, w, v, x, start }, feeds);
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
