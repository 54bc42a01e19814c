import { describe, expect, it } from "vitest";
import {
  add,
  compileSync,
  constant,
  constantInit,
  evaluate,
  fill,
  grad,
  input,
  mul,
  param,
  program,
  square,
  sub,
  sum,
} from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import recorded from "../oracle/optimizers.json" with { type: "json" };

/** Five steps on Σ c·(e² + e⁴/10), e = w − target: the parameter after each. */
function trace(optimizer: nn.Optimizer, dtype: "f32" | "f64", target: "wasm" | "js" | "interpret"): number[][] {
  const w = param("w", [3], constantInit(recorded.start), dtype);
  const e = square(sub(w, constant(recorded.target, [3], dtype)));
  const loss = sum(mul(constant(recorded.curvature, [3], dtype), add(e, mul(0.1, square(e)))));
  const updates = optimizer({ w }, grad(loss, { w }));
  const net = compileSync(program("p", { train: { inputs: [], outputs: { loss }, updates } }), { target });
  return recorded.optimizers.sgd.map(() => {
    net.train();
    return Array.from(net.variables.w.get() as ArrayLike<number>);
  });
}

const OPTIMIZERS: Record<keyof typeof recorded.optimizers, () => nn.Optimizer> = {
  sgd: () => nn.sgd({ learningRate: 0.01 }),
  momentum: () => nn.momentum({ learningRate: 0.01, momentum: 0.8 }),
  nesterov: () => nn.momentum({ learningRate: 0.01, momentum: 0.8, nesterov: true }),
  adagrad: () => nn.adagrad({ learningRate: 0.3 }),
  rmsprop: () => nn.rmsprop({ learningRate: 0.05 }),
  rmspropCentered: () => nn.rmsprop({ learningRate: 0.02, decay: 0.95, momentum: 0.7, centered: true }),
  adam: () => nn.adam({ learningRate: 0.1 }),
  adamTuned: () => nn.adam({ learningRate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }),
  adamW: () => nn.adamW({ learningRate: 0.1, weightDecay: 0.3 }),
};

describe("optimizers go where those of PyTorch go", () => {
  for (const [name, make] of Object.entries(OPTIMIZERS)) {
    it(name, () => {
      const expected = recorded.optimizers[name as keyof typeof OPTIMIZERS].flat();
      const compare = (dtype: "f32" | "f64", target: "wasm" | "js" | "interpret", tolerance: number): void =>
        trace(make(), dtype, target)
          .flat()
          .forEach((value, i) => {
            expect(Math.abs(value - expected[i]), `${dtype} ${target} ${i}`).toBeLessThan(tolerance);
          });
      compare("f64", "interpret", 1e-12);
      compare("f64", "js", 1e-12);
      compare("f64", "wasm", 1e-12);
      compare("f32", "wasm", 1e-5);
    });
  }
});

const SCHEDULES: Record<keyof typeof recorded.schedules, nn.Schedule> = {
  constantRate: nn.constantRate(0.5),
  exponentialDecay: nn.exponentialDecay({ initial: 0.5, rate: 0.9, steps: 1 }),
  stepDecay: nn.stepDecay({ initial: 0.5, rate: 0.1, steps: 4 }),
  cosineDecay: nn.cosineDecay({ initial: 0.5, steps: 12, final: 0.02 }),
  piecewise: nn.piecewise({ boundaries: [3, 7], rates: [0.5, 0.25, 0.125] }),
  warmup: nn.warmup({ steps: 4, then: nn.constantRate(0.5) }),
  oneCycle: nn.oneCycle({ peak: 0.5, steps: 12 }),
};

describe("schedules give the rates of PyTorch", () => {
  for (const [name, schedule] of Object.entries(SCHEDULES)) {
    it(name, () => {
      const expected = recorded.schedules[name as keyof typeof SCHEDULES];
      const steps = expected.map((_, t) => schedule(fill(t, [], "i32") as never));
      evaluate(steps).forEach((rate, t) => {
        expect(Math.abs(rate - expected[t]), `step ${t}`).toBeLessThan(1e-6);
      });
    });
  }

  it("oneCycle stays at its end", () => {
    const rate = nn.oneCycle({ peak: 0.5, steps: 12 })(input("t", [], "i32"));
    expect(evaluate(rate, { t: 500 })).toBeCloseTo(0.5 / 25 / 1e4, 8);
  });

  it("piecewise refuses boundaries that do not fit", () => {
    expect(() => nn.piecewise({ boundaries: [3, 3], rates: [1, 2, 3] })).toThrow("boundaries and rates do not fit");
    expect(() => nn.piecewise({ boundaries: [3], rates: [1] })).toThrow("boundaries and rates do not fit");
  });
});

it("adamW spares the parameters that it is told to", () => {
  const w = param("w", [2], constantInit(1), "f64");
  const b = param("b", [2], constantInit(1), "f64");
  const loss = sum(mul(0, add(w, b)));
  const params = { w, b };
  const spared = nn.adamW({ learningRate: 0.1, weightDecay: 0.5, decays: name => name !== "b" });
  const updates = spared(params, grad(loss, params));
  const net = compileSync(program("p", { train: { inputs: [], outputs: { loss }, updates } }));
  net.train();
  expect(Array.from(net.variables.w.get())).toEqual([0.95, 0.95]);
  expect(Array.from(net.variables.b.get())).toEqual([1, 1]);
});
