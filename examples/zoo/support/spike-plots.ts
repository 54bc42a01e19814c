import * as Plot from "@observablehq/plot";
import type { Column } from "./column.ts";
import { curves, plot } from "./plot.ts";
import type { Exhibit } from "./row.ts";
import { exhibit } from "./time.ts";

/** What a liquid did in a few trials: each [time, …, trials]. */
export interface Stirred {
  /** Of the sources: the cells and, after them, the channels. */
  readonly spikes: Float32Array;
  /** Potentials of the cells. */
  readonly v: Float32Array;
  /** How far the liquid is from that of the first trial. */
  readonly apart: Float32Array;
}

/** Of `count` trials side by side, [time, cells, count], one: [time, cells]. */
const trialOf = (values: Float32Array, count: number, trial: number): Float32Array =>
  values.filter((_, i) => i % count === trial);

/** A dot for every spike; each group of rows in its own colour, `spikes` are [time, rows]. */
function raster(spikes: Float32Array, rows: number, groupOf: (row: number) => string): string {
  const dots = Array.from(spikes, (fires, i) => ({ fires, t: Math.floor(i / rows), row: i % rows })).filter(
    d => d.fires,
  );
  return plot({
    width: 640,
    height: 60 + 2.2 * rows,
    x: { label: "ms", domain: [0, spikes.length / rows] },
    y: { domain: [-1, rows], ticks: [], label: null, reverse: true },
    color: { legend: true },
    marks: [
      Plot.ruleX(dots, { x: "t", y1: "row", y2: d => d.row + 0.9, stroke: d => groupOf(d.row), strokeWidth: 1.5 }),
    ],
  });
}

/** Membrane potentials [time, cells] of some cells, one below the other, with a stroke upwards where a cell fires. */
function potentials(v: Float32Array, fires: Float32Array, cells: number, chosen: readonly number[]): string {
  const points = chosen.flatMap(cell =>
    Array.from({ length: v.length / cells }, (_, t) => {
      const at = t * cells + cell;
      return { cell: `cell ${cell}`, t, v: v[at] + (fires[at] ? 3 : 0) };
    }),
  );
  return plot({
    width: 640,
    height: 90 * chosen.length,
    marginRight: 60,
    x: { label: "ms" },
    y: { label: "mV", ticks: 3 },
    fy: { label: null },
    marks: [Plot.lineY(points, { x: "t", y: "v", fy: "cell", strokeWidth: 0.8 }), Plot.ruleY([15], { stroke: "#ccc" })],
  });
}

/** Pictures of a few trials: the first and the second are of one template, the third is of another. */
export function drawLiquid(
  { spikes, v, apart }: Stirred,
  { cells, sources, inhibits }: Column,
  trials: number,
): Exhibit[] {
  const [first, fired, potential] = [trialOf(spikes, trials, 0), trialOf(spikes, trials, 0), trialOf(v, trials, 0)];
  const own = fired.filter((_, i) => i % sources < cells);
  const busy = Array.from({ length: cells }, (_, cell) => cell)
    .map(cell => ({ cell, count: own.reduce((sum, fires, i) => sum + (i % cells === cell ? fires : 0), 0) }))
    .sort((a, b) => b.count - a.count)
    .map(({ cell }) => cell);
  return [
    exhibit(
      "A trial",
      "Every stroke is a spike; each row is a cell of the column, and the last rows are the input.",
      raster(first, sources, row => (row >= cells ? "input" : inhibits[row] ? "inhibiting" : "exciting")),
    ),
    exhibit(
      "Membranes",
      "Potentials in the same trial: they leak towards 13.5 mV, and at 15 mV (grey) the cell fires, is reset, and rests.",
      potentials(potential, own, cells, [busy[0], busy[8], busy[24], busy[48]]),
    ),
    exhibit(
      "The liquid keeps apart what differs",
      "Distance of the cells' traces from those of a trial, in another trial of the same template, and in one of another.",
      curves(
        { "same template": trialOf(apart, trials, 1), "another template": trialOf(apart, trials, 2) },
        { x: { label: "ms" } },
      ),
    ),
  ];
}
