import * as Plot from "@observablehq/plot";
import { plot } from "./plot.ts";

/** Points of the plane in the colours of their classes; `places` holds x and y of each. */
export function scatter(places: ArrayLike<number>, labels: ArrayLike<number>, options: Plot.PlotOptions = {}): string {
  const points = Array.from(labels, (label, i) => ({ x: places[2 * i], y: places[2 * i + 1], label }));
  return plot({
    width: 420,
    height: 420,
    inset: 8,
    x: { axis: null },
    y: { axis: null },
    color: { type: "categorical", scheme: "tableau10", legend: true },
    marks: [Plot.dot(points, { x: "x", y: "y", fill: "label", r: 3 })],
    ...options,
  });
}
