import { describe, expect, it } from "vitest";
import { lower } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import { printKernel } from "../../src/loop/print.ts";
import { TARGETS } from "../../src/targets.ts";
import { checkEverywhere } from "../support/everywhere.ts";

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i * 0.37) * 2);

const textOf = (inputs: readonly g.Input[], outputs: Record<string, g.Tensor>): string =>
  lower(g.program("t", { f: { inputs, outputs } }).graph, TARGETS.wasm, "fast")
    .kernels.map(printKernel)
    .join("\n");

type Float = g.Tensor<"f32">;

/** (x − mean) / √(variance + ε) of each row. */
const normal = (x: Float): Float =>
  g.mul(g.sub(x, g.mean(x, -1, { keepDims: true })), g.rsqrt(g.add(g.variance(x, -1, { keepDims: true }), 1e-5)));

describe("short rows", () => {
  it.each([
    [8, 64],
    [4, 16],
    [12, 128],
    [7, 64],
  ])("of %s are computed four at once", (...shape) => {
    const x = g.input("x", shape);
    const text = textOf([x], { y: normal(x) });
    expect(text).toMatch(/step 4 parallel/);
    // Their roots are those of one vector; a row beside them has one of its own.
    expect(text.match(/1\.0\.splat4 \/ sqrt/g)).toHaveLength(1);
    expect(text.match(/1\.0 \/ sqrt/g) ?? []).toHaveLength(shape[0] % 4 === 0 ? 0 : 1);
    checkEverywhere([x], { y: normal(x) }, { x: numbers(shape.reduce((p, d) => p * d, 1)) });
  });

  it.each([
    ["fewer than four rows", [3, 64]],
    ["long rows", [8, 512]],
    ["rows for registers", [8, 8]],
  ])("but not %s", (_what, shape) => {
    const x = g.input("x", shape);
    expect(textOf([x], { y: normal(x) })).not.toMatch(/step 4 parallel/);
    checkEverywhere([x], { y: normal(x) }, { x: numbers(shape[0] * shape[1]) });
  });

  it("that are updated in place keep what they read", () => {
    const w = g.param("w", [8, 32], g.constantInit(numbers(256)));
    const x = g.input("x", [8, 32]);
    const shifted = g.sub(w, g.mul(x, g.sum(g.mul(w, x), 1, { keepDims: true })));
    const scale = g.rsqrt(g.add(g.sum(g.mul(shifted, shifted), 1, { keepDims: true }), 1e-3));
    checkEverywhere([x], { y: g.mul(shifted, scale) }, { x: numbers(256) });
    const net = (["wasm", "js"] as const).map(target => {
      const program = g.program("t", { f: { inputs: [x], outputs: {}, updates: [g.set(w, g.mul(shifted, scale))] } });
      return g.compileSync(program, { target, mode: "reproducible" });
    });
    for (const { f } of net) for (let i = 0; i < 3; i++) f({ x: numbers(256) });
    expect(net[0].variables.w.get()).toEqual(net[1].variables.w.get());
  });
});
