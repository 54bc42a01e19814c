import { describe, expect, it } from "vitest";
import { nameOf } from "../../src/graph/provenance.ts";
import {
  constantInit,
  evaluate,
  type GradcError,
  grad,
  input,
  mul,
  type Param,
  param,
  program,
  sub,
  sum,
  type Update,
} from "../../src/index.ts";
import { adam, constantRate, momentum, type Optimizer, sgd, warmup } from "../../src/nn/index.ts";
import { errorOf } from "../program/lines.ts";

const START = [0.5, -2, 3];
const TARGET = [1, 1, 1];

/** Runs updates n times by reference evaluation: the values of all targets after each step. */
function steps(updates: readonly Update[], n: number, feeds: Record<string, number | number[]> = {}) {
  const names = updates.map(u => String(nameOf(u.target)));
  const history: Record<string, number[]>[] = [];
  let variables: Record<string, number | number[]> = {};
  const read = new Set(Object.keys(feeds));
  for (let i = 0; i < n; i++) {
    const values = updates.map(u => evaluate(u.value, { ...known(u, variables), ...pick(u, feeds, read) }));
    variables = Object.fromEntries(names.map((name, k) => [name, listOf(values[k])]));
    history.push(variables as Record<string, number[]>);
  }
  return history;
}

const listOf = (value: unknown): number | number[] =>
  typeof value === "number" ? value : Array.from(value as Float32Array);

/** The feeds that an update's value reads. */
function known(update: Update, variables: Record<string, number | number[]>): Record<string, number | number[]> {
  const used = usedNames(update);
  return Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name)));
}

function pick(update: Update, feeds: Record<string, number | number[]>, names: ReadonlySet<string>) {
  const used = usedNames(update);
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => names.has(name) && used.has(name)));
}

function usedNames(update: Update): Set<string> {
  const found = new Set<string>();
  const seen = new Set([update.value.node]);
  for (const node of seen) {
    for (const o of node.operands) seen.add(o.node);
    if (node.op.nominal) found.add(String(node.attrs.name));
  }
  return found;
}

/** loss = Σ (w − target)², so the gradient is 2(w − target). */
function quadratic(optimizer: Optimizer): Update[] {
  const w = param("w", [3], constantInit(START), "f64");
  const error = sub(w, param("target", [3], constantInit(TARGET), "f64"));
  const loss = sum(mul(error, error));
  return optimizer({ w }, grad(loss, { w }));
}

const gradient = (w: readonly number[]): number[] => w.map((v, i) => 2 * (v - TARGET[i]));

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((a, i) => {
    expect(Math.abs(a - expected[i])).toBeLessThan(1e-6);
  });
}

describe("optimizers, against the published formulas in plain numbers", () => {
  it("sgd: θ − η·g", () => {
    let w = START;
    for (const { w: actual } of steps(quadratic(sgd({ learningRate: 0.1 })), 4)) {
      const g = gradient(w);
      w = w.map((v, i) => v - 0.1 * g[i]);
      expectClose(actual, w);
    }
  });

  for (const nesterov of [false, true]) {
    it(`momentum${nesterov ? " of Nesterov" : ""}`, () => {
      let w = START;
      let v = [0, 0, 0];
      for (const values of steps(quadratic(momentum({ learningRate: 0.05, momentum: 0.8, nesterov })), 5)) {
        const g = gradient(w);
        v = v.map((old, i) => 0.8 * old + g[i]);
        w = w.map((old, i) => old - 0.05 * (nesterov ? g[i] + 0.8 * v[i] : v[i]));
        expectClose(values.w, w);
        expectClose(values["momentum.w.velocity"], v);
      }
    });
  }

  it("adam: algorithm 1, bias-corrected", () => {
    const [rate, beta1, beta2, epsilon] = [0.1, 0.9, 0.999, 1e-8];
    let w = START;
    let m = [0, 0, 0];
    let v = [0, 0, 0];
    steps(quadratic(adam({ learningRate: rate })), 6).forEach((values, step) => {
      const t = step + 1;
      const g = gradient(w);
      m = m.map((old, i) => beta1 * old + (1 - beta1) * g[i]);
      v = v.map((old, i) => beta2 * old + (1 - beta2) * g[i] ** 2);
      w = w.map((old, i) => {
        const [mHat, vHat] = [m[i] / (1 - beta1 ** t), v[i] / (1 - beta2 ** t)];
        return old - (rate * mHat) / (Math.sqrt(vHat) + epsilon);
      });
      expectClose(values.w, w);
      expectClose(values["adam.w.m"], m);
      expectClose(values["adam.w.v"], v);
      expect(values["adam.step"]).toBe(t);
    });
  });

  it("adam keeps its first steps at the rate in f32 too, where 1 − β₂ᵗ cancels", () => {
    const w = param("w", [2], constantInit([1, -1]));
    const [first] = steps(adam({ learningRate: 0.01 })([w], grad(sum(mul(w, 3)), [w])), 1);
    expect(Math.abs(first.w[0] - 0.99)).toBeLessThan(1e-6);
    expect(Math.abs(first.w[1] + 1.01)).toBeLessThan(1e-6);
  });
});

describe("learning rates", () => {
  it("may be scalars of the graph, of another float dtype", () => {
    const rate = input("rate", [], "f32", { default: 0.25 });
    const updates = quadratic(sgd({ learningRate: rate }));
    expectClose(
      steps(updates, 1)[0].w,
      START.map((v, i) => v - 0.25 * gradient(START)[i]),
    );
    expectClose(
      steps(updates, 1, { rate: 0.5 })[0].w,
      START.map((v, i) => v - 0.5 * gradient(START)[i]),
    );
  });

  it("may be schedules, counted by the optimizer", () => {
    const updates = quadratic(sgd({ learningRate: warmup({ steps: 4, then: constantRate(0.4) }) }));
    let w = START;
    steps(updates, 6).forEach((values, step) => {
      const rate = 0.4 * Math.min(1, (step + 1) / 4);
      const g = gradient(w);
      w = w.map((v, i) => v - rate * g[i]);
      expectClose(values.w, w);
      expect(values["sgd.step"]).toBe(step + 1);
    });
  });
});

describe("the state of optimizers", () => {
  const square = (w: Param) => sum(mul(w as Param<"w", "f32">, w as Param<"w", "f32">));

  it("is one per parameter, however many functions use it", () => {
    const w = param("w", [2]);
    const optimizer = adam();
    const train = { inputs: [], outputs: {}, updates: optimizer([w], grad(square(w), [w])) };
    const tune = { inputs: [], outputs: {}, updates: optimizer([w], grad(mul(square(w), 2), [w])) };
    const p = program("p", { train, tune });
    expect(p.graph.variables.map(v => v.name).sort()).toEqual(["adam.step", "adam.w.m", "adam.w.v", "w"]);
  });

  it("counts the updates of each list of parameters by itself", () => {
    const [a, b] = [param("a", [2]), param("b", [2])];
    const optimizer = adam();
    const p = program("p", {
      d: { inputs: [], outputs: {}, updates: optimizer([a], grad(square(a), [a])) },
      g: { inputs: [], outputs: {}, updates: optimizer([b], grad(square(b), [b])) },
    });
    const counters = p.graph.variables.filter(v => v.value.rank === 0).map(v => v.name);
    expect(counters).toEqual(["adam.step", "adam.step2"]);
  });

  it("of a second optimizer needs a name of its own", () => {
    const w = param("w", [2]);
    const both = (name: string) => {
      const train = { inputs: [], outputs: {}, updates: adam()([w], grad(square(w), [w])) };
      const tune = { inputs: [], outputs: {}, updates: adam({ name })([w], grad(square(w), [w])) };
      return program("p", { train, tune });
    };
    const error: GradcError = errorOf(() => both("adam"));
    expect(error.code).toBe("duplicate-name");
    expect(both("other").graph.variables.length).toBe(7);
  });

  it("is not made for gradients that do not fit", () => {
    const [a, b] = [param("a", [2]), param("b", [3])];
    expect(errorOf(() => sgd({ learningRate: 1 })([a, b], grad(square(a), [a]))).code).toBe("shape");
    expect(errorOf(() => sgd({ learningRate: 1 })([b], grad(square(a), [a]))).code).toBe("shape");
  });
});
