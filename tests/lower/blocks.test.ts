import { describe, expect, it } from "vitest";
import { lower } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import { printKernel } from "../../src/loop/print.ts";
import { TARGETS } from "../../src/targets.ts";
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

  it("update variables in place that are read for each other, with factors that all elements share", () => {
    const n = 700;
    const [m, v] = ["m", "v"].map(name => g.state(name, g.zeros([n])));
    const t = g.state("t", g.zeros([]));
    const w = g.param("w", [n], g.constantInit(1));
    const x = g.input("x", [n]);
    const time = g.add(t, 1);
    const [next, square] = [g.add(g.mul(m, 0.9), g.mul(x, 0.1)), g.add(g.mul(v, 0.9), g.mul(g.exp(g.tanh(x)), 0.1))];
    const step = g.div(g.mul(next, g.exp(g.neg(time))), g.sqrt(g.add(square, g.exp(g.tanh(square)))));
    const updates = [g.set(m, next), g.set(v, square), g.set(t, time), g.set(w, g.sub(w, step))];
    const declared = g.program("t", { f: { inputs: [x], outputs: {}, updates } });
    const values = numbers(n);
    const expected = { m: values.map(() => 0), v: values.map(() => 0), w: values.map(() => 1) };
    for (let k = 1; k <= 3; k++) {
      values.forEach((a, i) => {
        expected.m[i] = 0.9 * expected.m[i] + 0.1 * a;
        expected.v[i] = 0.9 * expected.v[i] + 0.1 * Math.exp(Math.tanh(a));
        const [mean, spread] = [expected.m[i], expected.v[i]];
        expected.w[i] -= (mean * Math.exp(-k)) / Math.sqrt(spread + Math.exp(Math.tanh(spread)));
      });
    }
    for (const target of ["interpret", "js", "wasm"] as const) {
      const net = g.compileSync(declared, { target });
      for (let k = 0; k < 3; k++) net.f({ x: values });
      for (const name of ["m", "v", "w"] as const) {
        expectClose(net.variables[name].get(), expected[name], 1e-5, `${target}: ${name}`);
      }
    }
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
