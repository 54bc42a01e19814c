import type { NdArray } from "../../../src/graph/op.ts";
import type { FloatDType } from "../../../src/shared/dtype.ts";
import { array } from "../b-support.ts";

const product = (shape: readonly number[]): number => shape.reduce((p, d) => p * d, 1);

/** The numbers between −1 and 1 of tests/oracle/linalg.py. */
export function noise(seed: number, shape: readonly number[]): number[] {
  return Array.from({ length: product(shape) }, (_, k) => {
    const mixed = (k * 7919 + seed * 104729 + k * k * 31) % 20011;
    return mixed / 10005.5 - 1;
  });
}

/** Noise with a growing diagonal, as there. */
export function matrices(seed: number, shape: readonly number[], dtype: FloatDType = "f64"): NdArray {
  const [m, n] = shape.slice(-2);
  const values = noise(seed, shape).map((x, k) => {
    const [i, j] = [Math.floor(k / n) % m, k % n];
    return i === j ? x + 2 + 0.5 * i : x;
  });
  return array(dtype, shape, values);
}
