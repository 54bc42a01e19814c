import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import type { DType, FloatDType } from "../shared/dtype.ts";
import { formatType, type Shape } from "../shared/shape.ts";
import { callError } from "./coerce.ts";
import { transpose } from "./transpose.ts";

/**
 * What stands around the spatial axes: `valid` nothing; `same` so much that there are ⌈size / stride⌉ positions, the odd
 * element behind, or in front for `sameLower`; or widths.
 */
export type WindowPadding =
  | "valid"
  | "same"
  | "sameLower"
  | number
  | readonly (number | readonly [before: number, after: number])[];

/** Where channels stand. */
export type Layout = "channelsLast" | "channelsFirst";

/** @throws GradcError `attribute` for a layout that is none */
export function isChannelsFirst(name: string, layout: Layout | undefined): boolean {
  if (layout !== undefined && layout !== "channelsLast" && layout !== "channelsFirst") {
    throw callError("attribute", `${name}: there is no such layout`, {
      expected: '"channelsLast" or "channelsFirst"',
      received: describe(layout),
    });
  }
  return layout === "channelsFirst";
}

/** [n, c, spatial…] → [n, spatial…, c] */
export const toLast = <D extends DType>(x: Tensor<D>): Tensor<D> =>
  transpose(x, [0, ...x.shape.slice(2).map((_, axis) => axis + 2), 1]);

/** [n, spatial…, c] → [n, c, spatial…] */
export const toFirst = <D extends DType>(y: Tensor<D>): Tensor<D> =>
  transpose(y, [0, y.rank - 1, ...y.shape.slice(2).map((_, axis) => axis + 1)]);

/** Runs a function over [n, spatial…, c], however x is laid out; with `least` 1 for one that needs no spatial axes. */
export function inLayout<D extends FloatDType>(
  name: string,
  x: Tensor<D>,
  options: { readonly layout?: Layout },
  allowed: readonly string[],
  body: (x: Tensor) => Tensor,
  least = 3,
): Tensor<D> {
  return oneCall(() => {
    checkTensors(name, { x });
    checkOptions(name, options, [...allowed, "layout"]);
    const first = isChannelsFirst(name, options.layout);
    if (x.rank < least) {
      throw callError("shape", `${name}: there are no spatial axes`, {
        expected: first ? "[n, c, spatial…]" : "[n, spatial…, c]",
        received: formatType(x),
      });
    }
    return (first && x.rank > 1 ? toFirst(body(toLast(x))) : body(x)) as Tensor<D>;
  });
}

/** One number for all spatial axes, or one for each. */
export function perAxis(
  name: string,
  what: string,
  given: number | readonly number[],
  rank: number,
  least = 1,
): number[] {
  const list = typeof given === "number" ? new Array<number>(rank).fill(given) : given;
  if (Array.isArray(list) && list.length === rank && list.every(n => Number.isInteger(n) && n >= least)) return list;
  throw callError("attribute", `${name}: ${what} do not fit ${rank} spatial axes`, {
    expected: `a whole number of at least ${least}, or ${rank} of them`,
    received: describe(given),
  });
}

/** Positions along an axis of which a program may hold a table. */
const MOST_LISTED = 65_536;

/** Sizes of a result whose elements have places in a table. */
export function listedSizes(name: string, given: number | readonly number[], rank: number): number[] {
  const sizes = perAxis(name, "sizes", given, rank);
  if (sizes.every(n => n <= MOST_LISTED)) return sizes;
  throw callError("attribute", `${name}: the result is too large`, {
    expected: `at most ${MOST_LISTED} elements along an axis`,
    received: describe(sizes),
  });
}

/** Sizes of axes over which a window slides, which must be numbers. */
export function fixedSizes(name: string, x: Tensor, sizes: Shape): number[] {
  return sizes.map(n => {
    if (typeof n === "number") return n;
    throw callError("dimension", `${name}: a spatial size is known at the call only`, {
      expected: "numbers on the spatial axes (the batch may be a symbol)",
      received: formatType(x),
    });
  });
}

/** Widths before and after, per spatial axis; for `same` as TensorFlow counts them. */
export function widthsOf(
  name: string,
  padding: WindowPadding,
  sizes: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  dilation: readonly number[],
): { low: number[]; high: number[] } {
  const widths = sizes.map((size, axis): readonly [number, number] => {
    if (padding === "valid") return [0, 0];
    if (padding === "same" || padding === "sameLower") {
      const reach = dilation[axis] * (window[axis] - 1) + 1;
      const total = Math.max(0, (Math.ceil(size / strides[axis]) - 1) * strides[axis] + reach - size);
      const front = padding === "same" ? Math.floor(total / 2) : Math.ceil(total / 2);
      return [front, total - front];
    }
    const own = Array.isArray(padding) ? padding[axis] : padding;
    return Array.isArray(own) ? [own[0], own[1]] : [own, own];
  });
  const fits = typeof padding !== "object" || padding.length === sizes.length;
  if (!fits || !widths.flat().every(n => Number.isInteger(n) && n >= 0)) {
    throw callError("attribute", `${name}: a padding that does not fit ${sizes.length} spatial axes`, {
      expected: '"valid", "same", "sameLower", a width, or a width or pair [before, after] for each axis',
      received: describe(padding),
    });
  }
  return { low: widths.map(([before]) => before), high: widths.map(([, after]) => after) };
}
