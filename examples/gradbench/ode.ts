import { add, checkpoint, concat, grad, indexAt, mul, ones, scan, slice, type Tensor, zeros } from "gradc";
import { valueTask } from "./function-of-vector.ts";
import type { Module } from "./task.ts";

interface Input {
  readonly x: readonly number[];
  readonly s: number;
}

type Vector = Tensor<"f64">;

/** The time that the solution covers. */
const END = 2;
/**
 * Above so many numbers in all steps together, the gradient computes the stages of a step again: to read what has left
 * the caches takes longer.
 */
const MOST_KEPT = 2 ** 18;

/** y′₀ = x₀ and y′ᵢ = xᵢ·yᵢ₋₁. */
function slope(x: Vector, y: Vector): Vector {
  return mul(x, concat([ones([1], "f64"), slice(y, [0], [-1])]));
}

/** The solution at t = 2 from y(0) = 0, by s steps of the classical method of Runge and Kutta. */
export function solve(x: Vector, s: number): Vector {
  const h = END / s;
  const step = (y: Vector): Vector => {
    const k1 = slope(x, y);
    const k2 = slope(x, add(y, mul(k1, h / 2)));
    const k3 = slope(x, add(y, mul(k2, h / 2)));
    const k4 = slope(x, add(y, mul(k3, h)));
    const sum = add(add(k1, k4), mul(add(k2, k3), 2));
    return add(y, mul(sum, h / 6));
  };
  const next = (x.shape[0] as number) * s > MOST_KEPT ? checkpoint(step) : step;
  return scan((y: Vector) => ({ carry: next(y) }), zeros(x.shape, "f64"), null, { length: s }).carry;
}

/** An ordinary differential equation: its solution, and the gradient of the last element of it. */
export const ode: Module = {
  primal: ({ x, s }: Input) => valueTask(`ode primal ${s}`, x, at => solve(at, s)),
  gradient: ({ x, s }: Input) => valueTask(`ode gradient ${s}`, x, at => grad(indexAt(solve(at, s), -1), at)),
};
