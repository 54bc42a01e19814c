import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import { formatType, type Shape } from "../shared/shape.ts";
import { callError } from "./coerce.ts";

/** What stands around the spatial axes: `valid` nothing, `same` so much that strides of 1 keep the size, or widths. */
export type WindowPadding = "valid" | "same" | number | readonly (number | readonly [before: number, after: number])[];

/** One number for all spatial axes, or one for each. */
export function perAxis(name: string, what: string, given: number | readonly number[], rank: number): number[] {
  const list = typeof given === "number" ? new Array<number>(rank).fill(given) : given;
  if (Array.isArray(list) && list.length === rank && list.every(n => Number.isInteger(n) && n >= 1)) return list;
  throw callError("attribute", `${name}: ${what} do not fit ${rank} spatial axes`, {
    expected: `a whole number of at least 1, or ${rank} of them`,
    received: describe(given),
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

/** Widths before and after, per spatial axis; for `same` as TensorFlow counts them (the odd one behind). */
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
    if (padding === "same") {
      const reach = dilation[axis] * (window[axis] - 1) + 1;
      const total = Math.max(0, (Math.ceil(size / strides[axis]) - 1) * strides[axis] + reach - size);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    }
    const own = typeof padding === "number" ? padding : padding[axis];
    return typeof own === "number" ? [own, own] : (own ?? [Number.NaN, Number.NaN]);
  });
  const fits = typeof padding !== "object" || padding.length === sizes.length;
  if (!fits || !widths.flat().every(n => Number.isInteger(n) && n >= 0)) {
    throw callError("attribute", `${name}: a padding that does not fit ${sizes.length} spatial axes`, {
      expected: '"valid", "same", a width, or a width or pair [before, after] for each axis',
      received: JSON.stringify(padding),
    });
  }
  return { low: widths.map(([before]) => before), high: widths.map(([, after]) => after) };
}
