import { checkOptions, checkTensors } from "../graph/arguments.ts";
import type { Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";

/** An operation along one axis whose other attributes are options that are off unless told. */
export function along(
  name: string,
  op: Op,
  x: Tensor,
  axis: number,
  options: object,
  flags: readonly string[],
): readonly Tensor[] {
  checkTensors(name, { x });
  checkOptions(name, options, flags);
  const chosen = flags.map(flag => [flag, Boolean((options as Readonly<Record<string, unknown>>)[flag])] as const);
  return apply(op, [x], { axis: axisOf(name, axis, x.rank), ...Object.fromEntries(chosen) }).node.outputs;
}
