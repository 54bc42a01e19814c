import type { Tensor } from "../graph/tensor.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { averagePool } from "./pool.ts";
import { resample, type Taps, tapsFrom } from "./resample.ts";
import { fixedSizes, inLayout, type Layout, listedSizes } from "./window-options.ts";

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
  const name = "adaptiveAveragePool";
  return inLayout(name, x, options, [], last => {
    const own = fixedSizes(name, last, last.shape.slice(1, -1));
    const out = listedSizes(name, sizes, own.length);
    const even = own.map((size, axis) => size / out[axis]);
    if (even.every(Number.isInteger)) return averagePool(last as Tensor<FloatDType>, even);
    const along = (y: Tensor, size: number, axis: number): Tensor =>
      size === out[axis] ? y : resample(y, axis + 1, bins(size, out[axis]));
    return own.reduce(along, last);
  });
}
