import { describe, expect, it } from "vitest";
import { lower } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import { printKernel } from "../../src/loop/print.ts";
import { TARGETS } from "../../src/targets.ts";
import { checkEverywhere } from "../support/everywhere.ts";

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i * 0.83) / 2);

interface Case {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly options: g.ConvOptions;
}

/** Windows that leave what they slide over for a tenth of their reads or more, in the gradient of x or forward. */
const CASES: readonly Case[] = [
  { x: [7, 9, 8, 5], w: [4, 5, 5, 9], options: {} },
  { x: [1, 9, 8, 5], w: [4, 5, 5, 9], options: {} },
  { x: [2, 7, 24, 4], w: [5, 3, 4, 8], options: {} },
  { x: [2, 4, 9, 40], w: [3, 5, 40, 12], options: { padding: "same" } },
  // More than a block of the depth: rows skip whole positions of the window.
  { x: [6, 6, 6, 44], w: [5, 5, 44, 44], options: {} },
  { x: [8, 12, 6], w: [7, 6, 10], options: { padding: 3 } },
  { x: [6, 10, 10, 4], w: [4, 4, 4, 8], options: { strides: 2, padding: 3 } },
  { x: [6, 9, 10, 4], w: [3, 3, 4, 8], options: { dilation: 3, padding: 3 } },
  { x: [6, 7, 7, 8], w: [5, 5, 4, 12], options: { groups: 2 } },
  { x: [7, 5, 4, 5, 3], w: [3, 3, 3, 3, 8], options: { padding: 1 } },
];

function declared({ x: shape, w: window, options }: Case) {
  const x = g.input("x", shape);
  const w = g.input("w", window);
  const y = g.conv(x, w, options);
  const cotangent = g.input("cotangent", y.shape);
  const sizeOf = (dims: readonly unknown[]): number => dims.reduce<number>((p, d) => p * Number(d), 1);
  return {
    inputs: [x, w, cotangent],
    outputs: { y, d: g.vjp<g.Tensor<"f32">>(y, x, cotangent) },
    feeds: {
      x: numbers(sizeOf(x.shape)),
      w: numbers(sizeOf(w.shape)),
      cotangent: numbers(sizeOf(cotangent.shape)),
    },
  };
}

const nameOf = ({ x, w, options }: Case): string => `${x.join("×")} by ${w.join("×")} ${JSON.stringify(options)}`;

function textOf(c: Case, mode: "fast" | "reproducible"): string {
  const { inputs, outputs } = declared(c);
  const { graph } = g.program("t", { f: { inputs, outputs } });
  return lower(graph, TARGETS.wasm, mode).kernels.map(printKernel).join("\n");
}

/** A loop over positions of a window, or a row tile, that asks where its rows are. */
const BOUNDED = /for k\S* = n\S* \.\. n|if n\S* <= d/;

describe("windows that leave their operand", () => {
  it.each(CASES.map(c => [nameOf(c), c] as const))("%s", (_, c) => {
    const { inputs, outputs, feeds } = declared(c);
    checkEverywhere(inputs, outputs, feeds);
  });

  it("read no border that only holds zeros, in fast mode", () => {
    for (const c of CASES.slice(0, 5)) {
      expect(textOf(c, "fast"), nameOf(c)).toMatch(BOUNDED);
      // 0·∞ is no zero: on every backend the same.
      expect(textOf(c, "reproducible"), nameOf(c)).not.toMatch(BOUNDED);
    }
  });

  it("read it where it is small", () => {
    expect(textOf({ x: [2, 30, 30, 4], w: [3, 3, 4, 8], options: { padding: "same" } }, "fast")).not.toMatch(BOUNDED);
  });

  it("on threads, with the bits of one", async () => {
    const { inputs, outputs, feeds } = declared({ x: [9, 14, 14, 6], w: [5, 5, 6, 16], options: {} });
    const program = g.program("t", { f: { inputs, outputs } });
    const nets = await Promise.all([1, 2, 3].map(threads => g.compile(program, { target: "wasm", threads })));
    const results = nets.map(net => net.f(feeds).d);
    for (const net of nets) net.close();
    for (const other of results.slice(1)) expect(other).toEqual(results[0]);
  });
});
