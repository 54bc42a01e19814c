import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { positions, type WindowAttrs } from "../kinds/convolution.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { div, mul } from "./arithmetic.ts";
import { apply, callError } from "./coerce.ts";
import { constant } from "./constant.ts";
import { max } from "./extremum.ts";
import { sqrt } from "./power.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { sum } from "./sum.ts";
import { transpose } from "./transpose.ts";
import { fixedSizes, perAxis, type WindowPadding, widthsOf } from "./window-options.ts";
import { windowsOp } from "./windows.ts";

export interface PoolOptions {
  /** One for all spatial axes or one for each; default the window, so that windows do not overlap. */
  readonly strides?: number | readonly number[];
  /** Default valid. */
  readonly padding?: WindowPadding;
  /** Default 1. */
  readonly dilation?: number | readonly number[];
  /** `channelsLast` (default): [n, spatial…, c]; `channelsFirst`: [n, c, spatial…]. */
  readonly layout?: "channelsLast" | "channelsFirst";
}

interface Pooled<D extends FloatDType> {
  /** [n, positions…, window…, c] */
  readonly windows: Tensor<D>;
  /** The window's axes. */
  readonly axes: readonly number[];
  /** How many elements of x each position covers, [1, positions…, 1]. */
  counts(): number[] | number;
  readonly out: readonly number[];
}

function pooled<D extends FloatDType>(
  name: string,
  x: Tensor<D>,
  window: number | readonly number[],
  value: number,
  { strides = window, padding = "valid", dilation = 1 }: PoolOptions,
): Pooled<D> {
  const rank = x.rank - 2;
  if (rank < 1) {
    throw callError("shape", `${name}: there are no spatial axes`, {
      expected: "[n, spatial…, c]",
      received: formatType(x),
    });
  }
  const sizes = fixedSizes(name, x, x.shape.slice(1, -1));
  const shape = perAxis(name, "window sizes", window, rank);
  const steps = perAxis(name, "strides", strides, rank);
  const spacing = perAxis(name, "dilation", dilation, rank);
  const attrs = { strides: steps, ...widthsOf(name, padding, sizes, shape, steps, spacing), dilation: spacing };
  const out = shape.map((k, axis) => positions(sizes[axis], k, attrs, axis));
  return {
    windows: tiles(x, shape, attrs, out) ?? (apply(windowsOp, [x], { window: shape, ...attrs, value }) as Tensor<D>),
    axes: shape.map((_, axis) => 1 + rank + axis),
    out,
    counts: () => {
      const along = shape.map((k, axis) =>
        Array.from({ length: out[axis] }, (_, o) => {
          const places = Array.from({ length: k }, (_, i) => o * steps[axis] + i * spacing[axis] - attrs.low[axis]);
          return places.filter(at => at >= 0 && at < sizes[axis]).length;
        }),
      );
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
  const inside = window.every((k, axis) => out[axis] * k <= Number(x.shape[1 + axis]));
  if (!tiled || !inside) return undefined;
  const rank = window.length;
  const [n, c] = [x.shape[0], x.shape[rank + 1]];
  const covered = slice(x, [], [null, ...window.map((k, axis) => out[axis] * k)]);
  const split = reshape(covered, [n, ...window.flatMap((k, axis) => [out[axis], k]), c]);
  const positionsFirst = [...window.map((_, axis) => 1 + 2 * axis), ...window.map((_, axis) => 2 + 2 * axis)];
  return transpose(split, [0, ...positionsFirst, 1 + 2 * rank]) as Tensor<D>;
}

const toLast = <D extends FloatDType>(x: Tensor<D>): Tensor<D> =>
  transpose(x, [0, ...x.shape.slice(2).map((_, axis) => axis + 2), 1]);
const toFirst = <D extends FloatDType>(y: Tensor<D>): Tensor<D> =>
  transpose(y, [0, y.rank - 1, ...y.shape.slice(2).map((_, axis) => axis + 1)]);

/** Runs a pool in channels-last layout. */
function inLayout<D extends FloatDType>(
  name: string,
  x: Tensor<D>,
  options: PoolOptions,
  body: (x: Tensor<D>) => Tensor<D>,
): Tensor<D> {
  return oneCall(() => {
    checkTensors(name, { x });
    checkOptions(name, options, ["strides", "padding", "dilation", "layout"]);
    return options.layout === "channelsFirst" ? toFirst(body(toLast(x))) : body(x);
  });
}

/**
 * The largest element of each window. Ties share the gradient equally; positions outside x never win.
 * @param x f32 or f64, [n, spatial…, c]; the spatial sizes are numbers, n may be a symbol
 * @param window its size, for all spatial axes or for each
 * @returns [n, positions…, c]
 * @throws GradcError `shape`, `attribute`, `dimension`
 */
export function maxPool<D extends FloatDType>(
  x: Tensor<D>,
  window: number | readonly number[],
  options: PoolOptions = {},
): Tensor<D> {
  return inLayout("maxPool", x, options, last => {
    const { windows, axes } = pooled("maxPool", last, window, Number.NEGATIVE_INFINITY, options);
    return max(windows, axes) as unknown as Tensor<D>;
  });
}

/**
 * The mean of each window; what lies outside x does not count.
 * @param x f32 or f64, [n, spatial…, c]; the spatial sizes are numbers, n may be a symbol
 * @param window its size, for all spatial axes or for each
 * @returns [n, positions…, c]
 * @throws GradcError `shape`, `attribute`, `dimension`
 */
export function averagePool<D extends FloatDType>(
  x: Tensor<D>,
  window: number | readonly number[],
  options: PoolOptions = {},
): Tensor<D> {
  return inLayout("averagePool", x, options, last => {
    const { windows, axes, out, counts } = pooled("averagePool", last, window, 0, options);
    const total = sum(windows, axes) as unknown as Tensor<FloatDType>;
    const n = counts();
    const divisor = typeof n === "number" ? n : constant(n, [1, ...out, 1], last.dtype);
    return div(total, divisor) as unknown as Tensor<D>;
  });
}

/**
 * The Euclidean norm of each window, √Σx².
 * @param x f32 or f64, [n, spatial…, c]; the spatial sizes are numbers, n may be a symbol
 * @param window its size, for all spatial axes or for each
 * @returns [n, positions…, c]
 * @throws GradcError `shape`, `attribute`, `dimension`
 */
export function l2Pool<D extends FloatDType>(
  x: Tensor<D>,
  window: number | readonly number[],
  options: PoolOptions = {},
): Tensor<D> {
  return inLayout("l2Pool", x, options, last => {
    const { windows, axes } = pooled("l2Pool", last, window, 0, options);
    const squares = mul(windows as Tensor<FloatDType>, windows as Tensor<FloatDType>);
    return sqrt(sum(squares, axes) as unknown as Tensor<FloatDType>) as unknown as Tensor<D>;
  });
}
