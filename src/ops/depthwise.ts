import type { Tensor } from "../graph/tensor.ts";
import { positions, type WindowAttrs } from "../kinds/convolution.ts";
import { make } from "../kinds/linear-helpers.ts";
import { mulOp } from "./arithmetic.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";
import { rawSum } from "./sum.ts";
import { overlapAddOp, windowsOp } from "./windows.ts";

/**
 * Convolutions of channels each by itself. As products they would have a column or two, so they are sums over windows,
 * in vectors of channels: y[n, o, g, m] = Σ over k of x[n, o·stride + k·dilation − low, g]·w[k, g, m].
 */
export const isDepthwise = (channels: number, groups: number, results: number): boolean =>
  groups > 1 && channels === groups && results / groups < 4;

/** So many axes from one on. */
const axesFrom = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** The last axis, g·m channels, as [g, m], or as it is where m is 1. */
const perChannel = (x: Tensor, groups: number, axes: number): Tensor => {
  const multiplier = Number(x.shape[x.rank - 1]) / groups;
  return reshape(x, [...x.shape.slice(0, axes), groups, ...(multiplier === 1 ? [] : [multiplier])]);
};

/** x [n, spatial…, g], w [window…, 1, g·m] → [n, positions…, g·m] */
export function depthwise(x: Tensor, w: Tensor, attrs: WindowAttrs): Tensor {
  const rank = x.rank - 2;
  const kernel = perChannel(w, Number(x.shape[rank + 1]), rank);
  const window = w.shape.slice(0, rank).map(Number);
  const out = window.map((k, axis) => positions(Number(x.shape[1 + axis]), k, attrs, axis));
  const windows = make(windowsOp, [x], { window, ...attrs, value: 0 });
  const shape = [x.shape[0], ...out, ...kernel.shape];
  const spread = expand(windows, shape, axesFrom(0, 2 * rank + 2));
  const products = make(mulOp, [spread, expand(kernel, shape, axesFrom(1 + rank, kernel.rank))]);
  return reshape(rawSum(products, axesFrom(1 + rank, rank)), [x.shape[0], ...out, w.shape[rank + 1]]);
}

/** Its transpose: y [n, positions…, g·m], w [window…, 1, g·m] → [n, spatial…, g] */
export function depthwiseTranspose(
  y: Tensor,
  w: Tensor,
  groups: number,
  attrs: WindowAttrs,
  spatial: readonly number[],
): Tensor {
  const rank = y.rank - 2;
  const kernel = perChannel(w, groups, rank);
  const given = perChannel(y, groups, rank + 1);
  const shape = [...y.shape.slice(0, -1), ...kernel.shape];
  const along = [...axesFrom(0, 1 + rank), ...axesFrom(1 + 2 * rank, kernel.rank - rank)];
  const products = make(mulOp, [expand(given, shape, along), expand(kernel, shape, axesFrom(1 + rank, kernel.rank))]);
  const summed = kernel.rank > rank + 1 ? rawSum(products, [shape.length - 1]) : products;
  return make(overlapAddOp, [summed], { window: w.shape.slice(0, rank).map(Number), ...attrs, spatial });
}
