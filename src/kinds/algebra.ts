import type { Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { present } from "../shared/errors.ts";
import type { Shape } from "../shared/shape.ts";

/**
 * The few operations that derivative structures are made of. Kinds stand below the catalogue, so the catalogue binds
 * them (src/ops/algebra.ts); they are called only when a derivative is built.
 */
export interface Algebra {
  add(x: Tensor, y: Tensor): Tensor;
  mul(x: Tensor, y: Tensor): Tensor;
  div(x: Tensor, y: Tensor): Tensor;
  neg(x: Tensor): Tensor;
  /** Elementwise choice; all shapes equal. */
  where(condition: Tensor, x: Tensor, y: Tensor): Tensor;
  zerosLike(x: Tensor): Tensor;
  /** Sums over axes and drops them. */
  sum(x: Tensor, axes: readonly number[]): Tensor;
  /** Operand axis i becomes axis `axes[i]` of `shape`; the others repeat. */
  expand(x: Tensor, shape: Shape, axes: readonly number[]): Tensor;
  reshape(x: Tensor, shape: Shape): Tensor;
  /** Axis k of the result is axis `perm[k]` of x. */
  transpose(x: Tensor, perm: readonly number[]): Tensor;
  /** The loop over slices: what an op without a batching rule does with a batch. */
  readonly loop: Op;
}

let bound: Algebra | undefined;

export function bindAlgebra(operations: Algebra): void {
  bound = operations;
}

export const algebra = (): Algebra => present(bound, "the catalogue has not bound its algebra");
