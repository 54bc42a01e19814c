import type { NdArray } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import type { DimEnvironment } from "../../src/shared/dim.ts";
import { allocate, type DType, isFloat } from "../../src/shared/dtype.ts";
import { resolveShape } from "../../src/shared/shape.ts";

/** A small generator of pseudo-random numbers (mulberry32), so that a failing seed can be run again. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * `moderate`: numbers of magnitude 0.1 … 2. `finite`: zeros of both signs, small and large numbers too. `special`: also
 * infinities, NaN, denormals and the largest numbers.
 */
export type Range = "moderate" | "finite" | "special";

const FINITE = [0, -0, 1, -1, 0.5, 2, 1e-3, -1e3];
const SPECIAL = [...FINITE, Number.NaN, Infinity, -Infinity, 1e-45, -1e-40, 3.4e38, -3.4e38];

function randomFloat(random: () => number, range: Range): number {
  const edges = range === "special" ? SPECIAL : FINITE;
  if (range !== "moderate" && random() < 0.3) return edges[Math.floor(random() * edges.length)];
  return (0.1 + 1.9 * random()) * (random() < 0.5 ? -1 : 1);
}

function randomElement(random: () => number, dtype: DType, range: Range): number {
  if (isFloat(dtype)) return randomFloat(random, range);
  if (dtype === "bool") return random() < 0.5 ? 1 : 0;
  if (range === "special" && random() < 0.3) return dtype === "i32" ? -(2 ** 31) : 2 ** 32 - 1;
  return Math.floor(random() * 7) - (dtype === "i32" ? 3 : 0);
}

/** Values for a leaf. */
export function randomValue(random: () => number, leaf: Tensor, range: Range, env: DimEnvironment = {}): NdArray {
  const shape = resolveShape(leaf.shape, env);
  const data = allocate(
    leaf.dtype,
    shape.reduce((n, d) => n * d, 1),
  );
  for (let i = 0; i < data.length; i++) data[i] = randomElement(random, leaf.dtype, range);
  return { dtype: leaf.dtype, shape, data };
}
