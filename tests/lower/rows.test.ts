import { describe, expect, it } from "vitest";
import { lower } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import { printKernel } from "../../src/loop/print.ts";
import { TARGETS } from "../../src/targets.ts";
import { bitsOf, checkEverywhere } from "../support/everywhere.ts";

type Float = g.Tensor<"f32">;

const textOf = (inputs: readonly g.Input[], outputs: Record<string, g.Tensor>): string =>
  lower(g.program("t", { f: { inputs, outputs } }).graph, TARGETS.wasm, "fast")
    .kernels.map(printKernel)
    .join("\n");

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i * 0.37) * 2);
const mean = (x: Float): Float => g.mean(x, -1, { keepDims: true });
const normal = (x: Float): Float => {
  const apart = g.sub(x, mean(x));
  return g.mul(apart, g.rsqrt(g.add(mean(g.mul(apart, apart)), 1e-5)));
};
const share = (x: Float): Float => g.div(x, g.sum(g.abs(x), -1, { keepDims: true }));

/** Rows that begin with a fold and end with stores. */
const ROWS: readonly [string, (x: Float) => Float][] = [
  ["softmax", x => g.softmax(x)],
  ["log softmax", x => g.logSoftmax(x)],
  ["normalised rows", normal],
  ["shares of a sum", share],
];

/** Short and long, with and without rows and columns beside whole steps, and more rows than begin together. */
const SHAPES = [
  [8, 64],
  [7, 64],
  [70, 20],
  [9, 333],
  [5, 512],
  [130, 300],
] as const;

const OVERLAP = /for first\S* = .* step 64 parallel grain/;

describe("rows of folds", () => {
  it.each(ROWS)("%s: every shape, backend and mode", (_, of) => {
    for (const shape of SHAPES) {
      const x = g.input("x", shape);
      checkEverywhere([x], { y: of(x) }, { x: numbers(shape[0] * shape[1]) });
    }
  });

  it.each(ROWS)("%s: what is no number, infinite or a negative zero keeps to its row", (_, of) => {
    const values = numbers(8 * 32);
    values[5] = Number.NaN;
    values.fill(Number.NEGATIVE_INFINITY, 32, 64);
    values[70] = Number.POSITIVE_INFINITY;
    values.fill(-0, 96, 128);
    const x = g.input("x", [8, 32]);
    const run = (["interpret", "js", "wasm"] as const).map(target =>
      g.compileSync(g.program("t", { f: { inputs: [x], outputs: { y: of(x) } } }), { target, mode: "reproducible" }),
    );
    const [expected, ...others] = run.map(net => bitsOf(net.f({ x: values }).y));
    for (const actual of others) expect(actual).toBe(expected);
    expect(expected.split(" ").slice(128)).not.toContain("NaN");
  });
});

describe("the next row is folded while this one is stored", () => {
  it.each([
    ["softmax", [64, 512], (x: Float) => g.softmax(x)],
    ["normalised rows, one at a time", [64, 512], normal],
    ["normalised rows, four at a time", [64, 64], normal],
  ] as const)("%s", (_, shape, of) => {
    const x = g.input("x", shape);
    expect(textOf([x], { y: of(x) })).toMatch(OVERLAP);
  });

  it("of a batch whose size is known at the call", () => {
    const batch = g.dim("N", { max: 130 });
    const x = g.input("x", [batch, 300]);
    expect(textOf([x], { y: g.softmax(x) })).toMatch(OVERLAP);
    const net = g.compileSync(g.program("t", { f: { inputs: [x], outputs: { y: g.softmax(x) } } }), { target: "wasm" });
    for (const rows of [1, 3, 64, 65, 130]) {
      const { y } = net.f({ x: new Float32Array(rows * 300).fill(2) });
      expect(y).toHaveLength(rows * 300);
      expect(y.every(v => Math.abs(v - 1 / 300) < 1e-8)).toBe(true);
    }
  });

  it.each([
    ["a last loop that calls a function", [64, 300], (x: Float) => g.exp(g.sub(x, mean(x)))],
    ["two rows", [2, 300], (x: Float) => g.softmax(x)],
  ] as const)("but not %s", (_, shape, of) => {
    const x = g.input("x", shape);
    expect(textOf([x], { y: of(x) })).not.toMatch(OVERLAP);
    checkEverywhere([x], { y: of(x) }, { x: numbers(shape[0] * shape[1]) });
  });

  it("where rows are updated in place", () => {
    const w = g.param("w", [70, 300], g.constantInit(numbers(70 * 300)));
    const nets = (["wasm", "js"] as const).map(target =>
      g.compileSync(g.program("t", { f: { inputs: [], outputs: {}, updates: [g.set(w, normal(g.add(w, 1)))] } }), {
        target,
        mode: "reproducible",
      }),
    );
    for (const { f } of nets) for (let i = 0; i < 3; i++) f({});
    expect(nets[0].variables.w.get()).toEqual(nets[1].variables.w.get());
  });

  it("on threads, with the bits of one", async () => {
    const x = g.input("x", [999, 300]);
    const program = g.program("t", { f: { inputs: [x], outputs: { y: g.softmax(x), z: normal(x) } } });
    const nets = await Promise.all([1, 2, 3].map(threads => g.compile(program, { target: "wasm", threads })));
    const results = nets.map(net => net.f({ x: numbers(999 * 300) }));
    for (const net of nets) net.close();
    for (const { y, z } of results.slice(1)) expect([y, z]).toEqual([results[0].y, results[0].z]);
  });
});

it("the end of a fold takes no vector apart", () => {
  const x = g.input("x", [3, 64]);
  const text = textOf([x], { y: g.softmax(x) });
  expect(text).toMatch(/shuffle/);
  expect(text).not.toMatch(/\.lane[123]/);
});
