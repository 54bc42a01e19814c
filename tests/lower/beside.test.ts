import { describe, expect, it } from "vitest";
import { lower } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import { printKernel } from "../../src/loop/print.ts";
import { TARGETS } from "../../src/targets.ts";
import { checkEverywhere } from "../support/everywhere.ts";

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i * 0.61) / 2);

interface Case {
  readonly image: readonly [batch: number, height: number, width: number];
  readonly channels: readonly [from: number, to: number];
}

/** 1, 2 and 3 columns beside full tiles; rows beside whole vectors; depths that are one block, and several. */
const CASES: readonly Case[] = [
  { image: [2, 5, 6], channels: [17, 17] },
  { image: [2, 5, 6], channels: [4, 10] },
  { image: [1, 7, 5], channels: [5, 11] },
  { image: [1, 5, 5], channels: [1, 9] },
  { image: [3, 20, 19], channels: [6, 9] },
  { image: [2, 25, 24], channels: [5, 10] },
];

function gradient({ image, channels: [from, to] }: Case) {
  const x = g.input("x", [...image, from]);
  const w = g.input("w", [3, 3, from, to]);
  const y = g.conv(x, w, { padding: "same" });
  const cotangent = g.input("cotangent", y.shape);
  const inputs = [x, w, cotangent];
  const valuesOf = (shape: readonly unknown[]): number[] => numbers(shape.reduce<number>((p, d) => p * Number(d), 1));
  const feeds = { x: valuesOf(x.shape), w: valuesOf(w.shape), cotangent: valuesOf(cotangent.shape) };
  return { inputs, feeds, d: g.vjp<g.Tensor<"f32">>(y, w, cotangent) };
}

const nameOf = ({ image, channels }: Case): string => `${image.join("×")}, ${channels.join(" → ")}`;

describe("columns beside the tiles", () => {
  it.each(CASES.map(c => [nameOf(c), c] as const))("of the gradient of a kernel, %s", (_, c) => {
    const { inputs, feeds, d } = gradient(c);
    checkEverywhere(inputs, { d, shrunk: g.sub(g.mul(d, 0.5), 1) }, feeds);
  });

  it("are vectors of rows: one more kind of tile, whose sums share a splat of the right operand", () => {
    const sums = (c: Case): number => {
      const { inputs, d } = gradient(c);
      const { graph } = g.program("t", { f: { inputs, outputs: { d } } });
      const text = lower(graph, TARGETS.wasm, "reproducible").kernels.map(printKernel).join("\n");
      return text.match(/var c\S*: f32x4 = 0/g)?.length ?? 0;
    };
    const [channels, wider] = [
      [17, 16],
      [17, 17],
    ] as const;
    const image = [3, 20, 19] as const;
    // 51 rows that follow each other: twelve vectors, and one for what is left.
    expect(sums({ image, channels: wider }) - sums({ image, channels })).toBe(13);
  });

  it("of a product with something that follows, in the panel of its rows", () => {
    const textOf = (columns: number): string => {
      const x = g.input("x", [40, 30]);
      const d = g.input("d", [40, columns]);
      const w = g.input("w", [30, columns]);
      const y = g.sub(w, g.mul(g.matmul(g.transpose(x), d), 0.5));
      checkEverywhere([x, d, w], { y }, { x: numbers(1200), d: numbers(40 * columns), w: numbers(30 * columns) });
      const { graph } = g.program("t", { f: { inputs: [x, d, w], outputs: { y } } });
      const { kernels } = lower(graph, TARGETS.wasm, "fast");
      expect(kernels).toHaveLength(1);
      return printKernel(kernels[0]);
    };
    const sums = (text: string): number => text.match(/var c\S*: f32x4 = 0/g)?.length ?? 0;
    // 30 rows: seven vectors, and one more that overlaps them.
    expect(sums(textOf(17)) - sums(textOf(16))).toBe(8);
  });

  it("on threads, with the bits of one", async () => {
    const { inputs, feeds, d } = gradient({ image: [16, 17, 17], channels: [17, 17] });
    const program = g.program("t", { f: { inputs, outputs: { d } } });
    const nets = await Promise.all([1, 2, 3].map(threads => g.compile(program, { target: "wasm", threads })));
    const results = nets.map(net => net.f(feeds).d);
    for (const net of nets) net.close();
    for (const other of results.slice(1)) expect(other).toEqual(results[0]);
  });
});
