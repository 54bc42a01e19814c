import * as g from "../../../../src/index.ts";
import { numbers } from "./arrays.ts";
import { type Float, type Kernels, type Operands, perAxis, type Recorded } from "./kernel.ts";

/** One element of every window: the input shifted by a tap, one step per window. */
interface Tap {
  readonly at: readonly number[];
  readonly x: Float;
}

/** All taps of windows over the axes between batch and channels. */
function tapsOf(x: Float, sizes: readonly number[], attrs: Recorded, fill: number): Tap[] {
  const m = sizes.length;
  const strides = perAxis(attrs.strides, m);
  const dilations = perAxis(attrs.dilations ?? 1, m);
  const spans = sizes.map((k, i) => (k - 1) * dilations[i] + 1);
  const space = numbers(x).slice(1, 1 + m);
  const counts =
    attrs.pad === "same"
      ? space.map((n, i) => Math.ceil(n / strides[i]))
      : space.map((n, i) => Math.floor((n - spans[i]) / strides[i]) + 1);
  const widths = space.map((n, i): [number, number] => {
    const total = attrs.pad === "same" ? Math.max(0, (counts[i] - 1) * strides[i] + spans[i] - n) : 0;
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  const padded = g.pad(x, [[0, 0], ...widths, [0, 0]], { value: fill });
  let places: number[][] = [[]];
  for (const k of sizes) places = places.flatMap(p => Array.from({ length: k }, (_, i) => [...p, i]));
  return places.map(at => {
    const starts = at.map((p, i) => p * dilations[i]);
    const ends = starts.map((from, i) => from + (counts[i] - 1) * strides[i] + 1);
    return { at, x: g.slice(padded, [0, ...starts], [null, ...ends], [1, ...strides]) };
  });
}

/** filter [i…, c] or [i…, c, d] at one tap. */
const filterAt = (filter: Float, at: readonly number[]): Float => at.reduce<Float>((f, i) => g.indexAt(f, i), filter);

/** How the kernels record what conv and pools take as options. */
const optionsOf = ({ strides, dilations, pad }: Recorded, axes: number): g.ConvOptions => ({
  strides: perAxis(strides, axes),
  dilation: perAxis(dilations ?? 1, axes),
  padding: pad as g.WindowPadding,
});

const conv2d = (o: Operands, attrs: Recorded): Float => g.conv(o.one("x"), o.one("filter"), optionsOf(attrs, 2));

/** filter [h, w, c, m] */
function depthwise(o: Operands, attrs: Recorded): Float {
  const [h, w, c, m] = numbers(o.one("filter"));
  const filter = g.reshape(o.one("filter"), [h, w, 1, c * m]);
  return g.conv(o.one("x"), filter, { ...optionsOf(attrs, 2), groups: c });
}

const pool =
  (f: typeof g.maxPool, axes: number) =>
  (o: Operands, attrs: Recorded): Float =>
    f(o.one("x"), perAxis(attrs.filterSize, axes), optionsOf(attrs, axes));

export const WINDOWS: Kernels = {
  Conv2D: conv2d,
  FusedConv2D: conv2d,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2D: depthwise,
  // A convolution's transpose is its gradient with respect to its input.
  Conv2DBackpropInput: (o, attrs) => {
    const x = g.zeros(attrs.inputShape as number[], "f32");
    return g.vjp(g.conv(x, o.one("filter"), optionsOf(attrs, 2)), x, o.one("dy"));
  },
  Dilation2D: (o, attrs) => {
    const filter = o.one("filter");
    const taps = tapsOf(o.one("x"), numbers(filter).slice(0, 2), attrs, -Infinity);
    return g.max(g.stack(taps.map(tap => g.add(tap.x, filterAt(filter, tap.at)))), 0);
  },
  MaxPool: pool(g.maxPool, 2),
  MaxPool3D: pool(g.maxPool, 3),
  AvgPool3D: pool(g.averagePool, 3),
};
