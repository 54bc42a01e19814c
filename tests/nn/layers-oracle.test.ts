import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import { errorOf } from "../program/lines.ts";

type X = g.Tensor<"f64">;

interface Row {
  readonly operands: readonly number[][];
  readonly shape: readonly number[];
  readonly y: readonly number[];
  readonly gradients: readonly number[][];
}

/** Recorded by tests/oracle/layers.py. */
const golden: { readonly layers: Readonly<Record<string, Row>> } = JSON.parse(
  readFileSync(new URL("../oracle/layers.json", import.meta.url), "utf8"),
);

/** A tensor in plain numbers. */
interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Axis k of the result is axis perm[k] of x. */
function permuted({ shape, data }: Plain, perm: readonly number[]): Plain {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((p, n) => p * n, 1));
  let at = [0];
  for (const axis of perm) at = at.flatMap(a => Array.from({ length: shape[axis] }, (_, i) => a + i * strides[axis]));
  return { shape: perm.map(axis => shape[axis]), data: at.map(i => data[i]) };
}

const rows = ({ shape: [, columns], data }: Plain, from: number, to: number): Plain => ({
  shape: columns === undefined ? [to - from] : [to - from, columns],
  data: data.slice(from * (columns ?? 1), to * (columns ?? 1)),
});

/** How PyTorch's operands become the layer's inputs and parameters; the same for their gradients. */
type Split = (operands: readonly Plain[]) => Readonly<Record<string, Plain>>;

interface Layer {
  readonly apply: (x: X, memory: X) => X;
  readonly split: Split;
  /** Back to PyTorch's layout. */
  readonly perm?: readonly number[];
}

const LAST = [0, 2, 3, 1];
const FIRST = [0, 3, 1, 2];
const KERNEL = [2, 3, 1, 0];

const norm: Split = ([x, scale, shift]) => ({ x, "l.scale": scale, ...(shift && { "l.shift": shift }) });
const overChannels =
  (split: Split): Split =>
  ([x, ...rest]) =>
    split([permuted(x, LAST), ...rest]);
const kernel: Split = ([x, w, b]) => ({ x: permuted(x, LAST), "l.w": permuted(w, KERNEL), "l.b": b });
const mask = g.constant([0, 1, 2].map(i => [0, 1, 2, 3, 4].map(j => (3 * i + 2 * j) % 5 !== 0)));

const LAYERS: Readonly<Record<string, Layer>> = {
  convolution: {
    apply: x => nn.convolution(x, 3, [3, 3], { name: "l", strides: 2, padding: 1, activation: g.relu }),
    split: kernel,
    perm: FIRST,
  },
  transposedConvolution: {
    apply: x => nn.transposedConvolution(x, 3, 3, { name: "l", strides: 2, padding: 1, outputPadding: 1 }),
    split: kernel,
    perm: FIRST,
  },
  groupNorm: {
    apply: x => nn.groupNorm(x, 2, { name: "l", epsilon: 1e-3 }),
    split: overChannels(norm),
    perm: FIRST,
  },
  instanceNorm: {
    apply: x => nn.instanceNorm(x, { name: "l", epsilon: 1e-3 }),
    split: overChannels(norm),
    perm: FIRST,
  },
  layerNorm: { apply: x => nn.layerNorm(x, { name: "l", epsilon: 1e-3 }), split: norm },
  rmsNorm: { apply: x => nn.rmsNorm(x, { name: "l", epsilon: 1e-3 }), split: norm },
  embedding: {
    apply: () =>
      nn.embedding(
        g.constant(
          [
            [2, 0],
            [2, 4],
          ],
          [2, 2],
          "i32",
        ),
        5,
        3,
        { name: "l", dtype: "f64" },
      ),
    split: ([w]) => ({ "l.w": w }),
  },
  multiHeadAttention: {
    apply: (x, memory) => nn.multiHeadAttention(x, memory, memory, { name: "l", heads: 2, mask }),
    split: ([x, memory, w, b, outW, outB]) => ({
      x,
      memory,
      ...Object.fromEntries(
        ["query", "key", "value"].flatMap((part, k) => [
          [`l.${part}.w`, permuted(rows(w, 4 * k, 4 * k + 4), [1, 0])],
          [`l.${part}.b`, rows(b, 4 * k, 4 * k + 4)],
        ]),
      ),
      "l.out.w": permuted(outW, [1, 0]),
      "l.out.b": outB,
    }),
  },
};

function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  expected.forEach((want, i) => {
    expect(Math.abs(actual[i] - want), `${what}: element ${i} is ${actual[i]}, PyTorch ${want}`).toBeLessThan(
      1e-8 * (1 + Math.abs(want)),
    );
  });
}

it("every recorded layer is tested", () => {
  expect(Object.keys(LAYERS).sort()).toEqual(Object.keys(golden.layers).sort());
});

describe.each(Object.entries(golden.layers))("%s", (name, row) => {
  const { apply, split, perm } = LAYERS[name];
  const plain = (lists: readonly (readonly number[])[]): Plain[] =>
    lists.map((data, k) => ({ shape: row.operands[k], data }));
  const given = row.operands.map((shape, k) => {
    const size = shape.reduce((p, n) => p * n, 1);
    return Array.from({ length: size }, (_, i) => Math.sin(1.3 * i + 0.7 * k + 0.2));
  });

  it("equals PyTorch's, with gradients of operands and parameters", () => {
    const feeds = split(plain(given));
    const expected = split(plain(row.gradients));
    const inputs = ["x", "memory"].map(key => g.input(key, feeds[key]?.shape ?? [1], "f64"));
    const layer = apply(inputs[0], inputs[1]);
    const y = perm ? g.transpose(layer, perm) : layer;
    expect(y.shape).toEqual(row.shape);
    const weights = g.constant(
      row.y.map((_, i) => Math.cos(i)),
      row.shape,
      "f64",
    );
    const wrt: Record<string, X> = { ...nn.parameters(y) } as Record<string, X>;
    inputs.forEach((input, k) => {
      const key = ["x", "memory"][k];
      if (feeds[key]) wrt[key] = input;
    });
    expect(Object.keys(wrt).sort()).toEqual(Object.keys(feeds).sort());
    const gradients = g.grad(g.sum(g.mul(y, weights)), wrt);
    const numbers = Object.fromEntries(Object.entries(feeds).map(([key, { data }]) => [key, data]));
    const results = g.evaluate(
      { y, ...Object.fromEntries(Object.entries(gradients).map(([k, v]) => [`d ${k}`, v])) },
      numbers,
    );
    expectClose(results.y as Float64Array, row.y, "y");
    for (const [key, { data }] of Object.entries(expected)) {
      expectClose((results as Record<string, Float64Array>)[`d ${key}`], data, `gradient of ${key}`);
    }
  });
});

describe("dropout of elements together", () => {
  it("keeps or drops whole channels of an example", () => {
    const x = g.input("x", [4, 3, 3, 8]);
    const y = nn.dropout(x, 0.5, nn.training(g.state("k", g.key(5))), { together: [1, -2] });
    const values = g.evaluate(y, { x: new Float32Array(288).fill(1) }) as Float32Array;
    const kept = new Set<string>();
    for (let n = 0; n < 4; n++) {
      for (let c = 0; c < 8; c++) {
        const channel = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(i => values[(n * 9 + i) * 8 + c]);
        expect(new Set(channel).size).toBe(1);
        kept.add(String(channel[0]));
      }
    }
    expect(kept).toEqual(new Set(["0", "2"]));
  });
});

it.each([
  ["groups that do not divide", () => nn.groupNorm(g.input("x", [2, 6]), 4, { name: "g" }), "shape"],
  ["a window of another rank", () => nn.convolution(g.input("x", [1, 5, 5, 2]), 2, [3], { name: "c" }), "attribute"],
  ["no positions", () => nn.instanceNorm(g.input("x", [2, 6]), { name: "i" }), "shape"],
  ["channels in no groups", () => nn.convolution(g.input("x", [1, 5, 3]), 4, 2, { name: "c", groups: 2 }), "shape"],
  [
    "heads that do not divide",
    () => {
      const x = g.input("x", [3, 5]);
      return nn.multiHeadAttention(x, x, x, { name: "a", heads: 2 });
    },
    "shape",
  ],
])("layers refuse %s", (_what, declare, code) => {
  expect(errorOf(declare).code).toBe(code);
});
