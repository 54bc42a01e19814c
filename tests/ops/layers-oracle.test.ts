import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import { checkEverywhere } from "../support/everywhere.ts";
import { checkDerivatives } from "./b-support.ts";

type X = g.Tensor<"f64">;

const first = { layout: "channelsFirst" } as const;

/** [c] over the second of so many axes. */
const channels = (x: X, rank: number): X => g.reshape(x, [-1, ...new Array<number>(rank - 2).fill(1)]);

const CASES: Readonly<Record<string, (x: X, w: X, v: X, m: X) => X>> = {
  conv1d: (x, w) => g.conv(x, w, { ...first, strides: 2, padding: 1, dilation: 2 }),
  "conv2d same": (x, w) => g.conv(x, w, { ...first, padding: "same", dilation: [1, 2] }),
  "conv2d groups": (x, w) => g.conv(x, w, { ...first, strides: [2, 1], padding: 1, groups: 2 }),
  "conv2d depthwise": (x, w) => g.conv(x, w, { ...first, strides: 2, padding: 1, groups: 3 }),
  "conv2d depthwise twice": (x, w) => g.conv(x, w, { ...first, padding: [2, 0], dilation: [2, 1], groups: 2 }),
  conv3d: (x, w) => g.conv(x, w, { ...first, strides: [1, 2, 1], padding: [1, 0, 1] }),
  convTranspose1d: (x, w) => g.convTranspose(x, w, { ...first, strides: 3, padding: 1, outputPadding: 2, dilation: 2 }),
  convTranspose2d: (x, w) =>
    g.convTranspose(x, w, { ...first, strides: 2, padding: [1, 0], outputPadding: [1, 0], groups: 2 }),
  "convTranspose2d depthwise": (x, w) =>
    g.convTranspose(x, w, { ...first, strides: 2, padding: 1, outputPadding: 1, groups: 3 }),
  convTranspose3d: (x, w) => g.convTranspose(x, w, { ...first, strides: 2 }),
  "maxPool1d ceil": x => g.maxPool(x, 3, { ...first, strides: 2, padding: 1, ceilMode: true }),
  "maxPool2d dilation": x => g.maxPool(x, [2, 3], { ...first, strides: [2, 1], padding: 1, dilation: [2, 1] }),
  maxPool3d: x => g.maxPool(x, 2, { ...first, ceilMode: true }),
  averagePool2d: x => g.averagePool(x, 3, { ...first, strides: 2, padding: 1 }),
  "averagePool2d ceil": x =>
    g.averagePool(x, 3, { ...first, strides: 2, padding: 1, ceilMode: true, includePadding: true }),
  averagePool3d: x => g.averagePool(x, 2, first),
  lpPool1d: x => g.lpPool(x, 3, 3, { ...first, strides: 2 }),
  lpPool2d: x => g.lpPool(x, 2, [2, 3], first),
  adaptiveAveragePool1d: x => g.adaptiveAveragePool(x, 4, first),
  adaptiveAveragePool2d: x => g.adaptiveAveragePool(x, [3, 2], first),
  nearest: x => g.resize(x, [5, 9], first),
  "nearest twice": x => g.upsample(x, 2, first),
  "nearest exact": x => g.resize(x, [2, 7], { ...first, coordinates: "halfPixel" }),
  linear: x => g.resize(x, 7, { ...first, mode: "linear" }),
  bilinear: x => g.resize(x, [7, 3], { ...first, mode: "linear" }),
  "bilinear twice": x => g.upsample(x, 2, { ...first, mode: "linear" }),
  "bilinear corners": x => g.resize(x, [5, 7], { ...first, mode: "linear", coordinates: "alignCorners" }),
  trilinear: x => g.resize(x, [3, 4, 3], { ...first, mode: "linear" }),
  localResponseNorm: x => g.localResponseNorm(x, { ...first, size: 4, alpha: 0.3, beta: 0.6, bias: 1.5 }),
  layerNorm: (x, s, b) => g.add(g.mul(g.standardize(x, [1, 2], { epsilon: 1e-3 }), s), b),
  rmsNorm: (x, s) => g.mul(g.standardize(x, -1, { epsilon: 1e-3, center: false }), s),
  groupNorm: (x, s, b) => {
    const groups = g.standardize(g.reshape(x, [2, 2, 2, 3, 2]), [2, 3, 4], { epsilon: 1e-3 });
    return g.add(g.mul(g.reshape(groups, x.shape), channels(s, 4)), channels(b, 4));
  },
  instanceNorm: (x, s, b) => g.add(g.mul(g.standardize(x, [2, 3], { epsilon: 1e-3 }), channels(s, 4)), channels(b, 4)),
  batchNorm: (x, s, b) => g.add(g.mul(g.standardize(x, [0, 2, 3], { epsilon: 1e-3 }), channels(s, 4)), channels(b, 4)),
  attention: (q, k, v) => g.attention(q, k, v),
  "attention causal": (q, k, v) => g.attention(q, k, v, { causal: true, scale: 0.9 }),
  "attention mask": (q, k, v) => {
    const mask = [0, 1, 2].map(i => [0, 1, 2, 3].map(j => (3 * i + 2 * j) % 5 !== 0));
    return g.attention(q, k, v, { mask: g.constant(mask) });
  },
  "attention bias": (q, k, v, mask) => g.attention(q, k, v, { mask }),
};

/** One for each way of computing: these are compiled for every target. */
const COMPILED = new Set(
  ["conv3d", "conv2d depthwise", "conv2d depthwise twice", "convTranspose1d", "convTranspose2d depthwise"].concat(
    ["maxPool2d dilation", "averagePool2d ceil", "lpPool1d", "adaptiveAveragePool2d", "nearest twice", "bilinear"],
    ["localResponseNorm", "groupNorm", "rmsNorm", "attention mask", "attention causal"],
  ),
);

interface Row {
  readonly operands: readonly number[][];
  readonly shape: readonly number[];
  readonly y: readonly number[];
  readonly gradients: readonly number[][];
}

/** Recorded by tests/oracle/layers.py. */
const golden: { readonly cases: Readonly<Record<string, Row>> } = JSON.parse(
  readFileSync(new URL("../oracle/layers.json", import.meta.url), "utf8"),
);

const size = (shape: readonly number[]): number => shape.reduce((p, n) => p * n, 1);
const list = (n: number, at: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => at(i));
/** What the oracle computes with: see its script. lpPool1d is of |x|, since PyTorch's norm is of x itself. */
const values = (name: string, shape: readonly number[], k: number): number[] =>
  list(size(shape), i => {
    const x = Math.sin(1.3 * i + 0.7 * k + 0.2);
    return name === "lpPool1d" ? Math.abs(x) : x;
  });

function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  expected.forEach((want, i) => {
    expect(Math.abs(actual[i] - want), `${what}: element ${i} is ${actual[i]}, PyTorch ${want}`).toBeLessThan(
      1e-8 * (1 + Math.abs(want)),
    );
  });
}

it("every recorded case is tested", () => {
  expect(Object.keys(CASES).sort()).toEqual(Object.keys(golden.cases).sort());
});

describe.each(Object.entries(golden.cases))("%s", (name, row) => {
  const declare = () => row.operands.map((shape, k) => g.input(`x${k}`, shape, "f64"));
  const apply = (xs: readonly X[]): X => CASES[name](...(xs as [X, X, X, X]));

  it("equals PyTorch, with its gradients", () => {
    const xs = declare();
    const y = apply(xs);
    expect(y.shape).toEqual(row.shape);
    const weights = g.constant(list(row.y.length, Math.cos), row.shape, "f64");
    const gradients = g.grad(g.sum(g.mul(y, weights)), xs);
    const feeds = Object.fromEntries(xs.map((_, k) => [`x${k}`, values(name, row.operands[k], k)]));
    const outputs = { y, ...Object.fromEntries(gradients.map((gradient, k) => [`d${k}`, gradient])) };
    const results = g.evaluate(outputs, feeds) as Record<string, Float64Array>;
    expectClose(results.y, row.y, "y");
    row.gradients.forEach((expected, k) => {
      const signed = expected.map((v, i) => (name === "lpPool1d" ? v * Math.sign(Math.sin(1.3 * i + 0.2)) : v));
      expectClose(results[`d${k}`], signed, `gradient ${k}`);
    });
    if (COMPILED.has(name)) checkEverywhere(xs, outputs, feeds, { tolerance: 1e-11 });
  });

  it("has the derivatives that differences have, of first and second order", () => {
    const xs = declare();
    checkDerivatives(apply(xs), xs, new Map(), 1e-5);
  });
});
