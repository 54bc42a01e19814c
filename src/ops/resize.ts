import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import type { Dim } from "../shared/dim.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { callError } from "./coerce.ts";
import { expand } from "./expand.ts";
import { resample, type Taps, tapsFrom } from "./resample.ts";
import { reshape } from "./reshape.ts";
import { fixedSizes, inLayout, type Layout, listedSizes, perAxis } from "./window-options.ts";

/**
 * Where element o of `out` lies among `size` elements: `halfPixel` (o + ½)·size/out − ½, pictures cover the same area;
 * `alignCorners` o·(size − 1)/(out − 1), first and last elements meet; `asymmetric` o·size/out.
 */
type Coordinates = "halfPixel" | "alignCorners" | "asymmetric";

export interface ResizeOptions {
  /** `nearest` (default): one element each; `linear`: two along each axis, weighted (bilinear with two axes). */
  readonly mode?: "nearest" | "linear";
  /**
   * Which place an element of the result has in x. Default: for linear `halfPixel`, for nearest `asymmetric`, rounded
   * down (as PyTorch does by default; its `nearest-exact` is `halfPixel`).
   */
  readonly coordinates?: Coordinates;
  /** `channelsLast` (default): [n, spatial…, c]; `channelsFirst`: [n, c, spatial…]. */
  readonly layout?: Layout;
}

const MODES = ["nearest", "linear"];
const COORDINATES = ["halfPixel", "alignCorners", "asymmetric"];

/** The place of element o in x. */
function placeOf(o: number, size: number, out: number, coordinates: Coordinates): number {
  if (coordinates === "alignCorners") return out > 1 ? (o * (size - 1)) / (out - 1) : 0;
  return coordinates === "halfPixel" ? ((2 * o + 1) * size - out) / (2 * out) : (o * size) / out;
}

/** The element nearest to it; halves of pixels are counted from their edges. */
function nearest(o: number, size: number, out: number, coordinates: Coordinates): number {
  if (coordinates === "alignCorners") return Math.round(placeOf(o, size, out, coordinates));
  return coordinates === "halfPixel" ? Math.floor(((2 * o + 1) * size) / (2 * out)) : Math.floor((o * size) / out);
}

function tapsAlong(size: number, out: number, linear: boolean, coordinates: Coordinates): Taps {
  const places = Array.from({ length: out }, (_, o): readonly (readonly [number, number])[] => {
    if (!linear) return [[nearest(o, size, out, coordinates), 1]];
    const place = Math.min(Math.max(placeOf(o, size, out, coordinates), 0), size - 1);
    const from = Math.floor(place);
    const share = place - from;
    return share === 0
      ? [[from, 1]]
      : [
          [from, 1 - share],
          [from + 1, share],
        ];
  });
  return tapsFrom(places);
}

/** Every element so many times along each spatial axis: a view. */
function repeated(x: Tensor, factors: readonly number[]): Tensor {
  const sizes = x.shape.slice(1, -1);
  const shape = [x.shape[0], ...sizes.flatMap((size, axis): Dim[] => [size, factors[axis]]), x.shape[x.rank - 1]];
  const own = [0, ...sizes.map((_, axis) => 1 + 2 * axis), shape.length - 1];
  return reshape(expand(x, shape, own), [x.shape[0], ...sizes.map((n, axis) => Number(n) * factors[axis]), -1]);
}

function resized<D extends FloatDType>(
  name: string,
  x: Tensor<D>,
  options: ResizeOptions,
  sizesOf: (sizes: readonly number[]) => readonly number[],
): Tensor<D> {
  return inLayout(name, x, options, ["mode", "coordinates"], last => {
    const { mode = "nearest", coordinates = mode === "linear" ? "halfPixel" : "asymmetric" } = options;
    if (!MODES.includes(mode) || !COORDINATES.includes(coordinates)) {
      throw callError("attribute", `${name}: there is no such interpolation`, {
        expected: `mode ${MODES.join(" or ")}, coordinates ${COORDINATES.join(", ")}`,
        received: `${describe(mode)}, ${describe(coordinates)}`,
      });
    }
    const sizes = fixedSizes(name, last, last.shape.slice(1, -1));
    const out = listedSizes(name, sizesOf(sizes), sizes.length);
    const factors = sizes.map((size, axis) => out[axis] / size);
    const linear = mode === "linear";
    if (!linear && coordinates !== "alignCorners" && factors.every(Number.isInteger)) return repeated(last, factors);
    const along = (y: Tensor, size: number, axis: number): Tensor =>
      size === out[axis] ? y : resample(y, axis + 1, tapsAlong(size, out[axis], linear, coordinates));
    return sizes.reduce(along, last);
  });
}

/**
 * Pictures of other sizes, by interpolation along each spatial axis. Places beyond the first and last elements are theirs.
 * @param x f32 or f64, [n, spatial…, c] (or channels first); the spatial sizes are numbers, n may be a symbol
 * @param sizes of the spatial axes of the result; one number for all, or one for each
 * @returns [n, sizes…, c] (or channels first)
 * @throws GradcError `shape`, `dtype`, `attribute`, `dimension`
 */
export function resize<D extends FloatDType>(
  x: Tensor<D>,
  sizes: number | readonly number[],
  options: ResizeOptions = {},
): Tensor<D> {
  return resized("resize", x, options, own => perAxis("resize", "sizes", sizes, own.length));
}

/**
 * Pictures that are larger by whole factors: resize to factor·size.
 * @param x f32 or f64, [n, spatial…, c] (or channels first); the spatial sizes are numbers, n may be a symbol
 * @param factors one for all spatial axes, or one for each
 * @returns [n, factor·spatial…, c] (or channels first)
 * @throws GradcError `shape`, `dtype`, `attribute`, `dimension`
 */
export function upsample<D extends FloatDType>(
  x: Tensor<D>,
  factors: number | readonly number[],
  options: ResizeOptions = {},
): Tensor<D> {
  return resized("upsample", x, options, own => {
    const times = perAxis("upsample", "factors", factors, own.length);
    return own.map((size, axis) => size * times[axis]);
  });
}
