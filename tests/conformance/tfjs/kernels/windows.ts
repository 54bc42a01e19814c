import * as g from "../../../../src/index.ts";
import { numbers } from "./arrays.ts";
import { type Float, type Kernels, perAxis, type Recorded } from "./kernel.ts";

/** One element of every window: the input shifted by a tap, one step per window. */
interface Tap {
  readonly at: readonly number[];
  readonly x: Float;
}

/** All taps of windows over the axes between batch and channels. */
function tapsOf(x: Float, sizes: readonly number[], attrs: Recorded, fill = 0): Tap[] {
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

const total = (terms: readonly Float[]): Float => terms.reduce((a, b) => g.add(a, b));

/** filter [i…, c] or [i…, c, d] at one tap. */
const filterAt = (filter: Float, at: readonly number[]): Float => at.reduce<Float>((f, i) => g.indexAt(f, i), filter);

const conv2d = (x: Float, filter: Float, attrs: Recorded): Float =>
  total(
    tapsOf(x, numbers(filter).slice(0, 2), attrs).map(tap =>
      g.einsum("bhwc,cd->bhwd", tap.x, filterAt(filter, tap.at)),
    ),
  );

const depthwise = (x: Float, filter: Float, attrs: Recorded): Float =>
  total(
    tapsOf(x, numbers(filter).slice(0, 2), attrs).map(tap => {
      const y = g.einsum("bhwc,cm->bhwcm", tap.x, filterAt(filter, tap.at));
      return g.reshape(y, [...numbers(y).slice(0, 3), -1]);
    }),
  );

/** A convolution's transpose is its gradient with respect to its input. */
function conv2dTranspose(dy: Float, filter: Float, attrs: Recorded): Float {
  const x = g.zeros(attrs.inputShape as number[], "f32");
  return g.vjp(conv2d(x, filter, attrs), x, dy);
}

const windows = (x: Float, attrs: Recorded, axes: number, fill: number): Float =>
  g.stack(tapsOf(x, perAxis(attrs.filterSize, axes), attrs, fill).map(tap => tap.x));

export const WINDOWS: Kernels = {
  Conv2D: (o, attrs) => conv2d(o.one("x"), o.one("filter"), attrs),
  FusedConv2D: (o, attrs) => conv2d(o.one("x"), o.one("filter"), attrs),
  DepthwiseConv2dNative: (o, attrs) => depthwise(o.one("x"), o.one("filter"), attrs),
  FusedDepthwiseConv2D: (o, attrs) => depthwise(o.one("x"), o.one("filter"), attrs),
  Conv2DBackpropInput: (o, attrs) => conv2dTranspose(o.one("dy"), o.one("filter"), attrs),
  Dilation2D: (o, attrs) => {
    const filter = o.one("filter");
    const taps = tapsOf(o.one("x"), numbers(filter).slice(0, 2), attrs, -Infinity);
    return g.max(g.stack(taps.map(tap => g.add(tap.x, filterAt(filter, tap.at)))), 0);
  },
  MaxPool: (o, attrs) => g.max(windows(o.one("x"), attrs, 2, -Infinity), 0),
  MaxPool3D: (o, attrs) => g.max(windows(o.one("x"), attrs, 3, -Infinity), 0),
  AvgPool3D: (o, attrs) => g.mean(windows(o.one("x"), attrs, 3, 0), 0),
};
