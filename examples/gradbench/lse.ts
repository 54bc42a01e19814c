import { add, exp, log, max, type Scalar, sub, sum, type Tensor } from "gradc";
import { gradientTask, valueTask } from "./function-of-vector.ts";
import type { Module } from "./task.ts";

interface Input {
  readonly x: readonly number[];
}

/** log Σ exp(x) from its elements, relative to the largest x: this way nothing overflows. */
export function logSumOfExponentials(x: Tensor<"f64">): Scalar<"f64"> {
  const largest = max(x);
  return add(log(sum(exp(sub(x, largest)))), largest);
}

/** The logarithm of a sum of exponentials, and its gradient. */
export const lse: Module = {
  primal: ({ x }: Input) => valueTask("lse primal", x, logSumOfExponentials),
  gradient: ({ x }: Input) => gradientTask("lse gradient", x, logSumOfExponentials),
};
