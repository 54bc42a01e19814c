import * as Plot from "@observablehq/plot";
import { encode } from "fast-png";
import { plot } from "./plot.ts";

/** A rectangle of the plane, seen at `columns` × `rows` points in the middle of cells of one size. */
export interface Window {
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
  readonly columns: number;
  readonly rows: number;
}

/** The points of a window, [columns·rows, 2], from the upper left one, row by row. */
export function pointsOf({ x, y, columns, rows }: Window): Float32Array<ArrayBuffer> {
  const points = new Float32Array(2 * columns * rows);
  for (let i = 0; i < columns * rows; i++) {
    points[2 * i] = x[0] + ((x[1] - x[0]) * ((i % columns) + 0.5)) / columns;
    points[2 * i + 1] = y[1] - ((y[1] - y[0]) * (Math.floor(i / columns) + 0.5)) / rows;
  }
  return points;
}

export interface SurfaceOptions extends Window {
  /** The values at the two ends of the colours. */
  readonly range: readonly [number, number];
  /** A scheme of d3-scale-chromatic. Default: red, white, blue. */
  readonly scheme?: Plot.ColorScheme;
  /** What is drawn over it, in the coordinates of the window. */
  readonly marks?: Plot.Markish[];
  /** Pixels of the picture's inside. Default 260. */
  readonly size?: number;
  /** Further options of the plot. */
  readonly plot?: Plot.PlotOptions;
}

/** Red, green and blue, 0 … 255, of `#rrggbb` or `rgb(r, g, b)`. */
const rgb = (colour: string): number[] =>
  colour.startsWith("#")
    ? [1, 3, 5].map(i => Number.parseInt(colour.slice(i, i + 2), 16))
    : Array.from(colour.matchAll(/\d+/g), Number);

/** A function of the plane in colours: its values at the points of a window, in their order. */
export function surface(values: ArrayLike<number>, options: SurfaceOptions): string {
  const { x, y, columns, rows, range, scheme = "RdBu", marks = [], size = 260 } = options;
  const scale = Plot.scale({ color: { type: "linear", domain: [0, 255], scheme } });
  const palette = Array.from({ length: 256 }, (_, i) => rgb(scale.apply(i)));
  const data = new Uint8Array(3 * columns * rows);
  for (let i = 0; i < columns * rows; i++) {
    const share = (values[i] - range[0]) / (range[1] - range[0]);
    data.set(palette[Math.round(255 * Math.max(0, Math.min(1, share)))], 3 * i);
  }
  const png = Buffer.from(encode({ width: columns, height: rows, data, channels: 3, depth: 8 })).toString("base64");
  const picture = { src: () => `data:image/png;base64,${png}`, preserveAspectRatio: "none", width: size, height: size };
  const margin = 30;
  return plot({
    width: size + 2 * margin,
    height: size + 2 * margin,
    margin,
    x: { domain: [...x], label: null },
    y: { domain: [...y], label: null },
    marks: [Plot.image([0], { frameAnchor: "middle", ...picture }), ...marks],
    ...options.plot,
  });
}
