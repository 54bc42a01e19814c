import { describe, expect, it } from "vitest";
import { grad, hvp } from "../../src/autodiff/index.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { einsum, matmul } from "../../src/ops/contraction.ts";
import { customGrad, stopGradient } from "../../src/ops/custom.ts";
import { gather, gatherAlong, scatterAdd, scatterAddAlong } from "../../src/ops/gather.ts";
import { binaryCrossEntropyWithLogits, meanSquaredError, softmaxCrossEntropy } from "../../src/ops/loss.ts";
import { cumsum } from "../../src/ops/prefix.ts";
import { sum } from "../../src/ops/reduce.ts";
import { logSoftmax, softmax } from "../../src/ops/softmax.ts";
import { topK } from "../../src/ops/topk.ts";
import { exp, tanh } from "../../src/ops/transcendental.ts";
import { array, checkDerivatives, input, run } from "./b-support.ts";

const a = input("a", [3, 4]);
const b = input("b", [4, 2]);
const batch = input("batch", [2, 1, 3, 4]);
const pairs = input("pairs", [5, 4, 2]);
const vector = input("vector", [4]);
const indices = input("indices", [2, 2], "i32");
const along = input("along", [3, 2], "i32");
const labels = input("labels", [3], "i32");
const given = new Map([
  [indices as Tensor, array("i32", [2, 2], [2, 0, 2, 1])],
  [along as Tensor, array("i32", [3, 2], [3, 3, 0, 1, 2, 0])],
  [labels as Tensor, array("i32", [3], [1, 3, 0])],
]);
/** Products make second derivatives that are not zero. */
const bent = (x: Tensor<"f64">) => mul(x, add(x, 1));

const CASES: readonly (readonly [string, Tensor<"f64">, readonly Tensor<"f64">[]])[] = [
  ["matmul", matmul(a, b), [a, b]],
  ["matmul with broadcast batches", matmul(batch, pairs), [batch, pairs]],
  ["matmul of a vector and batches", matmul(vector, pairs), [vector, pairs]],
  ["matmul of a matrix and a vector", matmul(bent(a), vector), [a, vector]],
  ["einsum with sums on both sides", einsum("xik,kj->j", bent(input("e", [2, 3, 4])), b), [b]],
  ["cumsum", cumsum(bent(a), 0, { exclusive: true }), [a]],
  ["gather", gather(bent(a), indices, 0), [a]],
  ["gather along the last axis", gather(bent(a), indices, 1), [a]],
  ["gatherAlong", gatherAlong(bent(a), along), [a]],
  ["scatterAdd", scatterAdd(labels, bent(a), { size: 5 }), [a]],
  ["scatterAddAlong", scatterAddAlong(along, matmul(bent(a), b), { size: 6 }), [a, b]],
  ["topK", topK(bent(a), 2).values, [a]],
  ["topK along the first axis", topK(bent(a), 2, 0).values, [a]],
  ["softmax", softmax(a), [a]],
  ["softmax along the first axis", softmax(a, 0), [a]],
  ["logSoftmax", logSoftmax(a), [a]],
  ["softmaxCrossEntropy", softmaxCrossEntropy(a, labels), [a]],
  [
    "softmaxCrossEntropy of probabilities",
    softmaxCrossEntropy(a, bent(matmul(a, matmul(b, input("p", [2, 4]))))),
    [a, b],
  ],
  ["binaryCrossEntropyWithLogits", binaryCrossEntropyWithLogits(a, tanh(vector)), [a, vector]],
  ["meanSquaredError", meanSquaredError(bent(a), matmul(matmul(a, b), input("q", [2, 4]))), [a, b]],
  ["stopGradient", mul(a, add(a, 1)), [a]],
];

describe("derivatives of first and second order", () => {
  it.each(CASES)("%s", (_name, y, wrt) => {
    checkDerivatives(y, wrt, given);
  });
});

describe("softmax and its losses", () => {
  it("stay exact and finite at logits of ±1e4", () => {
    const x = input("x", [2, 3], "f32");
    const label = input("label", [2], "i32");
    const loss = sum(softmaxCrossEntropy(x, label));
    const feeds = new Map<Tensor, ReturnType<typeof array>>([
      [x, array("f32", [2, 3], [1e4, -1e4, 0, -1e4, -1e4, 1e4])],
      [label, array("i32", [2], [1, 2])],
    ]);
    const [value, gradient, probabilities] = run([loss, grad(loss, x), softmax(x)], feeds);
    expect(value).toEqual([2e4]);
    expect(gradient).toEqual([1, -1, 0, 0, 0, 0]);
    expect(probabilities).toEqual([1, 0, 0, 0, 0, 1]);
  });

  it("keep small losses", () => {
    const x = input("x", [1, 2], "f32");
    const label = input("label", [1], "i32");
    const z = input("z", [1], "f32");
    const feeds = new Map<Tensor, ReturnType<typeof array>>([
      [x, array("f32", [1, 2], [10000, 9990])],
      [label, array("i32", [1], [0])],
      [z, array("f32", [1], [20])],
    ]);
    const [[loss], [binary]] = run([softmaxCrossEntropy(x, label), binaryCrossEntropyWithLogits(z, 1)], feeds);
    expect(loss / Math.log1p(Math.exp(-10))).toBeCloseTo(1, 2);
    expect(binary / Math.log1p(Math.exp(-20))).toBeCloseTo(1, 5);
  });
});

describe("stopGradient", () => {
  it("is a constant for derivatives", () => {
    const x = input("x", []);
    const feeds = new Map([[x as Tensor, array("f64", [], [3])]]);
    expect(run([grad(mul(x, stopGradient(x)), x)], feeds)).toEqual([[3]]);
    expect(() => grad(stopGradient(x), x)).toThrow(/does not depend/);
  });
});

describe("customGrad", () => {
  const x = input("x", [3]);
  const feeds = new Map([[x as Tensor, array("f64", [3], [0.3, -0.2, 0.9])]]);

  it("uses the rule, not the body", () => {
    const doubled = customGrad((v: Tensor<"f64">) => exp(v), {
      vjp: ({ output, cotangent }) => [mul(2, mul(cotangent, output))],
    });
    const [value, gradient] = run([doubled(x), grad(sum(doubled(x)), x)], feeds);
    [0.3, -0.2, 0.9].forEach((v, i) => {
      expect(value[i]).toBeCloseTo(Math.exp(v), 12);
      expect(gradient[i]).toBeCloseTo(2 * Math.exp(v), 12);
    });
  });

  it("has forward mode and higher derivatives from the rule", () => {
    const w = input("w", [3]);
    const product = customGrad((u: Tensor<"f64">, v: Tensor<"f64">) => mul(exp(u), v), {
      vjp: ({ inputs: [u, v], output, cotangent }) => [mul(cotangent, output), mul(cotangent, exp(u)), v].slice(0, 2),
    });
    checkDerivatives(product(mul(x, w), w), [x, w]);
  });

  it("keeps what it closes over constant, and says so", () => {
    const w = input("w", [3]);
    const scaled = customGrad((v: Tensor<"f64">) => mul(v, exp(w)), { vjp: ({ cotangent }) => [cotangent] });
    const [value] = run([scaled(x)], new Map([...feeds, [w as Tensor, array("f64", [3], [0, 0, 0])]]));
    expect(value).toEqual([0.3, -0.2, 0.9]);
    expect(() => run([grad(sum(scaled(mul(x, w))), w)], feeds)).toThrow(/closes over/);
  });

  it("checks what the rule returns", () => {
    const none = customGrad((v: Tensor<"f64">) => exp(v), { vjp: () => [] });
    expect(() => run([grad(sum(none(x)), x)], feeds)).toThrow(/one cotangent per input/);
    const wrong = customGrad((v: Tensor<"f64">) => exp(v), { vjp: ({ cotangent }) => [sum(cotangent)] });
    expect(() => run([grad(sum(wrong(x)), x)], feeds)).toThrow(/not of its type[\s\S]*f64 \[3\][\s\S]*f64 \[\]/);
    const bend = customGrad((v: Tensor<"f64">) => exp(v), { vjp: ({ cotangent }) => [mul(cotangent, cotangent)] });
    const v = input("v", [3]);
    const moved = new Map([...feeds, [v as Tensor, array("f64", [3], [1, 1, 1])]]);
    const energy = sum(mul(bend(x), x));
    expect(() => run([hvp(energy, x, v)], moved)).toThrow(/not linear/);
  });
});
