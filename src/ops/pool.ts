import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { div, mul } from "./arithmetic.ts";
import { callError } from "./coerce.ts";
import { gt } from "./compare.ts";
import { constant } from "./constant.ts";
import { max } from "./extremum.ts";
import { OPTIONS, type PoolOptions, pooled, runPool, type Window } from "./pool-windows.ts";
import { pow, sqrt } from "./power.ts";
import { abs } from "./rounding.ts";
import { where } from "./select.ts";
import { mean } from "./statistics.ts";
import { sum } from "./sum.ts";
import { isChannelsFirst, type Layout } from "./window-options.ts";

export type { PoolOptions } from "./pool-windows.ts";

export interface AveragePoolOptions extends PoolOptions {
  /** Padding counts as zeros (default false: the mean is of what lies inside x). */
  readonly includePadding?: boolean;
}

/**
 * The largest element of each window. Ties share the gradient equally; positions outside x never win.
 * @param x f32 or f64, [n, spatial…, c]; the sizes that windows slide over are numbers, the others may be symbols
 * @param window its size, for all axes or for each
 * @returns [n, positions…, c]
 * @throws GradcError `shape`, `attribute`, `dimension`
 */
export function maxPool<D extends FloatDType>(x: Tensor<D>, window: Window, options: PoolOptions = {}): Tensor<D> {
  return runPool("maxPool", x, options, last => {
    const { windows, axes } = pooled("maxPool", last, window, Number.NEGATIVE_INFINITY, options);
    return max(windows, axes) as unknown as Tensor<D>;
  });
}

/**
 * The mean of each window, of what lies inside x alone unless `includePadding` says otherwise.
 * @param x f32 or f64, [n, spatial…, c]; the sizes that windows slide over are numbers, the others may be symbols
 * @param window its size, for all axes or for each
 * @returns [n, positions…, c]
 * @throws GradcError `shape`, `attribute`, `dimension`
 */
export function averagePool<D extends FloatDType>(
  x: Tensor<D>,
  window: Window,
  options: AveragePoolOptions = {},
): Tensor<D> {
  const body = (last: Tensor<D>): Tensor<D> => {
    const { windows, axes, out, counts } = pooled("averagePool", last, window, 0, options);
    const total = sum(windows, axes) as unknown as Tensor<FloatDType>;
    const n = counts(options.includePadding === true);
    const divisor = typeof n === "number" ? n : constant(n, [1, ...out, 1], last.dtype);
    return div(total, divisor) as unknown as Tensor<D>;
  };
  return runPool("averagePool", x, options, body, [...OPTIONS, "includePadding"]);
}

/**
 * The p-norm of each window, (Σ|x|^p)^(1/p). Its gradient is 0 where the norm is.
 * @param x f32 or f64, [n, spatial…, c]; the sizes that windows slide over are numbers, the others may be symbols
 * @param p a number of at least 1; 2 is the Euclidean norm
 * @param window its size, for all axes or for each
 * @returns [n, positions…, c]
 * @throws GradcError `shape`, `attribute`, `dimension`
 */
export function lpPool<D extends FloatDType>(
  x: Tensor<D>,
  p: number,
  window: Window,
  options: PoolOptions = {},
): Tensor<D> {
  return normPool("lpPool", x, p, window, options);
}

/**
 * The Euclidean norm of each window, √Σx²: lpPool with p = 2.
 * @param x f32 or f64, [n, spatial…, c]; the sizes that windows slide over are numbers, the others may be symbols
 * @param window its size, for all axes or for each
 * @returns [n, positions…, c]
 * @throws GradcError `shape`, `attribute`, `dimension`
 */
export function l2Pool<D extends FloatDType>(x: Tensor<D>, window: Window, options: PoolOptions = {}): Tensor<D> {
  return normPool("l2Pool", x, 2, window, options);
}

function normPool<D extends FloatDType>(
  name: string,
  x: Tensor<D>,
  p: number,
  window: Window,
  options: PoolOptions,
): Tensor<D> {
  return runPool(name, x, options, last => {
    if (typeof p !== "number" || !(p >= 1 && p < Number.POSITIVE_INFINITY)) {
      throw callError("attribute", `${name}: there is no such norm`, {
        expected: "a finite p of at least 1 (maxPool for ∞)",
        received: describe(p),
      });
    }
    const { windows, axes } = pooled(name, last as Tensor<FloatDType>, window, 0, options);
    const powers = p === 1 ? abs(windows) : p === 2 ? mul(windows, windows) : pow(abs(windows), p);
    const total = sum(powers, axes) as Tensor<FloatDType>;
    if (p === 1) return total as Tensor<D>;
    const some = gt(total, 0);
    const safe = where(some, total, 1);
    return where(some, p === 2 ? sqrt(safe) : pow(safe, 1 / p), 0) as Tensor<FloatDType> as Tensor<D>;
  });
}

/** The spatial axes of a layout. */
function spatialAxes(name: string, x: Tensor, options: { readonly layout?: Layout }): number[] {
  checkTensors(name, { x });
  checkOptions(name, options, ["layout"]);
  const first = isChannelsFirst(name, options.layout);
  if (x.rank < 3) {
    throw callError("shape", `${name}: there are no spatial axes`, {
      expected: first ? "[n, c, spatial…]" : "[n, spatial…, c]",
      received: formatType(x),
    });
  }
  return x.shape.slice(2).map((_, axis) => axis + (first ? 2 : 1));
}

/**
 * The mean over all spatial axes.
 * @param x f32 or f64, [n, spatial…, c] (or channels first)
 * @returns [n, c]
 * @throws GradcError `shape`, `attribute`
 */
export function globalAveragePool<D extends FloatDType>(
  x: Tensor<D>,
  options: { readonly layout?: Layout } = {},
): Tensor<D> {
  return oneCall(() => mean(x, spatialAxes("globalAveragePool", x, options)));
}

/**
 * The largest element over all spatial axes; ties share the gradient equally.
 * @param x f32 or f64, [n, spatial…, c] (or channels first)
 * @returns [n, c]
 * @throws GradcError `shape`, `attribute`
 */
export function globalMaxPool<D extends FloatDType>(
  x: Tensor<D>,
  options: { readonly layout?: Layout } = {},
): Tensor<D> {
  return oneCall(() => max(x, spatialAxes("globalMaxPool", x, options)));
}
