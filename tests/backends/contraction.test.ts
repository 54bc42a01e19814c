import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import { checkEverywhere } from "../support/everywhere.ts";
import { randomNumbers } from "../support/random-values.ts";

/** Small whole numbers: every partial sum is exact, so all orders of summation agree. */
function wholes(n: number, seed: number): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: n }, () => Math.floor(9 * random()) - 4);
}

interface Case {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Both sides of every edge of the tiles: rows and columns of one tile, one more and less, vectors that are half full. */
const ROWS = [1, 2, 3, 4, 5, 6, 7, 12, 13, 18, 19, 25];
const COLUMNS = [1, 3, 4, 5, 7, 8, 9, 10, 12, 17, 33];
const DEPTHS = [1, 2, 5, 6, 7, 16];
const TILES: readonly Case[] = [
  ...ROWS.map((m, i) => ({ m, n: COLUMNS[i % COLUMNS.length], k: DEPTHS[i % DEPTHS.length] })),
  ...COLUMNS.map((n, i) => ({ m: ROWS[(3 * i + 5) % ROWS.length], n, k: DEPTHS[(i + 2) % DEPTHS.length] })),
  ...COLUMNS.map(n => ({ m: 20, n, k: 3 })),
  // Fewer columns than a vector has, in vectors.
  ...[1, 2, 3].map(n => ({ m: 13, n, k: 40 })),
];
/** Blocks of columns, with and without a rest; a left operand whose rows are pages apart. */
const LARGE: readonly Case[] = [
  { m: 20, n: 300, k: 1030 },
  { m: 19, n: 203, k: 700 },
  { m: 1024, n: 9, k: 66 },
];

function productOf({ m, n, k }: Case, left: boolean, right: boolean, dtype: "f32" | "f64" | "i32") {
  const a = g.input("a", left ? [k, m] : [m, k], dtype);
  const b = g.input("b", right ? [n, k] : [k, n], dtype);
  const c = g.matmul(left ? g.transpose(a) : a, right ? g.transpose(b) : b) as g.Tensor<"f32">;
  return { inputs: [a, b], c, feeds: { a: wholes(m * k, 1), b: wholes(k * n, 2) } };
}

describe("matrix products", () => {
  it.each(TILES)("$m×$k by $k×$n, in all four transposes and three dtypes", size => {
    for (const left of [false, true]) {
      for (const right of [false, true]) {
        for (const dtype of ["f32", "f64", "i32"] as const) {
          const { inputs, c, feeds } = productOf(size, left, right, dtype);
          checkEverywhere(inputs, { c }, feeds, { tolerance: 0 });
        }
      }
    }
  });

  it.each(LARGE)("$m×$k by $k×$n: blocks and packed panels", async size => {
    for (const transposed of [false, true]) {
      const { inputs, c, feeds } = productOf(size, transposed, transposed, "f32");
      const net = await g.compile(g.program("p", { f: { inputs, outputs: { c } } }), { target: "wasm" });
      const result = (net.f as (feeds: object) => { c: Float32Array })(feeds).c;
      for (let at = 0; at < result.length; at += 41) {
        const [i, j] = [Math.floor(at / size.n), at % size.n];
        let sum = 0;
        for (let k = 0; k < size.k; k++) {
          const x = transposed ? feeds.a[k * size.m + i] : feeds.a[i * size.k + k];
          sum += x * (transposed ? feeds.b[j * size.k + k] : feeds.b[k * size.n + j]);
        }
        expect(result[at], `[${i}, ${j}]`).toBe(sum);
      }
    }
  });

  it("takes a few columns, and rows beside them, known at the call", () => {
    const B = g.dim("B", { max: 13 });
    const N = g.dim("N", { max: 3 });
    for (const [rows, columns] of [
      [1, 1],
      [7, 2],
      [13, 3],
    ]) {
      const x = g.input("x", [B, 20]);
      const w = g.input("w", [20, N]);
      const v = g.input("v", [20, 2]);
      const outputs = { y: g.relu(g.matmul(x, w)), z: g.matmul(x, v) };
      checkEverywhere([x, w, v], outputs, { x: wholes(rows * 20, 1), w: wholes(20 * columns, 2), v: wholes(40, 3) });
    }
  });

  it("takes rows, columns and depths known at the call", () => {
    const B = g.dim("B", { max: 21 });
    for (const size of [1, 5, 6, 7, 20, 21]) {
      const x = g.input("x", [B, 5]);
      const w = g.input("w", [5, 9]);
      const y = g.matmul(x, w);
      const outputs = { y, gram: g.matmul(x, g.transpose(x)), depth: g.matmul(g.transpose(x), y) };
      const feeds = { x: wholes(size * 5, 3), w: wholes(45, 4) };
      checkEverywhere([x, w], outputs, feeds, { tolerance: 0 });
    }
  });

  it("takes batches, and operands behind views", () => {
    const a = g.input("a", [3, 7, 2, 4]);
    const b = g.input("b", [2, 3, 10, 4]);
    const heads = g.einsum("bqhd,hbkd->bhqk", a, b);
    const rows = g.matmul(g.reshape(g.flip(a, [1]), [21, 8]), g.reshape(b, [8, 30]));
    const feeds = { a: wholes(168, 5), b: wholes(240, 6) };
    checkEverywhere([a, b], { heads, rows }, feeds, { tolerance: 0 });
  });

  it("lets what follows join while the sums are at hand", () => {
    const x = g.input("x", [22, 40]);
    const w = g.input("w", [40, 13]);
    const bias = g.input("bias", [13]);
    const y = g.relu(g.add(g.matmul(x, w), bias));
    const feeds = { x: wholes(880, 7), w: wholes(520, 8), bias: wholes(13, 9) };
    checkEverywhere([x, w, bias], { y, dw: g.grad(g.sum(g.mul(y, y)), w), twice: g.add(y, y) }, feeds, {
      tolerance: 0,
    });
  });
});

describe("long sums over windows", () => {
  it("are cut at an outer letter, in every dtype", () => {
    // The depth of the kernel's gradient: 3 images of 20 × 20.
    const x = g.input("x", [3, 20, 20, 5]);
    const y = g.input("y", [3, 20, 20, 7]);
    const w = g.input("w", [3, 3, 5, 7]);
    const dw = g.grad(g.sum(g.mul(g.conv(x, w, { padding: "same" }), y)), w);
    const feeds = { x: wholes(6000, 1), y: wholes(8400, 2), w: wholes(315, 3) };
    checkEverywhere([x, y, w], { dw }, feeds, { tolerance: 0 });
  });
});
