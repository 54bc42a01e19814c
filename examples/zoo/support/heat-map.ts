import * as Plot from "@observablehq/plot";
import { plot } from "./plot.ts";

/** A matrix of shares, row by row, as coloured cells with their numbers in them. */
export function heatMap(values: ArrayLike<number>, rows: readonly string[], columns: readonly string[]): string {
  const cells = rows.flatMap((row, i) =>
    columns.map((column, j) => ({ row, column, value: values[i * columns.length + j] })),
  );
  const place = { x: "column", y: "row" };
  return plot({
    ...{ width: 90 + 64 * columns.length, height: 40 + 44 * rows.length, marginLeft: 80 },
    x: { axis: "top", label: null, domain: columns },
    y: { label: null, domain: rows },
    color: { type: "linear", scheme: "Oranges", domain: [0, 1] },
    marks: [
      Plot.cell(cells, { ...place, fill: "value", inset: 1 }),
      Plot.text(cells, {
        ...place,
        text: cell => cell.value.toFixed(2),
        fill: cell => (cell.value > 0.6 ? "white" : "black"),
      }),
    ],
  });
}
