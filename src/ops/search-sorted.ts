import { argumentError, checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { dimMax } from "../shared/dim.ts";
import type { NumericDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { add, sub } from "./arithmetic.ts";
import { callError } from "./coerce.ts";
import { le, lt } from "./compare.ts";
import { gather } from "./gather.ts";
import { and } from "./logic.ts";
import { where } from "./select.ts";
import { extent, zeros } from "./source.ts";

/**
 * Where values would stand in a sorted row (numpy.searchsorted), by binary search: how many elements are less than each
 * (side "left"), or at most as large (side "right"). NaN is found at 0. Not differentiable.
 * @param sorted [n], ascending
 * @param values of sorted's dtype, any shape
 * @param options.side where equal elements stand: behind the place ("left", the default) or before it ("right")
 * @returns i32, of the values' shape
 * @throws GradcError `shape`, `argument`
 */
export function searchSorted<D extends NumericDType>(
  sorted: Tensor<D>,
  values: Tensor<D>,
  options: { readonly side?: "left" | "right" } = {},
): Tensor<"i32"> {
  checkTensors("searchSorted", { sorted, values });
  checkOptions("searchSorted", options, ["side"]);
  const { side = "left" } = options;
  if (side !== "left" && side !== "right") {
    throw argumentError("searchSorted", "there is no such side", '"left" or "right"', side);
  }
  if (sorted.rank !== 1 || sorted.dtype !== values.dtype) {
    throw callError("shape", "searchSorted: these are no sorted row and its values", {
      expected: `${values.dtype} [n]`,
      received: formatType(sorted),
    });
  }
  return oneCall(() => {
    const [n] = sorted.shape;
    const most = dimMax(n);
    let found: Tensor<"i32"> = zeros(values.shape, "i32");
    if (most === 0) return found;
    for (let step = 2 ** Math.floor(Math.log2(most)); step >= 1; step /= 2) {
      const next: Tensor<"i32"> = add(found, step);
      const element = gather(sorted, sub(next, 1));
      const before = side === "left" ? lt(element, values) : le(element, values);
      found = where(and(le(next, typeof n === "number" ? n : extent(n, "i32")), before), next, found) as Tensor<"i32">;
    }
    return found;
  });
}
