import type { Tensor } from "../graph/tensor.ts";
import { positions, type WindowAttrs } from "../kinds/convolution.ts";
import { describe } from "../shared/describe.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { apply, callError } from "./coerce.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { transpose } from "./transpose.ts";
import { fixedSizes, inLayout, type Layout, perAxis, type WindowPadding, widthsOf } from "./window-options.ts";
import { windowsOp } from "./windows.ts";

export interface PoolOptions {
  /** One for all axes or one for each; default the window, so that windows do not overlap. */
  readonly strides?: number | readonly number[];
  /** Default valid. */
  readonly padding?: WindowPadding;
  /** Default 1. */
  readonly dilation?: number | readonly number[];
  /** Windows that start inside x or in the padding before it, but reach beyond, count, too (default false). */
  readonly ceilMode?: boolean;
  /** What windows slide over: the spatial axes (default), or the channels (cross-map pooling). */
  readonly over?: "spatial" | "channels";
  /** `channelsLast` (default): [n, spatial…, c]; `channelsFirst`: [n, c, spatial…]. */
  readonly layout?: Layout;
}

/** The names of PoolOptions. */
export const OPTIONS = ["strides", "padding", "dilation", "ceilMode", "over"];

/** One size for all axes that windows slide over, or one for each. */
export type Window = number | readonly number[];

export interface Pooled<D extends FloatDType> {
  /** [n, positions…, window…, c] */
  readonly windows: Tensor<D>;
  /** The window's axes. */
  readonly axes: readonly number[];
  /** How many elements each position covers, [1, positions…, 1]: of x alone, or of the padding as well. */
  counts(padding: boolean): number[] | number;
  readonly out: readonly number[];
}

/** Widths behind that make room for windows that only start inside, as PyTorch counts them. */
function ceilWidths(sizes: readonly number[], window: readonly number[], attrs: WindowAttrs): number[] {
  const { strides, low, high, dilation } = attrs;
  return sizes.map((size, axis) => {
    const reach = dilation[axis] * (window[axis] - 1) + 1;
    const more = Math.ceil((size + low[axis] + high[axis] - reach) / strides[axis]);
    const last = more * strides[axis] >= size + low[axis] ? more - 1 : more;
    return Math.max(high[axis], last * strides[axis] + reach - size - low[axis]);
  });
}

/** The windows of x. */
export function pooled<D extends FloatDType>(
  name: string,
  x: Tensor<D>,
  window: Window,
  value: number,
  { strides = window, padding = "valid", dilation = 1, ceilMode }: PoolOptions,
): Pooled<D> {
  const rank = x.rank - 2;
  const sizes = fixedSizes(name, x, x.shape.slice(1, -1));
  const shape = perAxis(name, "window sizes", window, rank);
  const steps = perAxis(name, "strides", strides, rank);
  const spacing = perAxis(name, "dilation", dilation, rank);
  const widths = widthsOf(name, padding, sizes, shape, steps, spacing);
  const exact = { strides: steps, ...widths, dilation: spacing };
  const attrs = ceilMode ? { ...exact, high: ceilWidths(sizes, shape, exact) } : exact;
  const out = shape.map((k, axis) => positions(sizes[axis], k, attrs, axis));
  return {
    windows: tiles(x, shape, attrs, out) ?? (apply(windowsOp, [x], { window: shape, ...attrs, value }) as Tensor<D>),
    axes: shape.map((_, axis) => 1 + rank + axis),
    out,
    counts: padded => {
      const along = shape.map((k, axis) => {
        const [from, to] = padded ? [-widths.low[axis], sizes[axis] + widths.high[axis]] : [0, sizes[axis]];
        return Array.from({ length: out[axis] }, (_, o) => {
          const places = Array.from({ length: k }, (_, i) => o * steps[axis] + i * spacing[axis] - attrs.low[axis]);
          return places.filter(at => at >= from && at < to).length;
        });
      });
      const all = along.reduce<number[]>((rows, counts) => rows.flatMap(r => counts.map(c => r * c)), [1]);
      return all.every(n => n === all[0]) ? all[0] : all;
    },
  };
}

/** Windows that neither overlap nor leave x are a view: each spatial axis in two, the window's part moved to the end. */
function tiles<D extends FloatDType>(
  x: Tensor<D>,
  window: readonly number[],
  { strides, low, dilation }: WindowAttrs,
  out: readonly number[],
): Tensor<D> | undefined {
  const tiled = window.every((k, axis) => strides[axis] === k && dilation[axis] === 1 && low[axis] === 0);
  const inside = window.every((k, axis) => out[axis] > 0 && out[axis] * k <= Number(x.shape[1 + axis]));
  if (!tiled || !inside) return undefined;
  const rank = window.length;
  const [n, c] = [x.shape[0], x.shape[rank + 1]];
  const covered = slice(x, [], [null, ...window.map((k, axis) => out[axis] * k)]);
  const split = reshape(covered, [n, ...window.flatMap((k, axis) => [out[axis], k]), c]);
  const positionsFirst = [...window.map((_, axis) => 1 + 2 * axis), ...window.map((_, axis) => 2 + 2 * axis)];
  return transpose(split, [0, ...positionsFirst, 1 + 2 * rank]) as Tensor<D>;
}

/** Runs a pool over [n, spatial…, c], whatever it slides over and however x is laid out. */
export function runPool<D extends FloatDType>(
  name: string,
  x: Tensor<D>,
  options: PoolOptions,
  body: (x: Tensor<D>) => Tensor<D>,
  allowed: readonly string[] = OPTIONS,
): Tensor<D> {
  const channels = options?.over === "channels";
  const run = (last: Tensor): Tensor => {
    const { over = "spatial" } = options;
    if (over !== "spatial" && !channels) {
      throw callError("attribute", `${name}: windows cannot slide over that`, {
        expected: 'over: "spatial" or "channels"',
        received: describe(over),
      });
    }
    return channels ? overChannels(name, last as Tensor<D>, body) : body(last as Tensor<D>);
  };
  return inLayout(name, x, options, allowed, run, channels ? 1 : 3);
}

/** The channels as the only spatial axis: […, c] as [rows, c, 1]. */
function overChannels<D extends FloatDType>(name: string, x: Tensor<D>, body: (x: Tensor<D>) => Tensor<D>): Tensor<D> {
  const c = x.shape[x.rank - 1];
  if (typeof c !== "number") {
    throw callError("shape", `${name}: there is no fixed number of channels`, {
      expected: "[…, channels] with a number of channels",
      received: formatType(x),
    });
  }
  const y = body(reshape(x, [-1, c, 1]) as Tensor<D>);
  return reshape(y, [...x.shape.slice(0, -1), y.shape[1]]) as Tensor<D>;
}
