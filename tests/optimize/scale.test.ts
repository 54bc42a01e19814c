import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import { add, mul, neg } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/reduce.ts";
import { tanh } from "../../src/ops/transcendental.ts";
import { concat, expand, reshape } from "../../src/ops/view.ts";
import { sample } from "../../src/optimize/example.ts";
import { canonicalise, type Optimized, simplify, stabilise } from "../../src/optimize/index.ts";

type Vector = Tensor<"f32">;

/** Layers one above the other; each has something to simplify. */
function chain(layers: number): Vector {
  let h: Vector = sample("x");
  for (let i = 0; i < layers; i++) h = tanh(add(mul(reshape(reshape(h, [1, 3]), [3]), 1), sample(`b${i}`)));
  return h;
}

/** Many short branches side by side. */
function wide(branches: number): Vector {
  const x = sample("x");
  return concat(Array.from({ length: branches }, (_, i) => neg(neg(mul(x, sample(`w${i}`))))));
}

/** A chain that collapses altogether. */
function collapsing(length: number): Vector {
  let h: Vector = sample("x");
  for (let i = 0; i < length; i++) h = neg(h);
  return h;
}

/**
 * Layers of which each waits for a rewrite in the layer below: Σ (h·s) becomes s·Σ h where Σ h is there, of an h that
 * becomes what it is by that same rewrite.
 */
function dependent(layers: number): Vector {
  let h: Vector = sample("x", "f32", [2, 3]);
  const wide = (v: Vector): Vector => expand(v, [2, 3], [0]);
  for (let i = 0; i < layers; i++) {
    const scaled = mul(h, wide(sample(`s${i}`, "f32", [2])));
    h = tanh(add(scaled, wide(add(sum(scaled, 1), sum(h, 1)))));
  }
  return h;
}

describe("work grows with the size of the graph, not faster", () => {
  it.each([
    ["deep", chain],
    ["wide", wide],
    ["collapsing", collapsing],
    ["dependent", dependent],
  ])("%s", (_name, make) => {
    for (const phase of [canonicalise, stabilise, simplify]) {
      const work = (n: number): Optimized => phase([make(n)], "fast");
      const [small, large] = [work(500), work(2000)];
      expect(large.stopped).toBe("fixpoint");
      expect(large.attempts).toBeLessThanOrEqual(4.2 * small.attempts);
      // A few tries a node: rules are found by operation.
      expect(large.attempts).toBeLessThan(40 * topological([make(2000)]).length);
    }
  });

  it("rewrites all layers although each waits for the one below", () => {
    const { fired, stopped } = simplify([dependent(500)], "fast");
    expect(stopped).toBe("fixpoint");
    expect(fired.filter(f => f.rule === "sum-of-product")).toHaveLength(500);
  });

  it("takes graphs of any depth", () => {
    const result = canonicalise([chain(2500)], "fast");
    expect(result.stopped).toBe("fixpoint");
    // tanh, add and the bias are left of each layer.
    expect(topological(result.roots)).toHaveLength(2500 * 3 + 1);
    expect(canonicalise([collapsing(20_000)], "fast").roots[0].node.op.nominal).toBe(true);
  });
});
