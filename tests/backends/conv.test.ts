import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import { errorOf } from "../program/lines.ts";
import { checkEverywhere } from "../support/everywhere.ts";
import { randomNumbers } from "../support/random-values.ts";

/** `n` numbers from −1 to 1. */
function numbers(n: number, seed = 1): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: n }, () => 2 * random() - 1);
}

const size = (shape: readonly number[]): number => shape.reduce((p, n) => p * n, 1);

const CASES: readonly { x: number[]; w: number[]; options: g.ConvOptions }[] = [
  { x: [2, 6, 1], w: [3, 1, 1], options: {} },
  { x: [2, 7, 3], w: [3, 3, 4], options: { padding: "same", strides: 2 } },
  { x: [1, 6, 5, 2], w: [3, 2, 2, 3], options: { padding: 1 } },
  { x: [2, 8, 8, 3], w: [3, 3, 3, 8], options: { padding: "same" } },
  { x: [1, 9, 7, 4], w: [3, 3, 2, 6], options: { groups: 2, strides: [2, 1], dilation: [1, 2], padding: [[0, 2], 1] } },
  { x: [1, 5, 5, 3], w: [2, 2, 1, 3], options: { groups: 3 } },
  { x: [1, 7, 8, 2], w: [2, 1, 2, 3], options: { strides: [3, 2] } },
  { x: [2, 9, 6, 4], w: [3, 3, 4, 5], options: { strides: [2, 3], padding: [[2, 1], 1] } },
  { x: [1, 3, 4, 3, 2], w: [2, 2, 2, 2, 2], options: { padding: "same" } },
];

describe("convolution", () => {
  it.each(CASES)("$x by $w, $options, with both gradients, on every target", ({ x: xs, w: ws, options }) => {
    const x = g.input("x", xs);
    const w = g.input("w", ws);
    const y = g.conv(x, w, options);
    const weights = g.input("weights", y.shape as number[]);
    const [dx, dw] = g.grad(g.sum(g.mul(g.relu(y), weights)), [x, w]);
    checkEverywhere(
      [x, w, weights],
      { y, dx, dw },
      { x: numbers(size(xs)), w: numbers(size(ws), 2), weights: numbers(size(y.shape as number[]), 3) },
    );
  });

  it("is a product where the window is one element", () => {
    const x = g.input("x", [2, 3, 3, 4]);
    const w = g.input("w", [1, 1, 4, 5]);
    const feeds = { x: numbers(72), w: numbers(20, 2) };
    const product = g.matmul(x, g.reshape(w, [4, 5]));
    const both = g.evaluate({ y: g.conv(x, w), product }, feeds);
    expect(both.y.length).toBe(90);
    both.y.forEach((value, i) => {
      expect(value).toBeCloseTo(both.product[i], 6);
    });
  });

  it("takes channels first as PyTorch lays them out", () => {
    const x = g.input("x", [2, 3, 5, 6]);
    const w = g.input("w", [4, 3, 3, 2]);
    const first = g.conv(x, w, { padding: 1, layout: "channelsFirst" });
    const last = g.conv(g.transpose(x, [0, 2, 3, 1]), g.transpose(w, [2, 3, 1, 0]), { padding: 1 });
    expect(first.shape).toEqual([2, 4, 5, 7]);
    const both = g.evaluate({ first, last: g.transpose(last, [0, 3, 1, 2]) }, { x: numbers(180), w: numbers(72, 2) });
    expect(Array.from(both.first)).toEqual(Array.from(both.last));
  });

  it("takes a batch size known at the call", () => {
    const x = g.input("x", [g.dim("B", { max: 4 }), 5, 5, 2]);
    const w = g.input("w", [3, 3, 2, 3]);
    const y = g.conv(x, w, { padding: "same" });
    checkEverywhere([x, w], { y }, { x: numbers(150), w: numbers(54, 2) });
  });

  it.each([
    ["channels that do not fit", () => g.conv(g.input("x", [1, 4, 3]), g.input("w", [3, 2, 1])), "shape"],
    ["a kernel of another rank", () => g.conv(g.input("x", [1, 4, 3]), g.input("w", [3, 3, 3, 1])), "shape"],
    ["a window larger than the operand", () => g.conv(g.input("x", [1, 2, 1]), g.input("w", [3, 1, 1])), "shape"],
    ["strides of 0", () => g.conv(g.input("x", [1, 4, 1]), g.input("w", [3, 1, 1]), { strides: 0 }), "attribute"],
    [
      "paddings for other axes",
      () => g.conv(g.input("x", [1, 4, 1]), g.input("w", [3, 1, 1]), { padding: [1, 1] }),
      "attribute",
    ],
    [
      "a symbolic spatial size",
      () => g.conv(g.input("x", [1, g.dim("T", { max: 9 }), 1]), g.input("w", [3, 1, 1])),
      "dimension",
    ],
  ])("refuses %s with the user's place", (_what, declare, code) => {
    let error: unknown;
    try {
      declare();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(g.GradcError);
    const { message } = error as g.GradcError;
    expect((error as g.GradcError).code).toBe(code);
    expect(message).toContain("conv.test.ts:");
    expect(message).toMatch(/expected|received/);
  });
});

describe("transposed convolution", () => {
  it.each([
    { x: [2, 3, 2], w: [3, 4, 2], options: { strides: 2, padding: 1, outputPadding: 1 } },
    { x: [1, 3, 4, 4], w: [2, 3, 3, 4], options: { strides: [2, 1], groups: 2, dilation: [1, 2] } },
  ])("carries cotangents back through a convolution: $options", ({ x: xs, w: ws, options }) => {
    const { outputPadding: _grown, ...window } = { outputPadding: 0, ...options };
    const y = g.input("y", xs);
    const w = g.input("w", ws);
    const back = g.convTranspose(y, w, options);
    // ⟨conv(v, w), y⟩ = ⟨v, convTranspose(y, w)⟩ for every v.
    const v = g.input("v", back.shape as number[]);
    const forward = g.conv(v, w, window);
    const feeds = { y: numbers(size(xs)), w: numbers(size(ws), 2), v: numbers(size(back.shape as number[]), 3) };
    const { left, right } = g.evaluate({ left: g.sum(g.mul(forward, y)), right: g.sum(g.mul(v, back)) }, feeds);
    expect(left).toBeCloseTo(right, 4);
    const [dw] = g.grad(g.sum(g.mul(back, v)), [w]);
    checkEverywhere([y, w, v], { back, dw }, feeds);
  });
});

describe("transposed convolution with padding same", () => {
  it.each([
    { size: [5], window: [3], strides: 2 },
    { size: [4, 3], window: [2, 3], strides: [3, 1] },
    { size: [3], window: [4], strides: 2 },
  ])(
    "is the transpose of a convolution with padding same: $size, $window, $strides",
    ({ size: sizes, window, strides }) => {
      for (const padding of ["same", "sameLower"] as const) {
        const y = g.input("y", [1, ...sizes, 2]);
        const w = g.input("w", [...window, 3, 2]);
        const back = g.convTranspose(y, w, { strides, padding });
        const steps = Array.isArray(strides) ? strides : sizes.map(() => strides);
        expect(back.shape).toEqual([1, ...sizes.map((n, axis) => n * steps[axis]), 3]);
        const v = g.input("v", back.shape as number[]);
        const forward = g.conv(v, w, { strides, padding });
        const feeds = {
          y: numbers(size(y.shape as number[])),
          w: numbers(size(w.shape as number[]), 2),
          v: numbers(size(v.shape as number[]), 3),
        };
        const { left, right } = g.evaluate({ left: g.sum(g.mul(forward, y)), right: g.sum(g.mul(v, back)) }, feeds);
        expect(left).toBeCloseTo(right, 4);
      }
    },
  );
});

describe("pooling", () => {
  const window = (rows: readonly number[][], i: number, j: number): number[] =>
    [0, 1].flatMap(k => [0, 1].map(l => rows[i * 2 + k][j * 2 + l]));
  const rows = [
    [1, 2, 5, 5],
    [3, 4, 0, -1],
    [-1, -2, 7, 0],
    [-3, -4, 0, 7],
  ];

  it("takes maximum, mean and norm of windows", () => {
    const x = g.input("x", [1, 4, 4, 1]);
    const pools = { max: g.maxPool(x, 2), average: g.averagePool(x, 2), l2: g.l2Pool(x, 2) };
    const results = g.evaluate(pools, { x: rows.flat() });
    const all = [0, 1].flatMap(i => [0, 1].map(j => window(rows, i, j)));
    expect(Array.from(results.max)).toEqual(all.map(w => Math.max(...w)));
    expect(Array.from(results.average)).toEqual(all.map(w => w.reduce((a, b) => a + b) / 4));
    results.l2.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.hypot(...all[i]), 5);
    });
  });

  it("counts only what lies inside, and padding never wins", () => {
    const x = g.input("x", [1, 3, 1]);
    const options = { padding: "same", strides: 1 } as const;
    const pools = { average: g.averagePool(x, 3, options), max: g.maxPool(x, 3, options) };
    const { average, max } = g.evaluate(pools, { x: [-3, -6, -9] });
    expect(Array.from(average)).toEqual([-4.5, -6, -7.5]);
    expect(Array.from(max)).toEqual([-3, -3, -6]);
  });

  it("shares the gradient among ties", () => {
    const x = g.input("x", [1, 4, 4, 1]);
    const [dx] = g.grad(g.sum(g.maxPool(x, 2)), [x]);
    const tied = [0, 0, 0.5, 0.5, 0, 1, 0, 0, 1, 0, 0.5, 0, 0, 0, 0, 0.5];
    expect(Array.from(g.evaluate({ dx }, { x: rows.flat() }).dx)).toEqual(tied);
  });

  it.each([
    { options: {} },
    { options: { strides: 1, padding: "same" } },
    { options: { strides: [2, 1], padding: [[1, 0], 1], dilation: [2, 1] } },
    { options: { layout: "channelsFirst", strides: 2 } },
  ] as const)("agrees on every target, with gradients: $options", ({ options }) => {
    const x = g.input("x", [g.dim("B", { max: 3 }), 6, 6, 6]);
    const weights = g.input("weights", [6]);
    const pools = [g.maxPool(x, [2, 3], options), g.averagePool(x, [2, 3], options), g.l2Pool(x, [2, 3], options)];
    const loss = pools.map(p => g.sum(g.mul(p, g.broadcastTo(g.sum(weights), p.shape)))).reduce((a, b) => g.add(a, b));
    const [dx] = g.grad(loss, [x]);
    const [max, average, l2] = pools;
    checkEverywhere([x, weights], { max, average, l2, dx }, { x: numbers(432), weights: numbers(6, 2) });
  });

  it("slides over channels, in both layouts", () => {
    const x = g.input("x", [2, 5]);
    const feeds = { x: [3, 1, 2, 9, 4, -1, -5, -2, 0, 7] };
    const max = g.maxPool(x, 3, { over: "channels", strides: 2 });
    expect(Array.from(g.evaluate(max, feeds) as Float32Array)).toEqual([3, 9, -1, 7]);
    const first = g.reshape(x, [1, 5, 2]);
    const pairs = g.averagePool(first, 2, { over: "channels", layout: "channelsFirst", ceilMode: true });
    expect(pairs.shape).toEqual([1, 3, 2]);
    // Channels are the pairs (3, 1), (2, 9), (4, −1), (−5, −2), (0, 7).
    expect(Array.from(g.evaluate(pairs, feeds) as Float32Array)).toEqual([2.5, 5, -0.5, -1.5, 0, 7]);
  });

  it("pads in front first where it is told so", () => {
    const x = g.input("x", [1, 4, 1]);
    const feeds = { x: [1, 2, 3, 4] };
    const behind = g.maxPool(x, 2, { strides: 1, padding: "same" });
    const front = g.maxPool(x, 2, { strides: 1, padding: "sameLower" });
    expect(Array.from(g.evaluate(behind, feeds) as Float32Array)).toEqual([2, 3, 4, 4]);
    expect(Array.from(g.evaluate(front, feeds) as Float32Array)).toEqual([1, 2, 3, 4]);
  });

  it("takes whole pictures", () => {
    const x = g.input("x", [1, 2, 2, 2]);
    const pools = { mean: g.globalAveragePool(x), max: g.globalMaxPool(x, { layout: "channelsFirst" }) };
    const { mean, max } = g.evaluate(pools, { x: [1, 2, 3, 4, 5, 6, 7, 12] });
    expect(Array.from(mean)).toEqual([4, 6]);
    expect(Array.from(max)).toEqual([4, 12]);
  });

  it("has a gradient of 0 where the norm of a window is 0", () => {
    const x = g.input("x", [1, 4, 1]);
    const dx = g.grad(g.sum(g.lpPool(x, 2, 2)), x);
    expect(Array.from(g.evaluate(dx, { x: [0, 0, 3, 4] }) as Float32Array)).toEqual([
      0,
      0,
      Math.fround(0.6),
      Math.fround(0.8),
    ]);
  });

  it.each([
    ["a norm below 1", () => g.lpPool(g.input("x", [1, 4, 1]), 0.5, 2), "attribute"],
    ["no spatial axes", () => g.maxPool(g.input("x", [4, 1]), 2), "shape"],
    [
      "windows over something else",
      () => g.maxPool(g.input("x", [1, 4, 1]), 2, { over: "time" as "channels" }),
      "attribute",
    ],
    [
      "a layout that is none",
      () => g.maxPool(g.input("x", [1, 4, 1]), 2, { layout: "NCHW" as "channelsLast" }),
      "attribute",
    ],
    [
      "a mode of interpolation that is none",
      () => g.resize(g.input("x", [1, 4, 1]), 2, { mode: "cubic" as "linear" }),
      "attribute",
    ],
  ])("refuses %s", (_what, declare, code) => {
    expect(errorOf(declare).code).toBe(code);
  });
});

describe("symbolic batches", () => {
  it("go through depthwise convolutions, interpolation, normalisation and attention", () => {
    const B = g.dim("B", { max: 4 });
    const x = g.input("x", [B, 4, 3, 2]);
    const w = g.input("w", [3, 3, 1, 2]);
    const y = g.conv(x, w, { groups: 2, padding: "same" });
    const large = g.resize(y, [5, 6], { mode: "linear" });
    const rows = g.standardize(g.reshape(large, [B, 30, 2]), [0, 1], { epsilon: 0.1 });
    const z = g.attention(rows, rows, rows, { causal: true });
    const [dx, dw] = g.grad(g.sum(g.mul(z, rows)), [x, w]);
    checkEverywhere([x, w], { z, dx, dw }, { x: numbers(72), w: numbers(18, 2) }, { tolerance: 1e-4 });
  });
});
