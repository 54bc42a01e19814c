import type { Table } from "./data.ts";

/** The labels of the examples that are nearest to pictures (the nearest neighbour as a classifier), one for each. */
export function nearestLabels(pictures: Float32Array, { x, label, width, length }: Table): Int32Array {
  return Int32Array.from({ length: pictures.length / width }, (_, n) => {
    let [best, least] = [0, Infinity];
    for (let row = 0; row < length; row++) {
      let distance = 0;
      for (let i = 0; i < width; i++) distance += (pictures[n * width + i] - x[row * width + i]) ** 2;
      if (distance < least) [best, least] = [row, distance];
    }
    return label[best];
  });
}
