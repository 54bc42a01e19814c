import { expect } from "vitest";
import { expandRequests, grad, hvp } from "../../src/autodiff/index.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import { inputOp } from "../../src/graph/leaves.ts";
import { createNode } from "../../src/graph/node.ts";
import type { NdArray } from "../../src/graph/op.ts";
import type { Scalar, Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import { mergeScans } from "../../src/kinds/merge-scans.ts";
import "../../src/ops/index.ts";
import { mul } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/reduce.ts";
import { allocate, type DType } from "../../src/shared/dtype.ts";

/** A declared input: f64 unless said. */
export function input(name: string, shape: readonly number[]): Tensor<"f64">;
export function input<D extends DType>(name: string, shape: readonly number[], dtype: D): Tensor<D>;
export function input(name: string, shape: readonly number[], dtype: DType = "f64"): Tensor {
  return createNode(inputOp, [], { name, shape, dtype }).outputs[0];
}

export function array(dtype: DType, shape: readonly number[], values: readonly number[]): NdArray {
  const data = allocate(dtype, values.length);
  data.set(values);
  return { dtype, shape, data };
}

/** Numbers between −1 and 1 that repeat with the seed. */
export function noise(seed: number): () => number {
  let state = seed * 2654435761 + 12345;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

export function randomArray(x: Tensor, next: () => number): NdArray {
  const shape = x.shape as readonly number[];
  const size = shape.reduce((p, n) => p * n, 1);
  return array(
    x.dtype,
    shape,
    Array.from({ length: size }, () => next()),
  );
}

export type Feeds = ReadonlyMap<Tensor, NdArray>;

/** Expands derivatives and evaluates, every loop merged. */
export function run(values: readonly Tensor[], feeds: Feeds): number[][] {
  const [...roots] = mergeScans(expandRequests([...values]));
  return evaluateGraph(roots, feeds).map(a => Array.from(a.data));
}

const inner = (x: readonly number[], y: readonly number[]): number => x.reduce((t, v, i) => t + v * y[i], 0);

/**
 * Holds first and second derivatives of Σ y·weights against central differences in a random direction, in f64: the
 * gradient against the function, the Hessian–vector product (forward over reverse) against the gradient.
 */
export function checkDerivatives(
  y: Tensor<"f64">,
  wrt: readonly Tensor<"f64">[],
  given: ReadonlyMap<Tensor, NdArray> = new Map(),
  tolerance = 1e-6,
): void {
  const next = noise(7);
  const weights = input("weights", y.shape as readonly number[]);
  const loss = sum(mul(y, weights)) as Scalar<"f64">;
  const feeds = new Map(given);
  feeds.set(weights, randomArray(weights, next));
  for (const { outputs, op } of topological([y])) {
    if (op === inputOp && !feeds.has(outputs[0])) feeds.set(outputs[0], randomArray(outputs[0], next));
  }
  const direction = wrt.map(x => Array.from(randomArray(x, next).data));
  const step = 1e-4;
  const moved = (by: number): Feeds => {
    const at = new Map(feeds);
    wrt.forEach((x, k) => {
      const base = feeds.get(x) as NdArray;
      const values = Array.from(base.data, (v, i) => v + by * direction[k][i]);
      at.set(x, array(x.dtype, base.shape, values));
    });
    return at;
  };
  const difference = (values: readonly Tensor[]): number[][] => {
    const up = run(values, moved(step));
    const down = run(values, moved(-step));
    return up.map((row, k) => row.map((v, i) => (v - down[k][i]) / (2 * step)));
  };
  const gradients = grad(loss, [...wrt], { disconnected: "zeros" });
  const slope = run(gradients, feeds).reduce((t, g, k) => t + inner(g, direction[k]), 0);
  const [[expected]] = difference([loss]);
  expect(Math.abs(slope - expected)).toBeLessThan(tolerance * (1 + Math.abs(expected)));

  const vectors = wrt.map((x, k) => input(`vector${k}`, x.shape as readonly number[]));
  vectors.forEach((v, k) => {
    feeds.set(v, array("f64", v.shape as readonly number[], direction[k]));
  });
  const curved = run(hvp(loss, [...wrt], vectors, { disconnected: "zeros" }), feeds);
  const curvature = difference(gradients);
  curved.forEach((row, k) => {
    row.forEach((value, i) => {
      expect(Math.abs(value - curvature[k][i])).toBeLessThan(tolerance * 10 * (1 + Math.abs(curvature[k][i])));
    });
  });
}
