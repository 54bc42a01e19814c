import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import { accumulate, adam, clipByGlobalNorm, clipByValue, globalNorm, inParts, sgd } from "../../src/nn/index.ts";

const recorded = JSON.parse(readFileSync(new URL("../oracle/gradient_steps.json", import.meta.url), "utf8")) as {
  readonly [what: string]: number[];
} & { readonly norm: number; readonly "adam every 3": number[][] };

const row = (n: number, f: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => f(i));
const gradients = (step: number) => ({
  a: row(3, i => Math.sin(step + 0.7 * i)),
  b: row(2, i => Math.cos(2 * step + i)),
});
const declared = { a: g.input("a", [3], "f64"), b: g.input("b", [2], "f64") };

function expectRow(
  actual: { readonly a: unknown; readonly b: unknown },
  expected: readonly number[],
  digits = 12,
): void {
  const list = [actual.a, actual.b].flatMap(v => Array.from(v as Float64Array));
  expect(list.length).toBe(expected.length);
  list.forEach((v, i) => {
    expect(v).toBeCloseTo(expected[i], digits);
  });
}

describe("clipping, against PyTorch", () => {
  it("by the global norm", () => {
    expect(g.evaluate(globalNorm(declared), gradients(1))).toBeCloseTo(recorded.norm, 12);
    // PyTorch adds 10⁻⁶ to the norm.
    expectRow(g.evaluate(clipByGlobalNorm(declared, 0.5), gradients(1)), recorded["by norm 0.5"], 5);
    expectRow(g.evaluate(clipByGlobalNorm(declared, 9), gradients(1)), recorded["by norm 9"]);
    const zeros = g.evaluate(clipByGlobalNorm({ a: g.mul(declared.a, 0) }, 1), { a: [1, 2, 3] });
    expect(Array.from(zeros.a)).toEqual([0, 0, 0]);
    expect(() => clipByGlobalNorm(declared, -1)).toThrow(/no limit/);
    expect(() => clipByGlobalNorm({}, 1)).toThrow(/there are no gradients/);
  });

  it("by value", () => {
    expectRow(g.evaluate(clipByValue(declared, 0.6), gradients(1)), recorded["by value 0.6"]);
    const one = g.evaluate(clipByValue(declared.a, { low: 0, high: 0.9 }), { a: [-1, 0.5, 2] });
    expect(Array.from(one)).toEqual([0, 0.5, 0.9]);
  });
});

describe("accumulate", () => {
  it("acts on the mean of every third call, as PyTorch does", () => {
    const params = {
      a: g.param("pa", [3], undefined, "f64"),
      b: g.param("pb", [2], undefined, "f64"),
    };
    const updates = accumulate(adam({ learningRate: 0.1 }), { every: 3 })(params, declared);
    const net = g.compileSync(g.program("p", { step: { inputs: [declared.a, declared.b], outputs: {}, updates } }));
    net.variables.pa.set([0.5, -2, 3]);
    net.variables.pb.set([1, -1]);
    recorded["adam every 3"].forEach((expected, call) => {
      net.step(gradients(call));
      expectRow({ a: net.variables.pa.get(), b: net.variables.pb.get() }, expected, 7);
    });
  });

  it("passes the mean on, not the sum", () => {
    const p = g.param("p", [2], undefined, "f64");
    const updates = accumulate(sgd({ learningRate: 0.5 }), { every: 2 })(p, declared.b);
    const net = g.compileSync(g.program("p", { step: { inputs: [declared.b], outputs: {}, updates } }), {
      target: "js",
    });
    net.variables.p.set([1, 1]);
    for (const b of [
      [1, 2],
      [3, -4],
      [8, 8],
    ]) {
      net.step({ b });
    }
    // 1 − ½·(1 + 3)/2 and 1 − ½·(2 − 4)/2; the third waits.
    expect(Array.from(net.variables.p.get())).toEqual([0, 1.5]);
  });

  it("refuses what is no number of calls", () => {
    expect(() => accumulate(adam({ learningRate: 0.1 }), { every: 0 })).toThrow(/no number of calls/);
  });
});

describe("inParts", () => {
  const [x, t] = [g.input("x", [6, 4], "f64"), g.input("t", [6], "f64")];
  const w = g.param("w", [4], g.normalInit(), "f64");
  const feeds = { x: row(24, i => Math.sin(i)), t: row(6, i => Math.cos(i)) };
  type Batch = { readonly x: g.Tensor<"f64">; readonly t: g.Tensor<"f64"> };
  const loss = (b: Batch) => g.mean(g.square(g.sub(g.tanh(g.matmul(b.x, w)), b.t))) as g.Scalar<"f64">;

  it("gives the loss and the gradients of the whole batch", () => {
    const whole = { loss: loss({ x, t }), w: g.grad(loss({ x, t }), { w }).w };
    const parts = inParts({ x, t }, 3, loss, { w });
    const values = g.evaluate({ whole, parts }, feeds);
    expect(values.parts.loss).toBeCloseTo(values.whole.loss, 13);
    const net = g.compileSync(g.program("p", { f: { inputs: [x, t], outputs: { w: parts.gradients.w } } }), {
      target: "js",
    });
    const compiled = net.f(feeds).w;
    values.whole.w.forEach((v, i) => {
      expect(values.parts.gradients.w[i]).toBeCloseTo(v, 13);
      expect(compiled[i]).toBeCloseTo(v, 12);
    });
  });

  it("needs a batch that can be divided", () => {
    expect(() => inParts({ x, t }, 4, loss, w)).toThrow(/cannot be divided into 4 parts/);
  });
});
