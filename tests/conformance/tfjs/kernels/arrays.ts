import * as g from "../../../../src/index.ts";
import { dtypeOf } from "./elementwise.ts";
import type { Float, Int, Kernels } from "./kernel.ts";

const integers = (x: Float): Int => x as unknown as Int;
/** The sizes: recorded shapes have no symbols. */
export const numbers = (x: g.Tensor): number[] => x.shape as number[];

/** Blocks along the batch axis become places along the axes after it; inverse of spaceToBatch. */
function batchToSpace(x: Float, block: readonly number[], crops: readonly (readonly number[])[]): Float {
  const [batch, ...rest] = numbers(x);
  const m = block.length;
  const n = batch / block.reduce((p, b) => p * b, 1);
  const cut = g.reshape(x, [...block, n, ...rest]);
  const order = [m, ...block.flatMap((_, i) => [m + 1 + i, i]), ...rest.slice(m).map((_, i) => 2 * m + 1 + i)];
  const joined = g.reshape(g.transpose(cut, order), [n, ...block.map((b, i) => b * rest[i]), ...rest.slice(m)]);
  const sizes = numbers(joined);
  const ends = crops.map(([, after], i) => sizes[1 + i] - after);
  return g.slice(joined, [0, ...crops.map(([before]) => before)], [null, ...ends]);
}

function spaceToBatch(x: Float, block: readonly number[], paddings: readonly (readonly number[])[]): Float {
  const m = block.length;
  const after = x.rank - 1 - m;
  const widths = [[0, 0], ...paddings, ...new Array(after).fill([0, 0])] as [number, number][];
  const padded = g.pad(x, widths);
  const [n, ...rest] = numbers(padded);
  const cut = g.reshape(padded, [n, ...block.flatMap((b, i) => [rest[i] / b, b]), ...rest.slice(m)]);
  const order = [
    ...block.map((_, i) => 2 + 2 * i),
    0,
    ...block.map((_, i) => 1 + 2 * i),
    ...rest.slice(m).map((_, i) => 2 * m + 1 + i),
  ];
  const blocks = block.reduce((p, b) => p * b, 1);
  return g.reshape(g.transpose(cut, order), [n * blocks, ...block.map((b, i) => rest[i] / b), ...rest.slice(m)]);
}

export const ARRAYS: Kernels = {
  Reshape: (o, { shape }) => g.reshape(o.one("x"), shape as number[]),
  Transpose: (o, { perm }) => g.transpose(o.one("x"), perm as number[]),
  Reverse: (o, { dims }) => g.flip(o.one("x"), dims as number | number[]),
  Slice: (o, { begin, size }) => {
    const x = o.one("x");
    const starts = begin as number[];
    const ends = (size as number[]).map((n, i) => (n < 0 ? numbers(x)[i] : starts[i] + n));
    return g.slice(x, starts, ends);
  },
  PadV2: (o, { paddings, constantValue }) =>
    g.pad(o.one("x"), paddings as [number, number][], { value: constantValue as number }),
  MirrorPad: (o, { paddings, mode }) => {
    const inset = mode === "reflect" ? 1 : 0;
    let x = o.one("x");
    for (const [axis, [before, after]] of (paddings as [number, number][]).entries()) {
      const n = numbers(x)[axis];
      const left = Array.from({ length: before }, (_, i) => before - 1 - i + inset);
      const right = Array.from({ length: after }, (_, i) => n - 1 - inset - i);
      const places = [...left, ...Array.from({ length: n }, (_, i) => i), ...right];
      x = g.gather(x, g.constant(places, undefined, "i32"), axis);
    }
    return x;
  },
  Tile: (o, { reps }) => g.tile(o.one("x"), reps as number[]),
  Concat: (o, { axis }) => g.concat(o.all(), axis as number),
  SplitV: (o, { numOrSizeSplits, axis }) => g.split(o.one("x"), numOrSizeSplits as number[], axis as number),
  Unpack: (o, { axis }) => g.unstack(o.one("value"), axis as number),
  GatherV2: (o, { axis }) => g.gather(o.one("x"), integers(o.one("indices")), axis as number),
  OneHot: (o, { depth, dtype }) => g.oneHot(integers(o.one("indices")), depth as number, dtypeOf(dtype)),
  // Negative segments are dropped: they go to one more row, which is cut off.
  UnsortedSegmentSum: (o, { numSegments }) => {
    const ids = integers(o.one("segmentIds"));
    const size = numSegments as number;
    const rows = g.where(g.lt(ids, 0), size, ids) as Int;
    return g.slice(g.scatterAdd(rows, o.one("x"), { size: size + 1 }), [0], [size]);
  },
  BatchToSpaceND: (o, { blockShape, crops }) =>
    batchToSpace(o.one("x"), blockShape as number[], crops as [number, number][]),
  SpaceToBatchND: (o, { blockShape, paddings }) =>
    spaceToBatch(o.one("x"), blockShape as number[], paddings as [number, number][]),
  Cumsum: (o, { axis, exclusive, reverse }) =>
    g.cumsum(o.one("x"), axis as number, { exclusive: exclusive as boolean, reverse: reverse as boolean }),
};
