import { readFileSync } from "node:fs";

export interface Batch {
  readonly x: Float32Array;
  readonly label: Int32Array;
}

/** The first training images of the example's data, in batches. */
export function digitBatches(size: number, count: number): readonly Batch[] {
  const text = readFileSync(new URL("../examples/data/digits.csv", import.meta.url), "utf8");
  const rows = text
    .trim()
    .split("\n")
    .slice(0, size * count);
  const numbers = rows.map(row => row.split(",").map(Number));
  return Array.from({ length: count }, (_, i) => {
    const part = numbers.slice(i * size, (i + 1) * size);
    return {
      x: Float32Array.from(part.flatMap(row => row.slice(0, 64).map(v => v / 16))),
      label: Int32Array.from(part, row => row[64]),
    };
  });
}
