import * as g from "../../../../src/index.ts";
import { numbers } from "./arrays.ts";
import type { Float, Kernels, Recorded } from "./kernel.ts";

/** Where sample `to` of `out` lies among `from` samples. */
function place(to: number, from: number, out: number, attrs: Recorded): number {
  const aligned = attrs.alignCorners === true && out > 1;
  const scale = aligned ? (from - 1) / (out - 1) : from / out;
  return attrs.halfPixelCenters === true ? (to + 0.5) * scale - 0.5 : to * scale;
}

/** Resizing is linear: one matrix [out, from] an axis. */
function matrix(from: number, out: number, weights: (to: number) => readonly (readonly [number, number])[]): Float {
  const rows = Array.from({ length: out }, (_, to) => {
    const row = new Array<number>(from).fill(0);
    for (const [at, weight] of weights(to)) row[Math.min(Math.max(at, 0), from - 1)] += weight;
    return row;
  });
  return g.constant(rows);
}

const bilinear = (from: number, out: number, attrs: Recorded): Float =>
  matrix(from, out, to => {
    const at = Math.max(0, place(to, from, out, attrs));
    const low = Math.floor(at);
    return [
      [low, 1 - (at - low)],
      [low + 1, at - low],
    ];
  });

const nearest = (from: number, out: number, attrs: Recorded): Float =>
  matrix(from, out, to => {
    const at = place(to, from, out, attrs);
    return [[attrs.alignCorners === true ? Math.round(at) : Math.floor(at), 1]];
  });

function resize(x: Float, attrs: Recorded, along: typeof bilinear): Float {
  const [height, width] = attrs.size as number[];
  const [, h, w] = numbers(x);
  return g.einsum("Hh,bhwc,Ww->bHWc", along(h, height, attrs), x, along(w, width, attrs));
}

export const RESIZE: Kernels = {
  ResizeBilinear: (o, attrs) => resize(o.one("images"), attrs, bilinear),
  ResizeNearestNeighbor: (o, attrs) => resize(o.one("images"), attrs, nearest),
};
