import type { Table } from "./data.ts";

/** The labels of a table as targets of a regression, rows of `classes` numbers: 1 at the label, 0 elsewhere. */
export function oneHot({ label, length }: Table, classes = 10): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(length * classes);
  for (let i = 0; i < length; i++) rows[i * classes + label[i]] = 1;
  return rows;
}

/** Each class against the rest: rows of `classes` numbers, 1 at the label and −1 elsewhere. */
export const signs = (table: Table, classes = 10): Float32Array<ArrayBuffer> =>
  oneHot(table, classes).map(v => 2 * v - 1);

/** The root of the mean squared error. */
export function rmse(y: ArrayLike<number>, target: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += (y[i] - target[i]) ** 2;
  return Math.sqrt(sum / y.length);
}

/** The standard deviation. */
export function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}
