import { describe, expect, it } from "vitest";
import { expandRequests } from "../../src/autodiff/index.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import type { Variable } from "../../src/graph/program-graph.ts";
import { sitesOf } from "../../src/graph/provenance.ts";
import { topological } from "../../src/graph/traverse.ts";
import {
  add,
  constant,
  constantInit,
  evaluate,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  input,
  model,
  mul,
  normalInit,
  onesInit,
  type Program,
  param,
  program,
  scan,
  scope,
  set,
  state,
  sum,
  type Tensor,
  uniformInit,
  zerosInit,
} from "../../src/index.ts";
import { errorOf, lineFinder } from "./lines.ts";

const line = lineFinder(import.meta.url);

/** The first value of a variable for a seed. */
function first(p: Program, name: string, seed = 0): number[] {
  const variable = p.graph.variables.find(v => v.name === name) as Variable;
  const feeds = new Map([[p.graph.seed, { dtype: "u32" as const, shape: [], data: Uint32Array.of(seed) }]]);
  return Array.from(evaluateGraph(expandRequests([variable.initial]), feeds)[0].data);
}

const holding = (...values: Tensor[]): Program =>
  program("p", { f: { inputs: [], outputs: Object.fromEntries(values.map((v, i) => [`o${i}`, v])) } });

describe("the graph of a program", () => {
  it("makes structurally equal nodes one, over functions, and keeps the places of both", () => {
    const x = input("x", [2]);
    const a = mul(add(x, 1), 2); // one way
    const b = mul(add(x, 1), 2); // the same again
    const p = program("p", { f: { inputs: [x], outputs: { a } }, g: { inputs: [x], outputs: { b } } });
    const [fa, gb] = p.graph.functions.map(f => f.outputs[0].value);
    expect(fa).toBe(gb);
    expect(fa).toBe(a);
    expect(sitesOf(fa).map(s => s.line)).toEqual(expect.arrayContaining([line("one way"), line("the same again")]));
  });

  it("keeps constants of different bits apart", () => {
    const x = input("x", [1]);
    const p = program("p", { f: { inputs: [x], outputs: { a: add(x, 0), b: add(x, -0) } } });
    const [a, b] = p.graph.functions[0].outputs;
    expect(a.value).not.toBe(b.value);
  });

  it("holds functions, outputs and updates in the order of declaration", () => {
    const x = input("x", [2]);
    const w = param("w", [2]);
    const n = state("n", constant([0, 0]));
    const p = program("net", {
      second: { inputs: [x], outputs: { z: mul(x, w), a: add(x, w) }, updates: [set(n, x), set(w, add(w, x))] },
      first: { inputs: [], outputs: { w } },
    });
    expect(p.graph.functions.map(f => f.name)).toEqual(["second", "first"]);
    expect(p.graph.functions[0].outputs.map(o => o.name)).toEqual(["z", "a"]);
    expect(p.graph.functions[0].updates.map(u => u.target)).toEqual([n, w]);
    expect(p.graph.variables.map(v => [v.name, v.role])).toEqual([
      ["w", "param"],
      ["n", "state"],
    ]);
    expect(String(p)).toBe("program net: second(x) → z, a; first() → w");
  });

  it("has variables that are only written", () => {
    const count = state("count", constant(0, [], "i32"));
    const p = program("p", { f: { inputs: [], outputs: {}, updates: [set(count, 7)] } });
    expect(p.graph.variables.map(v => v.value)).toEqual([count]);
  });

  it("makes equal loops one, and equal nodes within a body one", () => {
    const xs = input("xs", [5, 2]);
    const start = constant([1, 1]);
    const run = () =>
      scan((c: Tensor<"f32">, x: Tensor<"f32">) => ({ carry: add(mul(c, x), mul(c, x)) }), start, xs).carry;
    const p = program("p", { f: { inputs: [xs], outputs: { a: run(), b: run() } } });
    const [a, b] = p.graph.functions[0].outputs.map(o => o.value);
    expect(a).toBe(b);
    const names = topological(a.node.regions[0].results).map(n => n.op.name);
    expect(names.filter(n => n === "mul").length).toBe(1);
    expect(evaluate(a, { xs: new Float32Array(10).fill(1) })).toEqual(Float32Array.of(32, 32));
  });

  it("takes graphs that are thousands of nodes deep", () => {
    const x = input("x", [2]);
    let y: Tensor<"f32"> = x;
    for (let i = 0; i < 10_000; i++) y = add(y, x);
    const p = program("p", { f: { inputs: [x], outputs: { y } } });
    expect(topological([p.graph.functions[0].outputs[0].value]).length).toBe(10_001);
  });
});

describe("first values", () => {
  it("depend on the seed and on the variable's own name alone", () => {
    const alone = holding(param("w", [4, 3]));
    const among = holding(param("v", [5, 2]), param("w", [4, 3]));
    expect(first(alone, "w", 1)).toEqual(first(among, "w", 1));
    expect(first(alone, "w", 1)).not.toEqual(first(alone, "w", 2));
    const twins = holding(param("a", [4, 3]), param("b", [4, 3]));
    expect(first(twins, "a")).not.toEqual(first(twins, "b"));
  });

  it("let an initializer's own seed win", () => {
    const p = holding(param("w", [4, 3], glorotUniform({ seed: 7 })));
    expect(first(p, "w", 1)).toEqual(first(p, "w", 2));
    expect(first(holding(param("w", [4, 3], glorotUniform({ seed: 8 }))), "w")).not.toEqual(first(p, "w"));
  });

  it("are glorotUniform for matrices and zero for vectors unless told", () => {
    const p = holding(param("w", [4, 3]), param("b", [3]), param("c", []));
    expect(first(p, "w")).toEqual(first(holding(param("w", [4, 3], glorotUniform())), "w"));
    expect(first(p, "b")).toEqual([0, 0, 0]);
    expect(first(p, "c")).toEqual([0]);
  });

  it("of state are what was given", () => {
    const p = holding(state("s", mul(constant([1, 2, 3]), 2)));
    expect(first(p, "s", 1)).toEqual([2, 4, 6]);
  });

  it("can be constants", () => {
    const p = holding(
      param("zeros", [2], zerosInit()),
      param("ones", [2], onesInit()),
      param("half", [2], constantInit(0.5)),
      param("list", [2, 2], constantInit([1, 2, 3, 4])),
      param("double", [2], onesInit(), "f64"),
    );
    expect(first(p, "zeros")).toEqual([0, 0]);
    expect(first(p, "ones")).toEqual([1, 1]);
    expect(first(p, "half")).toEqual([0.5, 0.5]);
    expect(first(p, "list")).toEqual([1, 2, 3, 4]);
    expect(first(p, "double")).toEqual([1, 1]);
    expect(errorOf(() => holding(param("w", [3], constantInit([1, 2])))).code).toBe("shape");
  });

  // Mean and standard deviation from the published formulas for 60 inputs and 40 outputs; bound: of uniform ones.
  const expected: Record<string, [Initializer, number, number, number]> = {
    uniformInit: [uniformInit({ low: 1, high: 3 }), 2, 2 / Math.sqrt(12), 1],
    normalInit: [normalInit({ mean: -1, stdev: 0.5 }), -1, 0.5, Number.POSITIVE_INFINITY],
    glorotUniform: [glorotUniform(), 0, Math.sqrt(2 / 100), Math.sqrt(6 / 100)],
    glorotNormal: [glorotNormal(), 0, Math.sqrt(2 / 100), Number.POSITIVE_INFINITY],
    heUniform: [heUniform(), 0, Math.sqrt(2 / 60), Math.sqrt(6 / 60)],
    heNormal: [heNormal(), 0, Math.sqrt(2 / 60), Number.POSITIVE_INFINITY],
  };
  for (const [name, [init, mean, deviation, bound]] of Object.entries(expected)) {
    it(`${name} has the mean and spread it says`, () => {
      const values = first(holding(param("w", [60, 40], init)), "w", 3);
      const average = values.reduce((s, v) => s + v, 0) / values.length;
      const spread = Math.sqrt(values.reduce((s, v) => s + (v - average) ** 2, 0) / values.length);
      // 2,400 draws: five standard errors.
      expect(Math.abs(average - mean)).toBeLessThan((5 * deviation) / Math.sqrt(2400));
      expect(Math.abs(spread / deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * 2400));
      for (const v of values) expect(Math.abs(v - mean)).toBeLessThanOrEqual(bound * (1 + 1e-6));
    });
  }
});

describe("names", () => {
  it("of variables get the scopes around them, those of inputs do not", () => {
    const [x, w] = scope("encoder", () => [input("x", [2]), scope("hidden", () => param("w", [2]))] as const);
    expect(x.node.attrs.name).toBe("x");
    expect(w.node.attrs.name).toBe("encoder.hidden.w");
  });
});

describe("model", () => {
  it("uses the variables of its first call again", () => {
    const net = model((x: Tensor<"f32">) => mul(x, param("w", [2])));
    const x = input("x", [2]);
    const p = program("p", { f: { inputs: [x], outputs: { y: net(net(x)), total: sum(net(x)) } } });
    expect(p.graph.variables.map(v => v.name)).toEqual(["w"]);
  });

  it("keeps the variables of two models apart", () => {
    const body = (x: Tensor<"f32">) => mul(x, param("w", [2]));
    const x = input("x", [2]);
    const y = add(model(body)(x), model(body)(x));
    expect(errorOf(() => program("p", { f: { inputs: [x], outputs: { y } } })).code).toBe("duplicate-name");
  });

  it("reports a variable that changes its shape from call to call", () => {
    const net = model((units: number) => param("w", [units]));
    net(2);
    expect(errorOf(() => net(3)).code).toBe("duplicate-name");
  });
});
