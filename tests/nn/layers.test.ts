import { describe, expect, it } from "vitest";
import {
  constantInit,
  dim,
  evaluate,
  input,
  key,
  model,
  mul,
  program,
  relu,
  set,
  state,
  sum,
  type Tensor,
  uniform,
} from "../../src/index.ts";
import {
  accuracy,
  batchNorm,
  crossEntropy,
  dense,
  dropout,
  inference,
  type Mode,
  training,
} from "../../src/nn/index.ts";
import { errorOf } from "../program/lines.ts";

const B = dim("B", { max: 8 });
const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((e, i) => {
    expect(Math.abs(actual[i] - e)).toBeLessThanOrEqual(tolerance);
  });
};

describe("dense", () => {
  const x = input("x", [B, 2]);
  const init = constantInit([1, 2, 3, 4, 5, 6]);

  it("is x·w + b through the activation, with named parameters", () => {
    const y = dense(x, 3, { name: "out", init, biasInit: constantInit([-100, 0, 1]), activation: relu });
    expect(evaluate(y, { x: [1, 1, 2, 0] })).toEqual(Float32Array.of(0, 7, 10, 0, 4, 7));
    const p = program("p", { f: { inputs: [x], outputs: { y } } });
    expect(p.graph.variables.map(v => [v.name, v.value.shape])).toEqual([
      ["out.w", [2, 3]],
      ["out.b", [3]],
    ]);
  });

  it("takes its dtype from what it is applied to, with options that were written down before", () => {
    const rectified = { activation: relu, init };
    const y: Tensor<"f32"> = dense(x, 3, { name: "out", ...rectified });
    expect(evaluate(y, { x: [1, 1] })).toEqual(Float32Array.of(5, 7, 9));
  });

  it("may lack the bias", () => {
    const y = dense(x, 3, { name: "out", init, bias: false });
    expect(evaluate(y, { x: [1, 1] })).toEqual(Float32Array.of(5, 7, 9));
  });

  it("needs a fixed number of features", () => {
    expect(errorOf(() => dense(input("y", [2, B]), 3, { name: "out" })).code).toBe("shape");
  });
});

describe("modes", () => {
  it("give each draw a key of its own and advance the state once", () => {
    const k = state("k", key(1));
    const mode = training(k);
    const draws = [0, 1, 2].map(() => uniform(mode.key(), [4]));
    expect(mode.updates.map(u => u.target)).toEqual([k]);
    const p = program("p", {
      f: { inputs: [], outputs: Object.fromEntries(draws.map((d, i) => [`d${i}`, d])), updates: mode.updates },
    });
    expect(p.graph.variables.length).toBe(1);
    const values = [...draws.map(d => evaluate(d)), evaluate(mode.updates[0].value)].map(v => Array.from(v).join());
    expect(new Set(values).size).toBe(4);
    const next = evaluate(draws[0], { k: evaluate(mode.updates[0].value) });
    expect(Array.from(next).join()).not.toBe(values[0]);
  });

  it("of inference have no key and take no updates", () => {
    expect(errorOf(() => inference.key()).code).toBe("attribute");
    expect(() => inference.updates.push(set(state("k", key(1)), 0))).toThrow(TypeError);
  });
});

describe("dropout", () => {
  const x = input("x", [B, 400]);
  const ones = new Float32Array(8 * 400).fill(1);

  it("drops about the rate, and scales what it keeps so that the mean stays", () => {
    const y = Array.from(evaluate(dropout(x, 0.25, training(state("k", key(3)))), { x: ones }) as Float32Array);
    const dropped = y.filter(v => v === 0).length / y.length;
    // 3,200 draws: five standard errors.
    expect(Math.abs(dropped - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / y.length));
    for (const v of y) expect(v === 0 || Math.abs(v - 1 / 0.75) < 1e-6).toBe(true);
  });

  it("drops NaN and infinities cleanly", () => {
    const y = evaluate(dropout(x, 0.5, training(state("k", key(3)))), {
      x: ones.map(() => Number.NaN),
    }) as Float32Array;
    expect(y.some(v => v === 0)).toBe(true);
  });

  it("is nothing in inference and at rate 0", () => {
    expect(dropout(x, 0.5, inference)).toBe(x);
    expect(dropout(x, 0, training(state("k", key(3))))).toBe(x);
  });

  for (const rate of [-0.1, 1, Number.NaN]) {
    it(`refuses the rate ${rate}`, () => {
      expect(errorOf(() => dropout(x, rate, inference)).code).toBe("attribute");
    });
  }
});

describe("batchNorm", () => {
  const x = input("x", [B, 2]);
  // Column means 2 and 20; variances ((1+1)/3·… by hand): [1, 2, 3] → 2/3, [10, 20, 30] → 200/3.
  const rows = [1, 10, 2, 20, 3, 30];

  it("normalises a batch in training and moves the running statistics", () => {
    const mode = training(state("k", key(1)));
    const y = batchNorm(x, { name: "bn", epsilon: 0, momentum: 0.75 }, mode);
    const s = Math.sqrt(1.5);
    near(evaluate(y, { x: rows }), [-s, -s, 0, 0, s, s], 1e-5);
    const [mean, variance] = mode.updates.map(u => evaluate(u.value, { x: rows }) as Float32Array);
    near(mean, [0.5, 5], 1e-5);
    near(variance, [0.75 + 0.25 * (2 / 3), 0.75 + 0.25 * (200 / 3)], 1e-4);
  });

  it("uses the running statistics, scale and shift in inference", () => {
    const y = batchNorm(x, { name: "bn", epsilon: 0 }, inference);
    const feeds = { x: [3, 5], "bn.mean": [1, 1], "bn.variance": [4, 16], "bn.scale": [10, 1], "bn.shift": [0, 7] };
    near(evaluate(y, feeds), [10, 8], 1e-5);
  });

  it("shares its variables between the functions of one model", () => {
    const net = model((v: Tensor<"f32">, mode: Mode) => batchNorm(v, { name: "bn" }, mode));
    const mode = training(state("k", key(1)));
    const [a, b] = [net(x, mode), net(x, inference)];
    const p = program("p", {
      train: { inputs: [x], outputs: { total: sum(mul(a, a)) }, updates: mode.updates },
      predict: { inputs: [x], outputs: { b } },
    });
    expect(p.graph.variables.map(v => v.name)).toEqual(["bn.scale", "bn.shift", "bn.mean", "bn.variance"]);
  });

  it("needs a batch", () => {
    expect(errorOf(() => batchNorm(input("v", [3]), { name: "bn" }, inference)).code).toBe("shape");
  });
});

describe("losses", () => {
  const logits = input("logits", [B, 3]);
  const label = input("label", [B], "i32");

  it("crossEntropy is the mean of −log softmax at the label", () => {
    const loss = evaluate(crossEntropy(logits, label), { logits: [1, 2, 3, 0, 0, 0], label: [2, 1] });
    const first = -(3 - Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)));
    expect(Math.abs(loss - (first + Math.log(3)) / 2)).toBeLessThan(1e-6);
  });

  it("accuracy is the share of rows whose largest logit stands at the label", () => {
    expect(evaluate(accuracy(logits, label), { logits: [1, 2, 3, 9, 0, 0], label: [2, 1] })).toBe(0.5);
  });
});
