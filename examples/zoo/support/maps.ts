import * as Plot from "@observablehq/plot";
import { plot } from "./plot.ts";

/** Pairs of cells that are neighbours on a square sheet. */
function neighbours(side: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let k = 0; k < side * side; k++) {
    if (k % side < side - 1) pairs.push([k, k + 1]);
    if (k < side * (side - 1)) pairs.push([k, k + side]);
  }
  return pairs;
}

/** A sheet of cells in the plane, [side², 2], with lines between neighbours. */
export function sheet(cells: ArrayLike<number>, side: number): string {
  const lines = neighbours(side).map(([a, b]) => ({
    x1: cells[2 * a],
    y1: cells[2 * a + 1],
    x2: cells[2 * b],
    y2: cells[2 * b + 1],
  }));
  const dots = Array.from({ length: side * side }, (_, k) => ({ x: cells[2 * k], y: cells[2 * k + 1] }));
  return plot({
    width: 300,
    height: 300,
    margin: 10,
    x: { domain: [-0.5, 0.5], axis: null },
    y: { domain: [-0.5, 0.5], axis: null },
    marks: [
      Plot.frame({ strokeOpacity: 0.3 }),
      Plot.link(lines, { x1: "x1", y1: "y1", x2: "x2", y2: "y2", strokeOpacity: 0.6 }),
      Plot.dot(dots, { x: "x", y: "y", r: 2.5, fill: "#4269d0" }),
    ],
  });
}

/** How far each cell of [side², width] is from its neighbours, on average: the ridges between clusters (A. Ultsch's U-matrix). */
function heights(cells: ArrayLike<number>, side: number): number[] {
  const width = cells.length / side ** 2;
  const [sums, counts] = [new Float64Array(side ** 2), new Float64Array(side ** 2)];
  for (const [a, b] of neighbours(side)) {
    let squared = 0;
    for (let i = 0; i < width; i++) squared += (cells[a * width + i] - cells[b * width + i]) ** 2;
    for (const k of [a, b]) {
      sums[k] += Math.sqrt(squared);
      counts[k]++;
    }
  }
  return Array.from(sums, (sum, k) => sum / counts[k]);
}

/** The sheet with its ridges, and each example at its cell (`best`) in the colour of its class. */
export function ridges(
  cells: ArrayLike<number>,
  side: number,
  best: ArrayLike<number>,
  label: ArrayLike<number>,
): string {
  const squares = heights(cells, side).map((height, k) => ({ x: k % side, y: Math.floor(k / side), height }));
  // Examples of one cell stand around its middle, along a sunflower's spiral.
  const seen = new Int32Array(side ** 2);
  const dots = Array.from(best, (k, i) => {
    const n = seen[k]++;
    const [angle, radius] = [2.4 * n, 0.11 * Math.sqrt(n)];
    const [x, y] = [(k % side) + radius * Math.cos(angle), Math.floor(k / side) + radius * Math.sin(angle)];
    return { x, y, class: ["setosa", "versicolor", "virginica"][label[i]] };
  });
  return plot({
    width: 380,
    height: 400,
    margin: 10,
    x: { domain: [-0.5, side - 0.5], axis: null },
    y: { domain: [side - 0.5, -0.5], axis: null },
    opacity: { range: [0, 0.5] },
    color: { legend: true, type: "categorical" },
    marks: [
      Plot.rect(squares, {
        x1: d => d.x - 0.5,
        x2: d => d.x + 0.5,
        y1: d => d.y - 0.5,
        y2: d => d.y + 0.5,
        fillOpacity: "height",
        fill: () => "#555",
      }),
      Plot.dot(dots, { x: "x", y: "y", fill: "class", r: 3 }),
    ],
  });
}

/** The class that most of a cell's examples have, written at its place; cells without any example stay empty. */
export function names(best: ArrayLike<number>, label: ArrayLike<number>, side: number): string {
  const votes = Array.from({ length: side ** 2 }, () => new Int32Array(10));
  for (let i = 0; i < best.length; i++) votes[best[i]][label[i]]++;
  const cells = votes.flatMap((own, k) => {
    const most = Math.max(...own);
    return most === 0 ? [] : [{ x: k % side, y: Math.floor(k / side), name: `${own.indexOf(most)}` }];
  });
  return plot({
    width: 440,
    height: 440,
    margin: 10,
    x: { domain: [-0.5, side - 0.5], axis: null },
    y: { domain: [side - 0.5, -0.5], axis: null },
    color: { type: "categorical", domain: [..."0123456789"] },
    marks: [Plot.text(cells, { x: "x", y: "y", text: "name", fill: "name", fontSize: 18, fontWeight: "bold" })],
  });
}
