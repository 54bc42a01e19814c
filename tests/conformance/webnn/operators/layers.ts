import * as g from "../../../../src/index.ts";
import { type Arguments, along, type Float, numbers, type Operators } from "./operator.ts";

/** Axes of a recorded layout such as "ohwi" in the order that gradc takes. */
const reordered = (x: Float, layout: string, order: string): Float =>
  g.transpose(
    x,
    [...order].map(axis => layout.indexOf(axis)),
  );

/** What conv2d and convTranspose2d have in common. */
function windowsOf(a: Arguments) {
  const nchw = a.option("inputLayout", "nchw") === "nchw";
  const [top, bottom, left, right] = a.option("padding", [0, 0, 0, 0]);
  const bias = a.given("bias");
  return {
    options: {
      layout: nchw ? ("channelsFirst" as const) : ("channelsLast" as const),
      strides: a.option("strides", [1, 1]),
      dilation: a.option("dilations", [1, 1]),
      groups: a.option("groups", 1),
      padding: [
        [top, bottom],
        [left, right],
      ] as [number, number][],
    },
    nchw,
    biased: (y: Float): Float => (bias ? g.add(y, along(bias, nchw ? 1 : 3, 4)) : y),
  };
}

function conv2d(a: Arguments): g.Tensor {
  const { options, nchw, biased } = windowsOf(a);
  const filter = reordered(a.one("filter"), a.option("filterLayout", "oihw"), nchw ? "oihw" : "hwio");
  return biased(g.conv(a.one("input"), filter, options));
}

function convTranspose2d(a: Arguments): g.Tensor {
  const { options, nchw, biased } = windowsOf(a);
  const x = a.one("input");
  const filter = reordered(a.one("filter"), a.option("filterLayout", "iohw"), nchw ? "iohw" : "hwoi");
  const sizes = a.option<number[] | undefined>("outputSizes", undefined);
  const spatial = numbers(x).slice(nchw ? 2 : 1, nchw ? 4 : 3);
  const window = numbers(filter).slice(nchw ? 2 : 0, nchw ? 4 : 2);
  // The sizes of a result are given by what they have more than without output padding.
  const outputPadding =
    sizes?.map((size, axis) => {
      const reach = options.dilation[axis] * (window[axis] - 1) + 1;
      const [before, after] = options.padding[axis];
      return size - ((spatial[axis] - 1) * options.strides[axis] + reach - before - after);
    }) ?? a.option("outputPadding", [0, 0]);
  return biased(g.convTranspose(x, filter, { ...options, outputPadding }));
}

interface Normalized {
  readonly x: Float;
  readonly mean: Float;
  readonly variance: Float;
  readonly scale?: Float | undefined;
  readonly bias?: Float | undefined;
}

/** scale·(x − mean) / √(variance + ε) + bias, all broadcast. */
function normalized(a: Arguments, { x, mean, variance, scale, bias }: Normalized): Float {
  const y = g.div(g.sub(x, mean), g.sqrt(g.add(variance, a.option("epsilon", 1e-5))));
  const scaled = scale ? g.mul(y, scale) : y;
  return bias ? g.add(scaled, bias) : scaled;
}

function batchNormalization(a: Arguments): g.Tensor {
  const x = a.one("input");
  const axis = a.option("axis", 1);
  const broadcast = (v: Float | undefined): Float | undefined => v && along(v, axis, x.rank);
  return normalized(a, {
    x,
    mean: broadcast(a.one("mean")) as Float,
    variance: broadcast(a.one("variance")) as Float,
    scale: broadcast(a.given("scale")),
    bias: broadcast(a.given("bias")),
  });
}

const statistics = (x: Float, axes: number[]): Pick<Normalized, "mean" | "variance"> => ({
  mean: g.mean(x, axes, { keepDims: true }),
  variance: g.variance(x, axes, { keepDims: true }),
});

function instanceNormalization(a: Arguments): g.Tensor {
  const x = a.one("input");
  const nchw = a.option("layout", "nchw") === "nchw";
  const broadcast = (v: Float | undefined): Float | undefined => v && along(v, nchw ? 1 : 3, 4);
  return normalized(a, {
    x,
    ...statistics(x, nchw ? [2, 3] : [1, 2]),
    scale: broadcast(a.given("scale")),
    bias: broadcast(a.given("bias")),
  });
}

function layerNormalization(a: Arguments): g.Tensor {
  const x = a.one("input");
  const axes = a.option(
    "axes",
    numbers(x).flatMap((_, axis) => (axis === 0 ? [] : [axis])),
  );
  const increasing = [...axes].sort((p, q) => p - q);
  // Axis k of scale and bias is axis axes[k] of x.
  const broadcast = (v: Float | undefined): Float | undefined =>
    v &&
    g.expand(
      g.transpose(
        v,
        increasing.map(axis => axes.indexOf(axis)),
      ),
      x.shape,
      increasing,
    );
  return normalized(a, {
    x,
    ...statistics(x, axes),
    scale: broadcast(a.given("scale")),
    bias: broadcast(a.given("bias")),
  });
}

export const LAYERS: Operators = {
  conv2d,
  convTranspose2d,
  batchNormalization,
  instanceNormalization,
  layerNormalization,
};
