import type { Tensor } from "../graph/tensor.ts";
import { formatType, normalizeAxis } from "../shared/shape.ts";
import { callError } from "./coerce.ts";

/**
 * The axis a user means, counted from the front.
 * @throws GradcError `attribute` where x has no such axis
 */
export function oneAxis(name: string, x: Tensor, axis: number): number {
  const normal = normalizeAxis(axis, x.rank);
  if (normal === undefined) {
    throw callError("attribute", `${name}: ${formatType(x)} has no axis ${axis}`, {
      expected: x.rank === 0 ? "a tensor with axes" : `a whole number from ${-x.rank} to ${x.rank - 1}`,
      received: String(axis),
    });
  }
  return normal;
}
