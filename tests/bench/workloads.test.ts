import { describe, expect, it } from "vitest";
import { bytesMoved, functionOf, SEED, WORKLOADS, type Workload } from "../../bench/workloads/index.ts";
import type { Node } from "../../src/graph/node.ts";
import { rootsOf } from "../../src/graph/program-graph.ts";
import { topological } from "../../src/graph/traverse.ts";
import { compile } from "../../src/index.ts";
import { isLowerable } from "../../src/kinds/form.ts";
import { formOf } from "../../src/lower/reader.ts";
import { optimizeProgram } from "../../src/pipeline.ts";
import type { TypedArray } from "../../src/shared/dtype.ts";
import { maxSizeOf } from "../../src/shared/shape.ts";

/** Flops of the contractions that are left to compute, those of loops as often as they run. */
function contractionFlops(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => {
    if (!isLowerable(node.op)) return sum; // a leaf
    const form = formOf(node);
    if (form.form === "contraction") return sum + 2 * maxSizeOf(Object.values(form.extents));
    const length = typeof node.attrs.length === "number" ? node.attrs.length : 1;
    const inner = node.regions.map(region => contractionFlops(topological(region.results)));
    return sum + length * inner.reduce((a, b) => a + b, 0);
  }, 0);
}

const flopsOf = (workload: Workload): number => {
  const { functions } = optimizeProgram(workload.declare().graph, "fast", undefined, false).graph;
  return contractionFlops(topological(functions.flatMap(rootsOf)));
};

type Callable = (feeds: object) => Record<string, number | TypedArray>;

async function callable(workload: Workload): Promise<Callable> {
  const net = await compile(workload.declare(), { target: "wasm", seed: SEED });
  return (net as unknown as Record<string, Callable>)[functionOf(workload)];
}

const training = WORKLOADS.filter(w => w.kind === "training");
const inference = WORKLOADS.filter(w => w.kind === "inference");
/** Gradients of inputs of convolutions count products with the zeros of padding, which no formula has. */
const dense = WORKLOADS.filter(w => /^(xor|mlp|lstm|vae|transformer|product)/.test(w.name));

describe("workloads", () => {
  it("have names of their own", () => {
    expect(new Set(WORKLOADS.map(w => w.name)).size).toBe(WORKLOADS.length);
  });

  it.each(dense.map(w => [w.name, w] as const))("%s: flops by formula are those of the graph", (_, workload) => {
    expect(flopsOf(workload)).toBe(workload.flops);
  });

  it.each(training.map(w => [w.name, w] as const))("%s learns a batch", async (_, workload) => {
    const train = await callable(workload);
    const losses = Array.from({ length: 8 }, () => Number(train(workload.feeds(0)).loss));
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses[7]).toBeLessThan(losses[0]);
  });

  it.each(inference.map(w => [w.name, w] as const))("%s depends on its input", async (_, workload) => {
    const predict = await callable(workload);
    const [a, b] = [0, 1].map(call => Float32Array.from(predict(workload.feeds(call)).y as TypedArray));
    expect(a.every(Number.isFinite)).toBe(true);
    expect(a).not.toEqual(b);
  });

  it("count what has to move", () => {
    const [product] = WORKLOADS.filter(w => w.name === "product-512");
    expect(bytesMoved(product.declare())).toBe(3 * 512 * 512 * 4);
  });
});
