import * as Plot from "@observablehq/plot";
import { plot } from "./plot.ts";

/** How often each class was taken for which: rows are what it was, columns what it was named. */
export function confusion(labels: ArrayLike<number>, named: ArrayLike<number>, classes: number): string {
  const counts = Array.from({ length: classes * classes }, (_, i) => {
    const [was, name] = [Math.floor(i / classes), i % classes];
    return { was, name, count: Array.from(labels).filter((label, k) => label === was && named[k] === name).length };
  });
  return plot({
    width: 360,
    height: 340,
    x: { label: "named", axis: "top" },
    y: { label: "was" },
    color: { scheme: "Blues" },
    marks: [
      Plot.cell(counts, { x: "name", y: "was", fill: "count", inset: 0.5 }),
      Plot.text(
        counts.filter(({ count }) => count > 0),
        { x: "name", y: "was", text: "count", fill: d => (d.was === d.name ? "white" : "black") },
      ),
    ],
  });
}
