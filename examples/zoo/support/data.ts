import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Random } from "./random.ts";

/** Examples in rows: `x` holds `width` numbers of each, `label` its class. */
export interface Table {
  readonly x: Float32Array<ArrayBuffer>;
  readonly label: Int32Array<ArrayBuffer>;
  readonly width: number;
  readonly length: number;
}

export interface Split {
  readonly train: Table;
  readonly test: Table;
}

const own = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../data/${name}`, import.meta.url)), "utf8");

function parse(text: string, scale: number): Table {
  const rows = text
    .trim()
    .split("\n")
    .map(line => line.split(",").map(Number));
  const width = rows[0].length - 1;
  return {
    x: Float32Array.from(rows.flatMap(row => row.slice(0, width).map(v => v * scale))),
    label: Int32Array.from(rows, row => row[width]),
    width,
    length: rows.length,
  };
}

/** The rows of a table with these numbers, in this order. */
export function take(table: Table, rows: ArrayLike<number>): Table {
  const { width } = table;
  const x = new Float32Array(rows.length * width);
  const label = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    x.set(table.x.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
    label[i] = table.label[rows[i]];
  }
  return { x, label, width, length: rows.length };
}

/** The table with these columns alone. */
export function pick({ x, label, width, length }: Table, columns: readonly number[]): Table {
  const kept = Float32Array.from({ length: length * columns.length }, (_, i) => {
    const row = Math.floor(i / columns.length);
    return x[row * width + columns[i % columns.length]];
  });
  return { x: kept, label, width: columns.length, length };
}

/** The table with the mean of each column taken away. */
export function centred(table: Table): Table {
  const { x, width, length } = table;
  const mean = new Float64Array(width);
  for (let i = 0; i < x.length; i++) mean[i % width] += x[i] / length;
  return { ...table, x: x.map((v, i) => v - mean[i % width]) };
}

/** The table with columns of mean 0 and variance 1. */
export function standardised(table: Table): Table {
  const { x, width, length } = centred(table);
  const variance = new Float64Array(width);
  for (let i = 0; i < x.length; i++) variance[i % width] += x[i] ** 2 / length;
  return { ...table, x: x.map((v, i) => v / Math.sqrt(variance[i % width])) };
}

/** The split of the project: rows whose index mod 5 is 4 are for tests. */
export function fifths(all: Table): Split {
  const rows = Array.from({ length: all.length }, (_, i) => i);
  return {
    train: take(
      all,
      rows.filter(i => i % 5 !== 4),
    ),
    test: take(
      all,
      rows.filter(i => i % 5 === 4),
    ),
  };
}

/** Handwritten digits, 8×8 pixels from 0 to 1: 1,438 to train, 359 to test (UCI; see examples/data). */
export const digits = (): Split => fifths(parse(own("digits.csv"), 1 / 16));

/** Pixels of at least ½ are white (1), others black (0). */
export const blackAndWhite = (table: Table): Table => ({ ...table, x: table.x.map(v => (v >= 0.5 ? 1 : 0)) });

/** Fisher's irises: 150 flowers, four lengths in cm, three classes of 50; setosa is 0. */
export const iris = (): Table => parse(own("iris.csv").replace(/^.*\n/, ""), 1);

/** One epoch of batches of `size` examples in random order; what is left over at the end is left out. */
export function* batches(table: Table, size: number, random: Random): Generator<Table> {
  const order = random.permutation(table.length);
  for (let from = 0; from + size <= table.length; from += size) yield take(table, order.subarray(from, from + size));
}

/** Batches of `size` examples without end, one shuffled epoch after the other. */
export function* endless(table: Table, size: number, random: Random): Generator<Table, never> {
  for (;;) yield* batches(table, size, random);
}

/** The share of rows whose largest value stands at the label; `scores` has `labels.length` rows. */
export function accuracy(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const width = scores.length / labels.length;
  let right = 0;
  for (let row = 0; row < labels.length; row++) {
    let best = 0;
    for (let i = 1; i < width; i++) if (scores[row * width + i] > scores[row * width + best]) best = i;
    if (best === labels[row]) right++;
  }
  return right / labels.length;
}

/** 10,000 MNIST images of 28×28: the first 8,000 to train, the rest to test. Undefined where `folder` lacks them. */
export function mnist10k(folder: string): Split | undefined {
  const [images, labels] = ["images-idx3", "labels-idx1"].map(kind =>
    join(folder, "mnist10k", `t10k-${kind}-ubyte.gz`),
  );
  if (!existsSync(images) || !existsSync(labels)) return undefined;
  const pixels = gunzipSync(readFileSync(images), { maxOutputLength: 2 ** 24 }).subarray(16);
  const x = Float32Array.from(pixels, v => v / 255);
  const label = Int32Array.from(gunzipSync(readFileSync(labels), { maxOutputLength: 2 ** 20 }).subarray(8));
  const part = (from: number, to: number): Table => ({
    x: x.slice(from * 784, to * 784),
    label: label.slice(from, to),
    width: 784,
    length: to - from,
  });
  return { train: part(0, 8000), test: part(8000, 10_000) };
}
