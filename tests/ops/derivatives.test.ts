import { describe, expect, test } from "vitest";
import { grad, jvp } from "../../src/autodiff/index.ts";
import type { NdArray } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { CATALOGUE } from "../../src/ops/index.ts";
import { constantOf } from "../../src/ops/source.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { array, INSTANCES, Random } from "./instances.ts";
import { applied, dot, evaluate, weightedSum } from "./support.ts";

const STEP = 1e-5;
const TOLERANCE = 2e-6;
const ROUNDS = 12;

const close = (x: number, y: number): boolean => Math.abs(x - y) <= TOLERANCE * (1 + Math.abs(x) + Math.abs(y));

const noise =
  (r: Random) =>
  (t: { readonly shape: readonly unknown[] }): NdArray => {
    const shape = t.shape as readonly number[];
    const length = shape.reduce((p, n) => p * n, 1);
    return array(
      "f64",
      shape,
      Array.from({ length }, () => 2 * r.next() - 1),
    );
  };

const differentiable = CATALOGUE.filter(op => op.derivative);

/**
 * With φ(x) = Σ w·op(x) and random w, u, v:
 *   ⟨∇φ, v⟩ = dφ(x + tv)/dt,            the gradient against central differences,
 *   ⟨∇φ, v⟩ = tangent of φ along v,     vjp against jvp,
 *   ∂⟨∇φ, u⟩ along v                    reverse over reverse, forward over reverse, and differences of ∇φ.
 */
describe.each(differentiable.map(op => [op.name, op] as const))("derivatives of %s", (name, op) => {
  test.each(Array.from({ length: ROUNDS }, (_, i) => i))("random instance %i", round => {
    const r = new Random(round * 7919 + name.length);
    const { operands, attrs, regions } = INSTANCES[name](r);
    const { x, y } = applied(op, operands, attrs, regions);
    const wrt = x.filter(t => isFloat(t.dtype));
    const phi = weightedSum(y, noise(r));
    if (!phi || wrt.length === 0) return;

    const v = wrt.map(noise(r));
    const u = wrt.map(noise(r));
    const asConstants = (list: readonly NdArray[]): Tensor[] => list.map(a => constantOf(a.dtype, a.shape, a.data));
    const at = (t: number): NdArray[] =>
      operands.map((a, i) => {
        const k = wrt.indexOf(x[i]);
        return k < 0 ? a : { ...a, data: (a.data as Float64Array).map((value, j) => value + t * v[k].data[j]) };
      });
    const slope = (f: Tensor): number => {
      const [[up]] = evaluate([f], x, at(STEP));
      const [[down]] = evaluate([f], x, at(-STEP));
      return (up - down) / (2 * STEP);
    };
    const alongV = (list: readonly number[][]): number =>
      list.reduce((sum, g, k) => sum + dot(g, Array.from(v[k].data)), 0);

    const options = { disconnected: "zeros" } as const;
    const gradient = grad(phi, wrt, options) as Tensor[];
    const first = alongV(evaluate(gradient, x, operands));
    const difference = slope(phi);
    expect(close(first, difference), `gradient ${first}, differences ${difference}`).toBe(true);
    const [[forward]] = evaluate([jvp(phi, wrt, asConstants(v), options)], x, operands);
    expect(close(first, forward), `gradient ${first}, jvp ${forward}`).toBe(true);

    let k = 0;
    const along = weightedSum(gradient, () => u[k++]);
    if (!along) return;
    const second = slope(along);
    const reverse = alongV(evaluate(grad(along, wrt, options) as Tensor[], x, operands));
    expect(close(reverse, second), `second order ${reverse}, differences ${second}`).toBe(true);
    const [[mixed]] = evaluate([jvp(along, wrt, asConstants(v), options)], x, operands);
    expect(close(mixed, second), `forward over reverse ${mixed}, differences ${second}`).toBe(true);
  });
});
