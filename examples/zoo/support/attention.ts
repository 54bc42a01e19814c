import * as Plot from "@observablehq/plot";
import { images, plot } from "./plot.ts";

/** Maps of attention [maps, queries, keys], side by side: a row is a letter, white is where it looks. */
export const attentionMaps = (weights: ArrayLike<number>, size: number, columns: number): string =>
  images(weights, { width: size, height: size, columns, range: [0, 1], scale: 3 });

/**
 * Each map of weights [maps, rows, columns] with texts beside it, a letter for each row and column; the darker, the more a
 * row looks at a column.
 */
export function attentionPlots(weights: ArrayLike<number>, columns: string, rows = columns): string[] {
  const size = columns.length * rows.length;
  const axis = (text: string) => {
    const tickFormat = (i: number): string => text[i].replace("\n", "⏎").replace(" ", "·");
    return { label: null, tickSize: 0, type: "band", tickFormat } as const;
  };
  return Array.from({ length: weights.length / size }, (_, map) => {
    const cells = Array.from({ length: size }, (_, i) => ({
      query: Math.floor(i / columns.length),
      key: i % columns.length,
      weight: weights[map * size + i],
    }));
    return plot({
      width: 48 + 13 * columns.length,
      height: 48 + 13 * rows.length,
      margin: 24,
      padding: 0.05,
      x: { ...axis(columns), axis: "top" },
      y: axis(rows),
      color: { scheme: "Blues", domain: [0, 1] },
      marks: [Plot.cell(cells, { x: "key", y: "query", fill: "weight" })],
    });
  });
}

/** For each map [size, size] the mean weight of what is 0, 1, 2 … places before, over queries with enough before them. */
export function byDistance(weights: ArrayLike<number>, size: number, heads: number): Record<string, number[]> {
  const half = size / 2;
  const mean = (map: number, distance: number): number => {
    let sum = 0;
    for (let q = half; q < size; q++) sum += weights[(map * size + q) * size + q - distance];
    return sum / (size - half);
  };
  return Object.fromEntries(
    Array.from({ length: weights.length / size ** 2 }, (_, map) => [
      `block ${Math.floor(map / heads) + 1}, head ${(map % heads) + 1}`,
      Array.from({ length: half }, (_, distance) => mean(map, distance)),
    ]),
  );
}
