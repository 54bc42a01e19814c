import { describe, it } from "vitest";
import { einsum, input, square, sum } from "../../src/index.ts";
import { seeded } from "../codegen/wasm-support.ts";
import { checkEverywhere } from "../support/everywhere.ts";

const random = seeded(17);
const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, () => random() - 0.5);

describe("sums over two axes that are longer than the cache is deep go on from block to block", () => {
  it.each([
    [2, 17],
    [17, 17],
    [3, 18],
    [1, 19],
    [7, 33],
    [4, 49],
    [5, 5],
    [3, 7],
    [2, 20],
  ])("%i rows, %i columns: columns that full tiles and the last vector share count once", (rows, columns) => {
    const [time, batch] = [80, 16];
    const x = input("x", [time, batch, rows]);
    const y = input("y", [time, batch, columns]);
    const product = einsum("tbi,tbj->ij", x, y);
    const outputs = { product, squares: sum(square(product)) };
    const feeds = { x: numbers(time * batch * rows), y: numbers(time * batch * columns) };
    checkEverywhere([x, y], outputs, feeds, { tolerance: 1e-4 });
  });
});
