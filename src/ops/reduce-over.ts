import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { axesOf } from "./axes.ts";
import { reshape } from "./reshape.ts";

export interface ReduceOptions {
  /** Keeps the reduced axes with size 1, so that the result broadcasts against the operand. */
  readonly keepDims?: boolean;
}

/** Puts back reduced axes with size 1. */
export const restoreAxes = (reduced: Tensor, x: Tensor, axes: readonly number[]): Tensor =>
  reshape(
    reduced,
    x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n)),
  );

/** What users may write for axes, in front of a reduction that takes increasing axes. */
export function reduceOver(
  name: string,
  reduction: (x: Tensor, axes: readonly number[]) => Tensor,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions = {},
  names: readonly string[] = ["keepDims"],
): Tensor {
  return oneCall(() => {
    checkTensors(name, { x });
    checkOptions(name, options, names);
    const dropped = axesOf(name, axes, x.rank);
    const reduced = reduction(x, dropped);
    return options.keepDims && dropped.length > 0 ? restoreAxes(reduced, x, dropped) : reduced;
  });
}
