import { describe, expect, it } from "vitest";
import { dot, einsum, matmul, outer } from "../../src/ops/contraction.ts";
import { gather, gatherAlong, scatterAdd } from "../../src/ops/gather.ts";
import { softmaxCrossEntropy } from "../../src/ops/loss.ts";
import { oneHot } from "../../src/ops/one-hot.ts";
import { cumsum } from "../../src/ops/prefix.ts";
import { constant } from "../../src/ops/source.ts";
import { topK } from "../../src/ops/topk.ts";
import { dim } from "../../src/shared/dim.ts";
import { input, noise, randomArray, run } from "./b-support.ts";

/** NumPy's matmul by its definition: the pair of matrices at every batch index. */
const SHAPES: readonly (readonly [number[], number[], number[]])[] = [
  [[3], [3], []],
  [[3], [3, 2], [2]],
  [[4, 3], [3], [4]],
  [
    [4, 3],
    [3, 2],
    [4, 2],
  ],
  [
    [5, 4, 3],
    [3, 2],
    [5, 4, 2],
  ],
  [
    [4, 3],
    [5, 3, 2],
    [5, 4, 2],
  ],
  [
    [5, 1, 4, 3],
    [6, 3, 2],
    [5, 6, 4, 2],
  ],
  [
    [1, 4, 3],
    [6, 3, 2],
    [6, 4, 2],
  ],
  [
    [1, 4, 3],
    [1, 3, 2],
    [1, 4, 2],
  ],
  [[3], [5, 3, 2], [5, 2]],
];

function reference(x: number[], xs: number[], y: number[], ys: number[], out: number[]): number[] {
  const left = xs.length === 1 ? [1, ...xs] : xs;
  const right = ys.length === 1 ? [...ys, 1] : ys;
  const [m, k] = left.slice(-2);
  const n = right[right.length - 1];
  const total = out.reduce((p, d) => p * d, 1);
  const batch = out.slice(0, out.length - (xs.length > 1 ? 1 : 0) - (ys.length > 1 ? 1 : 0));
  const start = (shape: number[], index: number[]): number => {
    const own = shape.slice(0, -2);
    return own.reduce((at, size, i) => at * size + (size === 1 ? 0 : index[batch.length - own.length + i]), 0);
  };
  return Array.from({ length: total }, (_, at) => {
    const j = at % n;
    const i = Math.floor(at / n) % m;
    let rest = Math.floor(at / n / m);
    const index = batch.map(() => 0);
    for (let d = batch.length - 1; d >= 0; d--) {
      index[d] = rest % batch[d];
      rest = Math.floor(rest / batch[d]);
    }
    let sum = 0;
    for (let t = 0; t < k; t++)
      sum += x[start(left, index) * m * k + i * k + t] * y[start(right, index) * k * n + t * n + j];
    return sum;
  });
}

describe("matmul", () => {
  it.each(SHAPES)("%j times %j is %j", (xs, ys, out) => {
    const x = input("x", xs);
    const y = input("y", ys);
    const z = matmul(x, y);
    expect(z.shape).toEqual(out);
    const next = noise(1);
    const feeds = new Map([
      [x, randomArray(x, next)],
      [y, randomArray(y, next)],
    ]);
    const [actual] = run([z], feeds);
    const expected = reference(Array.from(feeds.get(x)?.data ?? []), xs, Array.from(feeds.get(y)?.data ?? []), ys, out);
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
  });

  it("keeps symbolic batches and never repeats an operand", () => {
    const B = dim("B", { max: 64 });
    const z = matmul(input("x", [B, 1, 4, 3] as never), input("y", [5, 3, 2]));
    expect(z.shape.map(String)).toEqual(["B", "5", "4", "2"]);
    expect(z.node.operands.map(o => o.node.op.name)).toEqual(["reshape", "input"]);
  });

  it("names both shapes and the inner sizes, at the user's line", () => {
    expect(() => matmul(input("x", [4, 3]), input("y", [4, 3]))).toThrow(
      /inner sizes differ: 3 and 4[\s\S]*f64 \[4, 3\] and f64 \[4, 3\][\s\S]*b-contraction\.test\.ts:\d+/,
    );
    expect(() => matmul(input("x", [2, 4, 3]), input("y", [5, 3, 2]))).toThrow(/batch axes do not broadcast/);
    expect(() => matmul(input("x", []), input("y", [3]))).toThrow(/scalar/);
    expect(() => matmul(input("x", [3]), input("y", [3], "f32") as never)).toThrow(/different dtypes/);
  });
});

describe("einsum", () => {
  const x = input("x", [2, 3, 4]);
  const y = input("y", [4, 3]);
  const feeds = new Map([
    [x, randomArray(x, noise(2))],
    [y, randomArray(y, noise(3))],
  ]);
  const [xs, ys] = [...feeds.values()].map(f => Array.from(f.data));
  const X = (b: number, i: number, k: number): number => xs[(b * 3 + i) * 4 + k];
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const total = (n: number, f: (i: number) => number): number => range(n).reduce((t, i) => t + f(i), 0);

  const CASES: readonly (readonly [string, number, number[]])[] = [
    ["bik->kb", 1, range(4).flatMap(k => range(2).map(b => total(3, i => X(b, i, k))))],
    ["bik", 1, xs],
    ["bik,ki->b", 2, range(2).map(b => total(3, i => total(4, k => X(b, i, k) * ys[k * 3 + i])))],
    [
      "bik,kj->ji",
      2,
      range(3).flatMap(j => range(3).map(i => total(2, b => total(4, k => X(b, i, k) * ys[k * 3 + j])))),
    ],
    ["bik,ki", 2, range(2).map(b => total(3, i => total(4, k => X(b, i, k) * ys[k * 3 + i])))],
    ["bik,kj->", 2, [total(2, b => total(3, i => total(4, k => total(3, j => X(b, i, k) * ys[k * 3 + j]))))]],
  ];
  it.each(CASES)("%s", (equation, count, expected) => {
    const [actual] = run([einsum(equation, ...[x, y].slice(0, count))], feeds);
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10);
    });
  });

  it("takes more than two operands", () => {
    const v = input("v", [3]);
    const [actual] = run([einsum("bik,ki,i->bk", x, y, v)], new Map([...feeds, [v, randomArray(v, noise(4))]]));
    const vs = Array.from(randomArray(v, noise(4)).data);
    const expected = range(2).flatMap(b => range(4).map(k => total(3, i => X(b, i, k) * ys[k * 3 + i] * vs[i])));
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10);
    });
  });

  it("says what it cannot read", () => {
    expect(() => einsum("ii->i", y)).toThrow(/diagonals/);
    expect(() => einsum("ij->k", y)).toThrow(/letter k is in no term/);
    expect(() => einsum("ijk->i", y)).toThrow(/names 3 axes of f64 \[4, 3\]/);
    expect(() => einsum("bik,ij->b", x, y)).toThrow(/i is 3 and 4/);
    expect(() => einsum("i j -> k?", y)).toThrow(/not an equation/);
    expect(() => einsum("ij,jk->ik", y)).toThrow(/2 terms for 1 operands/);
  });
});

describe("errors of the others", () => {
  it("name what does not fit", () => {
    const x = input("x", [3, 4]);
    const i = input("i", [2], "i32");
    expect(() => dot(x, x)).toThrow(/two vectors/);
    expect(() => outer(x, x)).toThrow(/two vectors/);
    expect(() => cumsum(x, 2)).toThrow(/axis/);
    expect(() => topK(x, 5)).toThrow(/cannot take 5 of 4/);
    expect(() => gather(x, constant([0, 3], undefined, "i32"))).toThrow(/index 3 points outside[\s\S]*0 ≤ index < 3/);
    expect(() => gather(x, input("f", [2]) as never)).toThrow(/indices must be i32[\s\S]*b-contraction/);
    expect(() => gatherAlong(x, i)).toThrow();
    expect(() => scatterAdd(i, x, { size: 4 })).toThrow(/indices' axes/);
    expect(() => oneHot(i, 0)).toThrow(/not a size/);
    expect(() => softmaxCrossEntropy(x, i)).toThrow(/one label per row[\s\S]*labels \[3\][\s\S]*i32 \[2\]/);
    expect(() => softmaxCrossEntropy(x, constant([0, 1, 4], undefined, "i32"))).toThrow(/0 ≤ index < 4/);
  });
});
