import type { Derivative } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { present } from "../shared/errors.ts";

/**
 * The two sweeps of autodiff, for ops with bodies: their derivatives are sweeps over the body. Kinds stand below
 * autodiff, so autodiff binds them; they are called only when a derivative is built.
 */
export interface Sweep {
  /** x̄ for each of `wrt`, from a cotangent (or null) for each result; null for a symbolic zero. */
  vjp(results: readonly Tensor[], wrt: readonly Tensor[], cotangents: readonly Derivative[]): Derivative[];
  /** ẏ for each result, from a tangent (or null) for each of `wrt`. */
  jvp(results: readonly Tensor[], wrt: readonly Tensor[], tangents: readonly Derivative[]): Derivative[];
}

let bound: Sweep | undefined;

export function bindSweep(functions: Sweep): void {
  bound = functions;
}

export const sweep = (): Sweep => present(bound, "autodiff has not bound its sweeps");
