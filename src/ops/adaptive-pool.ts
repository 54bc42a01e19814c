import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { callError } from "./coerce.ts";
import { averagePool } from "./pool.ts";
import { resample, type Taps, tapsFrom } from "./resample.ts";
import { fixedSizes, isChannelsFirst, type Layout, listedSizes, toFirst, toLast } from "./window-options.ts";

/** Bin o of `out` covers the elements from ⌊o·size/out⌋ to before ⌈(o + 1)·size/out⌉. */
function bins(size: number, out: number): Taps {
  const lists = Array.from({ length: out }, (_, o) => {
    const from = Math.floor((o * size) / out);
    const length = Math.ceil(((o + 1) * size) / out) - from;
    return Array.from({ length }, (_, i) => [from + i, 1 / length] as const);
  });
  return tapsFrom(lists);
}

/**
 * Means over a grid of bins that cover x, whatever its size: bin o of m covers ⌊o·size/m⌋ to before ⌈(o + 1)·size/m⌉.
 * @param x f32 or f64, [n, spatial…, c]; the spatial sizes are numbers, n may be a symbol
 * @param sizes how many bins, for all spatial axes or for each
 * @returns [n, sizes…, c] (or channels first)
 * @throws GradcError `shape`, `attribute`, `dimension`
 */
export function adaptiveAveragePool<D extends FloatDType>(
  x: Tensor<D>,
  sizes: number | readonly number[],
  options: { readonly layout?: Layout } = {},
): Tensor<D> {
  return oneCall(() => {
    const name = "adaptiveAveragePool";
    checkTensors(name, { x });
    checkOptions(name, options, ["layout"]);
    const first = isChannelsFirst(name, options.layout);
    if (x.rank < 3) {
      throw callError("shape", `${name}: there are no spatial axes`, {
        expected: first ? "[n, c, spatial…]" : "[n, spatial…, c]",
        received: formatType(x),
      });
    }
    const last = first ? toLast(x) : x;
    const own = fixedSizes(name, last, last.shape.slice(1, -1));
    const out = listedSizes(name, sizes, own.length);
    const even = own.every((size, axis) => size % out[axis] === 0);
    const y: Tensor = even
      ? averagePool(
          last,
          own.map((size, axis) => size / out[axis]),
        )
      : own.reduce<Tensor>(
          (z, size, axis) => (size === out[axis] ? z : resample(z, axis + 1, bins(size, out[axis]))),
          last,
        );
    return (first ? toFirst(y) : y) as Tensor<D>;
  });
}
