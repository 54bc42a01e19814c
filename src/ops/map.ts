import { checkFunction, checkOptions } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Tree } from "../shared/tree.ts";
import type { Handles, Tensors } from "./region-values.ts";
import { scan } from "./scan.ts";

export interface MapOptions {
  /** Gradients compute the body again for each slice instead of saving what it computes. */
  readonly checkpoint?: boolean;
}

/** The types of scan, over trees that are not known here, would be endless. */
const stack = scan as unknown as (body: object, init: readonly [], xs: object, options: object) => { out: unknown };

/**
 * The body applied to every slice along the leading axis: a scan without a carry.
 * @param body called once, with placeholders; may close over any value. Returns a tensor, or a tree of tensors
 * @param xs sequences [length, …] in a tree
 * @returns every leaf of what the body returns as [length, …]
 * @throws GradcError `region` where the body does not return tensors, `shape` where the lengths differ
 * @example
 * const norms = map(row => sqrt(sum(mul(row, row))), rows); // [n, d] to [n]
 */
export function map<const Xs extends Tree<Tensor>, const Out extends Tree<Tensor>>(
  body: (x: Handles<Xs>) => Out,
  xs: Xs,
  options: MapOptions = {},
): Tensors<Out> {
  checkFunction("map", "the body", body);
  checkOptions("map", options, ["checkpoint"]);
  const step = (_: unknown, x: unknown): object => ({ carry: [], out: body(x as Handles<Xs>) });
  return stack(step, [], xs, options).out as Tensors<Out>;
}
