import { describe, expect, it } from "vitest";
import { lower, TARGETS } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import { printKernel } from "../../src/loop/print.ts";
import { checkEverywhere, expectClose } from "../support/everywhere.ts";

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i * 0.37) * 2);

/** The kernels for WebAssembly. */
const textOf = (inputs: readonly g.Input[], outputs: Record<string, g.Tensor>): string =>
  lower(g.program("t", { f: { inputs, outputs } }).graph, TARGETS.wasm, "fast")
    .kernels.map(printKernel)
    .join("\n");

const bent = (x: g.Tensor<"f32">): g.Tensor<"f32"> => g.exp(g.neg(g.tanh(g.add(g.mul(x, 1.1), 0.3))));

describe("chains of scalar functions", () => {
  it("are computed function by function in blocks that divide the size", () => {
    const x = g.input("x", [1000]);
    const text = textOf([x], { y: bent(x) });
    expect(text).toMatch(/for block\$\d+ = 0 \.\. 1000 step 1000 parallel/);
    expect(text.match(/ = 0 \.\. 1000 step 4 /g)).toHaveLength(2);
    checkEverywhere([x], { y: bent(x) }, { x: numbers(1000) });
  });

  it.each([[1031], [3, 511], [2, 5, 77]])("of %s elements, some of them stored on the way", (...shape) => {
    const x = g.input("x", shape);
    const z = g.input("z", shape);
    const first = g.tanh(g.mul(x, z));
    const second = g.exp(g.sub(first, z));
    const outputs = { first, second, third: g.log1p(g.add(g.mul(second, second), first)) };
    expect(textOf([x, z], outputs)).toMatch(/for block/);
    const n = shape.reduce((p, d) => p * d, 1);
    checkEverywhere([x, z], outputs, { x: numbers(n), z: numbers(2 * n).slice(n) });
  });

  it("of as many elements as the call says", () => {
    const x = g.input("x", [g.dim("B", { max: 600 }), 3]);
    const y = g.sigmoid(g.sin(g.exp(g.neg(g.tanh(x)))));
    expect(textOf([x], { y })).toMatch(/for block[\s\S]*min\(/);
    for (const rows of [1, 77, 600]) checkEverywhere([x], { y }, { x: numbers(3 * rows) });
  });

  it("stay in one loop where they are short, few, or guarded", () => {
    const few = g.input("few", [100]);
    expect(textOf([few], { y: bent(few) })).not.toMatch(/for block/);
    const x = g.input("x", [1000]);
    expect(textOf([x], { y: g.mul(g.exp(x), g.tanh(x)) })).not.toMatch(/for block/);
    const padded = g.pad(x, [[3, 4]]);
    expect(textOf([x], { y: g.flip(bent(padded), [0]) })).toMatch(/kernel/);
  });

  it("update a variable in place", () => {
    const w = g.param("w", [700], g.constantInit(1));
    const x = g.input("x", [700]);
    const declared = g.program("t", {
      f: { inputs: [x], outputs: {}, updates: [g.set(w, bent(g.mul(w, x)))] },
    });
    const values = numbers(700);
    const results = (["interpret", "js", "wasm"] as const).map(target => {
      const net = g.compileSync(declared, { target });
      for (let i = 0; i < 3; i++) net.f({ x: values });
      return Array.from(net.variables.w.get());
    });
    let expected = values.map(() => 1);
    for (let i = 0; i < 3; i++) expected = expected.map((v, k) => Math.exp(-Math.tanh(1.1 * v * values[k] + 0.3)));
    for (const result of results) expectClose(result, expected, 1e-4, "w");
  });
});
