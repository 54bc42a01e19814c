import * as Plot from "@observablehq/plot";
import { captioned } from "./captioned.ts";
import type { Table } from "./data.ts";
import { images } from "./plot.ts";
import { pointsOf, surface, type Window } from "./surface.ts";

/** Petals of the irises: length and width in cm. */
const PETALS: Window = { x: [0.5, 7.5], y: [-0.2, 2.8], columns: 64, rows: 64 };

/**
 * A machine's values over the plane of two features, its border and margins, and the examples: those with α > 0 ringed.
 * @param of which class stands against the rest
 */
export function margins(
  f: (points: Float32Array) => Float32Array,
  α: ArrayLike<number>,
  { x, label, length }: Table,
  of: number,
): string {
  const classes = α.length / length;
  const points = pointsOf(PETALS);
  const values = f(points).filter((_, i) => i % classes === of);
  const flowers = Array.from(label, (own, i) => ({ x: x[2 * i], y: x[2 * i + 1], own, α: α[i * classes + of] }));
  const lines = Plot.contour(values, {
    width: PETALS.columns,
    height: PETALS.rows,
    x1: PETALS.x[0],
    x2: PETALS.x[1],
    y1: PETALS.y[1],
    y2: PETALS.y[0],
    thresholds: [-1, 0, 1],
    stroke: "black",
  });
  const dots = Plot.dot(flowers, { x: "x", y: "y", r: 3, fill: flower => (flower.own === of ? "#b2182b" : "#2166ac") });
  const rings = Plot.dot(
    flowers.filter(flower => flower.α > 1e-4),
    { x: "x", y: "y", r: 6, stroke: "black" },
  );
  return surface(values, { ...PETALS, range: [-3, 3], scheme: "BuRd", marks: [lines, dots, rings], size: 320 });
}

/** The examples with the largest α of each class of digits: those that hold the border. */
export function supports(α: ArrayLike<number>, { x, label, length, width }: Table, count = 12): string {
  const rows = Array.from({ length }, (_, i) => i);
  const strongest = (of: number): number[] =>
    rows
      .filter(i => label[i] === of)
      .sort((i, k) => α[k * 10 + of] - α[i * 10 + of])
      .slice(0, count);
  const pictures = Object.fromEntries(Array.from({ length: 10 }, (_, of) => [`of the ${of}`, strongest(of)]));
  return captioned(pictures, chosen =>
    images(
      chosen.flatMap(i => [...x.subarray(i * width, (i + 1) * width)]),
      { width: 8, height: 8, range: [0, 1], scale: 3 },
    ),
  );
}
