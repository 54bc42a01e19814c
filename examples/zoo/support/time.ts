import { images } from "./plot.ts";
import type { Exhibit } from "./row.ts";

export const exhibit = (title: string, caption: string, html: string): Exhibit => ({ title, caption, html });

/** Values [time, cells], turned: time runs from left to right, cells from top to bottom. */
export function turned(values: ArrayLike<number>, cells: number): Float32Array<ArrayBuffer> {
  const time = values.length / cells;
  return Float32Array.from({ length: values.length }, (_, i) => values[(i % time) * cells + Math.floor(i / time)]);
}

/** Pictures of values [time, cells] that share one time, `columns` in a row: white is 1, black is 0. */
export function overTime(
  series: readonly ArrayLike<number>[],
  cells: number,
  options: { readonly columns?: number; readonly scale?: number } = {},
): string {
  const size = { width: series[0].length / cells, height: cells };
  return images(
    series.flatMap(values => [...turned(values, cells)]),
    { ...size, range: [0, 1], ...options },
  );
}
