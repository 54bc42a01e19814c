import { checkOptions, checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Derivative } from "../graph/op.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { convolution, positions, type WindowAttrs, windowAttrs } from "../kinds/convolution.ts";
import { addDerivatives, make } from "../kinds/linear-helpers.ts";
import type { Dim } from "../shared/dim.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { apply, callError } from "./coerce.ts";
import { stack } from "./concat.ts";
import { depthwise, isDepthwise } from "./depthwise.ts";
import { flip } from "./flip.ts";
import { rawPad } from "./pad.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { fill } from "./source.ts";
import { transpose } from "./transpose.ts";
import {
  fixedSizes,
  isChannelsFirst,
  type Layout,
  perAxis,
  toFirst,
  toLast,
  type WindowPadding,
  widthsOf,
} from "./window-options.ts";

const numbers = (sizes: readonly Dim[]): number[] => sizes.map(Number);
const spatialOf = (x: Tensor): number[] => numbers(x.shape.slice(1, -2));

/**
 * The cotangent of x for a cotangent of y: the flipped kernel slides over y, spread by the strides.
 *   x̄[i] = Σ over k, f of ȳ[(i + low − dilation·k) / stride, f]·w[k, f]
 */
export function inputCotangent(y: Tensor, w: Tensor, attrs: Attrs, spatial: readonly number[]): Tensor {
  const { strides, low, dilation } = windowAttrs(attrs);
  if (strides.some(n => n > 1) && strides.every((n, axis) => n === 1 || dilation[axis] === 1)) {
    return cotangentInPhases(y, w, windowAttrs(attrs), spatial);
  }
  const window = spatialOf(w);
  const edges = (inner: readonly number[]): number[] => [0, ...inner, 0, 0];
  const none = edges(spatial.map(() => 0));
  const spread = rawPad(y, { low: none, high: none, interior: edges(strides.map(n => n - 1)), value: 0 });
  const reach = window.map((k, axis) => dilation[axis] * (k - 1));
  const front = reach.map((r, axis) => r - low[axis]);
  const rank = spatial.length;
  const axes = window.map((_, axis) => axis + 1);
  const turned = transpose(flip(w, axes), [0, ...axes, rank + 2, rank + 1]);
  return make(convOp, [spread, turned], {
    strides: strides.map(() => 1),
    low: front,
    high: spatialOf(spread).map((n, axis) => spatial[axis] - n - front[axis] + reach[axis]),
    dilation,
  });
}

/**
 * With strides, elements of x whose positions leave different rests modulo the strides meet different parts of the
 * kernel: for i = r + s·q, k = k₀ + s·t and k₀ = (r + low) mod s,
 *   x̄[r + s·q] = Σ over t, f of ȳ[q + (r + low − k₀)/s − t, f]·w[k₀ + s·t, f]
 * One small convolution for each rest, put side by side, instead of a large one over a ȳ that is mostly zeros.
 */
function cotangentInPhases(y: Tensor, w: Tensor, window: WindowAttrs, spatial: readonly number[]): Tensor {
  const { strides } = window;
  const rank = strides.length;
  const counts = spatial.map((size, axis) => Math.ceil(size / strides[axis]));
  const along = (rests: readonly number[]): Tensor => {
    const axis = rests.length;
    if (axis === rank) return phase(y, w, window, rests, counts);
    if (strides[axis] === 1) return along([...rests, 0]);
    const parts = Array.from({ length: strides[axis] }, (_, r) => along([...rests, r]));
    // Later axes have been put side by side already; this one's rests come right behind its positions.
    return stack(parts, 2 + axis);
  };
  const sides = along([]);
  const merged = reshape(sides, [
    y.shape[0],
    ...counts.map((n, axis) => n * strides[axis]),
    ...w.shape.slice(0, 1),
    w.shape[rank + 1],
  ]);
  return slice(merged, [], [null, ...spatial]);
}

/** The elements of the cotangent of x that leave some rests. */
function phase(
  y: Tensor,
  w: Tensor,
  { strides, low, dilation }: WindowAttrs,
  rests: readonly number[],
  counts: readonly number[],
): Tensor {
  const rank = rests.length;
  const [n, g, c] = [y.shape[0], y.shape[rank + 1], w.shape[rank + 1]];
  const taps = rests.map((r, axis) => (((r + low[axis]) % strides[axis]) + strides[axis]) % strides[axis]);
  const sizes = spatialOf(w).map((k, axis) => Math.max(0, Math.ceil((k - taps[axis]) / strides[axis])));
  if (sizes.some(size => size === 0)) return fill(0, [n, ...counts, g, c], y.dtype);
  const part = slice(w, [null, ...taps], [], [null, ...strides]);
  const axes = sizes.map((_, axis) => axis + 1);
  const turned = transpose(flip(part, axes), [0, ...axes, rank + 2, rank + 1]);
  const reach = sizes.map((size, axis) => dilation[axis] * (size - 1));
  const front = reach.map((span, axis) => span - (rests[axis] + low[axis] - taps[axis]) / strides[axis]);
  return make(convOp, [y, turned], {
    strides: strides.map(() => 1),
    low: front,
    high: spatialOf(y).map((size, axis) => counts[axis] - size - front[axis] + reach[axis]),
    dilation,
  });
}

const onlyWindow = ({ strides, low, high, dilation }: WindowAttrs): Attrs => ({ strides, low, high, dilation });

export const convOp = convolution({
  name: "conv",
  operands: ["x", "w"],
  result: "y",
  derivative: {
    equations: ["conv(spread ȳ, flipped w)", "Σ over positions of x·ȳ"],
    vjp: ({ node, operands: [x, w], cotangents: [cotangent], needed }) => {
      if (!cotangent) return [null, null];
      const kernel: Attrs = { ...onlyWindow(windowAttrs(node.attrs)), window: spatialOf(w) };
      return [
        needed[0] ? inputCotangent(cotangent, w, node.attrs, spatialOf(x)) : null,
        needed[1] ? make(convKernelOp, [x, cotangent], kernel) : null,
      ];
    },
    jvp: ({ node, operands: [x, w], tangents: [dx, dw] }) => [
      addDerivatives(dx && make(convOp, [dx, w], node.attrs), dw && make(convOp, [x, dw], node.attrs)),
    ],
  },
});

export const convKernelOp = convolution({
  name: "convKernel",
  operands: ["x", "ȳ"],
  result: "w",
  derivative: {
    equations: ["conv(spread ȳ, flipped w̄)", "conv(x, w̄)"],
    vjp: ({ node, operands: [x, y], cotangents: [cotangent], needed }): Derivative[] => {
      if (!cotangent) return [null, null];
      return [
        needed[0] ? inputCotangent(y, cotangent, node.attrs, spatialOf(x)) : null,
        needed[1] ? make(convOp, [x, cotangent], onlyWindow(windowAttrs(node.attrs))) : null,
      ];
    },
    jvp: ({ node, operands: [x, y], tangents: [dx, dy] }) => [
      addDerivatives(dx && make(convKernelOp, [dx, y], node.attrs), dy && make(convKernelOp, [x, dy], node.attrs)),
    ],
  },
});

export interface ConvOptions {
  /** One for all spatial axes or one for each; default 1. */
  readonly strides?: number | readonly number[];
  /** Default valid. */
  readonly padding?: WindowPadding;
  /** Default 1. */
  readonly dilation?: number | readonly number[];
  /** Channels are split into so many groups that do not see each other; default 1. */
  readonly groups?: number;
  /**
   * `channelsLast` (default): x [n, spatial…, c], w [window…, c / groups, f]. `channelsFirst`: x [n, c, spatial…],
   * w [f, c / groups, window…].
   */
  readonly layout?: Layout;
}

/** [f, c / groups, window…] → [window…, c / groups, f] */
export const kernelToLast = <D extends FloatDType>(w: Tensor<D>): Tensor<D> =>
  transpose(w, [...w.shape.slice(2).map((_, axis) => axis + 2), 1, 0]);

/** [n, spatial…, c] → [n, spatial…, groups, c / groups] */
export const inGroups = (x: Tensor, groups: number): Tensor =>
  reshape(x, [...x.shape.slice(0, -1), groups, Number(x.shape[x.rank - 1]) / groups]);

/** [window…, c / groups, f] → [groups, window…, c / groups, f / groups] */
export function groupedKernel(w: Tensor, groups: number): Tensor {
  const rank = w.rank - 2;
  const kernel = reshape(w, [...w.shape.slice(0, -1), groups, Number(w.shape[rank + 1]) / groups]);
  return transpose(kernel, [rank + 1, ...w.shape.slice(0, rank).map((_, axis) => axis), rank, rank + 2]);
}

/**
 * Convolution (cross-correlation, as networks count it) over one or more spatial axes.
 * @param x f32 or f64, [n, spatial…, c] (or channels first); the spatial sizes are numbers, n may be a symbol
 * @param w the same dtype, [window…, c / groups, f] (or [f, c / groups, window…])
 * @returns [n, positions…, f] (or channels first)
 * @throws GradcError `shape`, `dtype`, `attribute`, `dimension`
 */
export function conv<D extends FloatDType>(x: Tensor<D>, w: Tensor<NoInfer<D>>, options: ConvOptions = {}): Tensor<D> {
  return oneCall(() => {
    checkTensors("conv", { x, w });
    checkOptions("conv", options, ["strides", "padding", "dilation", "groups", "layout"]);
    const { strides = 1, padding = "valid", dilation = 1, groups = 1, layout } = options;
    const rank = x.rank - 2;
    if (rank < 1 || w.rank !== x.rank) {
      throw callError("shape", "conv: the operands have not the axes of a convolution", {
        expected: "x [n, spatial…, c] and w [window…, c / groups, f], both with at least one spatial axis",
        received: `${formatType(x)} and ${formatType(w)}`,
      });
    }
    if (isChannelsFirst("conv", layout)) {
      return toFirst(conv(toLast(x), kernelToLast(w), { strides, padding, dilation, groups }));
    }
    const [c, perGroup, f] = [x.shape[rank + 1], w.shape[rank], w.shape[rank + 1]];
    const whole = typeof c === "number" && typeof f === "number" && c % groups === 0 && f % groups === 0;
    if (!whole || perGroup !== c / groups) {
      throw callError("shape", "conv: the channels do not fit", {
        expected: `${groups} groups of ${typeof c === "number" ? c / groups : c} channels each, and as many parts of w's last axis`,
        received: `${formatType(x)} and ${formatType(w)}`,
      });
    }
    const sizes = fixedSizes("conv", x, x.shape.slice(1, -1));
    const window = fixedSizes("conv", w, w.shape.slice(0, rank));
    const steps = perAxis("conv", "strides", strides, rank);
    const spacing = perAxis("conv", "dilation", dilation, rank);
    const attrs = {
      strides: steps,
      ...widthsOf("conv", padding, sizes, window, steps, spacing),
      dilation: spacing,
    };
    const out = sizes.map((size, axis) => positions(size, window[axis], attrs, axis));
    if (isDepthwise(c, groups, f) && out.every(n => n > 0)) return depthwise(x, w, attrs) as Tensor<D>;
    const y = apply(convOp, [inGroups(x, groups), groupedKernel(w, groups)], attrs);
    return reshape(y, [x.shape[0], ...out, f]) as Tensor<D>;
  });
}
