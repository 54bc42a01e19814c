import type { Scalar, Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { callError, make } from "./coerce.ts";
import { eqOp } from "./compare.ts";
import { rawMax } from "./extremum.ts";
import { pow, sqrtOp } from "./power.ts";
import { type ReduceOptions, reduceOver } from "./reduce-over.ts";
import { absOp } from "./rounding.ts";
import { where } from "./select.ts";
import { rawSum } from "./sum.ts";

export interface NormOptions extends ReduceOptions {
  /** p of (Σ|x|ᵖ)^(1/p): 2 (default), 1, Infinity, or another positive number. */
  readonly order?: number;
}

/** root(total), 0 with gradient 0 where the total is 0. */
function safeRoot(total: Tensor, root: (x: Tensor) => Tensor): Tensor {
  const empty = make(eqOp, total, 0) as Tensor<"bool">;
  return where(empty, 0, root(where(empty, 1, total)));
}

function rawNorm(x: Tensor, axes: readonly number[], order: number): Tensor {
  if (order === 2) return safeRoot(rawSum(pow(x as Tensor<FloatDType>, 2), axes), t => make(sqrtOp, t));
  const size = make(absOp, x) as Tensor<FloatDType>;
  if (order === 1) return rawSum(size, axes);
  if (order === Infinity) return rawMax(size, axes);
  return safeRoot(rawSum(pow(size, order), axes), t => pow(t as Tensor<FloatDType>, 1 / order));
}

/**
 * The p-norm (Σ|x|ᵖ)^(1/p) over axes (default: of all elements): Euclidean unless said, Σ|x| for order 1, max |x| for
 * order Infinity. The gradient is 0 where the norm is 0; for Infinity the largest elements share it.
 * @param axes one axis or several, negative ones count from the back
 * @param options.order a positive number, or Infinity
 * @param options.keepDims keeps the axes with size 1
 * @throws GradcError `attribute`
 */
export function norm<D extends FloatDType>(x: Tensor<D>): Scalar<D>;
export function norm<D extends FloatDType>(
  x: Tensor<D>,
  axes?: number | readonly number[],
  options?: NormOptions,
): Tensor<D>;
export function norm(x: Tensor, axes?: number | readonly number[], options: NormOptions = {}): Tensor {
  const order = options?.order ?? 2;
  if (!(order > 0)) {
    throw callError("attribute", "norm: there is no norm of this order", {
      expected: "a positive number, or Infinity",
      received: describe(order),
    });
  }
  return reduceOver("norm", (t, dropped) => rawNorm(t, dropped, order), x, axes, options, ["keepDims", "order"]);
}
