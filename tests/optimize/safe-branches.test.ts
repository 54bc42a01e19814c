import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import { optimizeProgram } from "../../src/pipeline.ts";

type X = g.Tensor<"f64">;
const x = g.input("x", [4], "f64");
const weights = g.constant([1, 2, 3, 4], [4], "f64");
const positive = g.gt(x, 0);
const norm = (v: X): X => g.sqrt(g.sum(g.square(v))) as X;
const like = (v: g.Tensor): X => g.expand(v, [4], []) as X;

/** Functions whose other branch has infinite or undefined derivatives at 0, -1 or 7, and their gradients at VALUES. */
const VALUES = [0, -1, 2, 0.5];
const CASES: Record<string, { f: (x: X) => X; dx: readonly number[]; at?: readonly number[] }> = {
  "a logarithm": { f: v => g.where(positive, g.log(v), 0) as X, dx: [0, 0, 0.5, 2] },
  "the other branch": { f: v => g.where(g.le(v, 0), 0, g.log(v)) as X, dx: [0, 0, 0.5, 2] },
  "a condition in other words": { f: v => g.where(g.not(g.le(v, 0)), g.log(v), 0) as X, dx: [0, 0, 0.5, 2] },
  "a quotient": { f: v => g.where(g.ne(v, 0), g.div(3, v), 1) as X, dx: [0, -3, -0.75, -12] },
  "a factor that is infinite": { f: v => g.where(positive, g.mul(v, g.div(1, v)), 1) as X, dx: [0, 0, 0, 0] },
  "an exponential of a logarithm": { f: v => g.where(positive, g.exp(g.log(v)), 0) as X, dx: [0, 0, 1, 1] },
  powers: { f: v => g.where(positive, g.pow(v, 1.5), 0) as X, dx: [0, 0, 1.5 * Math.SQRT2, 1.5 * Math.SQRT1_2] },
  "views in the branch": {
    f: v => g.where(positive, g.flip(g.reshape(g.log(g.reshape(g.flip(v), [2, 2])), [4])), 0) as X,
    dx: [0, 0, 0.5, 2],
  },
  "a condition on the branch itself": {
    f: v => (l => g.where(g.isFinite(l), l, 0) as X)(g.log(v)),
    dx: [0, 0, 0.5, 2],
  },
  "choices in choices": {
    f: v => g.where(positive, g.where(g.lt(v, 1), g.log(v), g.log1p(g.sub(v, 1))), 0) as X,
    dx: [0, 0, 0.5, 2],
  },
  "a branch with two users": {
    f: v => (l => g.add(g.where(positive, l, 0), g.where(g.gt(v, 1), l, 0)) as X)(g.log(v)),
    dx: [0, 0, 1, 2],
  },
  "a sum in the branch": {
    f: v => g.where(g.gt(g.sum(v), 100), like(g.sum(g.log(v))), v) as X,
    dx: [1, 1, 1, 1],
  },
  "a vector over its length": {
    f: v => (n => g.where(g.gt(like(n), 0), g.div(v, like(n)), 0) as X)(norm(v)),
    at: [0, 0, 0, 0],
    dx: [0, 0, 0, 0],
  },
  "the body of a loop": {
    f: v =>
      like(
        g.scan((c: X, w: X) => ({ carry: g.add(c, g.where(g.gt(w, 0), g.log(w), 0)) as X }), g.zeros([], "f64") as X, v)
          .carry,
      ),
    dx: [0, 0, 2, 8],
  },
};

describe("the branch that is not taken adds nothing to a gradient", () => {
  for (const [name, { f, dx, at = VALUES }] of Object.entries(CASES)) {
    it(name, () => {
      const gradient = g.grad(g.sum(f(x)), x);
      const second = g.grad(g.sum(g.mul(gradient, weights)), x);
      const p = g.program("p", { f: { inputs: [x], outputs: { gradient, second } } });
      const feeds = { x: at };
      const results = [
        g.evaluate({ gradient, second }, feeds),
        ...(["interpret", "js", "wasm"] as const).map(target => g.compileSync(p, { target }).f(feeds)),
      ];
      for (const result of results) {
        dx.forEach((v, i) => {
          expect(result.gradient[i], `element ${i}`).toBeCloseTo(v, 10);
        });
        expect(Array.from(result.second).every(Number.isFinite), String(result.second)).toBe(true);
      }
    });
  }

  it("is reported, with what was guarded", () => {
    const reported = (y: g.Tensor<"f64">): string[] =>
      optimizeProgram(g.program("p", { f: { inputs: [x], outputs: { d: g.grad(g.sum(y), x) } } }).graph, "fast")
        .fired.map(String)
        .filter(text => text.startsWith("safe-branches"));
    expect(reported(g.where(positive, g.log(x), 0))).toEqual([
      expect.stringMatching(/^safe-branches \(exact\): div\(where\(.*, x\) → where\(gt\(x, 0\), div\(.*, 0\)$/),
    ]);
    expect(reported(g.where(positive, g.exp(x), g.tanh(x)))).toEqual([]);
    expect(reported(g.log(x))).toEqual([]);
    // Nothing is singular in x/√(variance + ε), nor in x/max(|x|, 1) and x/-2.
    const normal = g.div(x, g.sqrt(g.add(g.variance(x), 1e-5)));
    const others = g.add(g.div(x, g.maximum(g.abs(x), 1)), g.div(x, -2));
    expect(reported(g.where(positive, g.add(normal, others), 0))).toEqual([]);
    expect(reported(g.where(positive, g.div(x, g.constant([0, 1, 2, 3], [4], "f64")), 0))).toHaveLength(1);
  });

  it("takes time in proportion to the depth of guarded logarithms", () => {
    const deep = (depth: number): number => {
      let v: X = x;
      for (let i = 0; i < depth; i++) v = g.where(g.gt(v, 0), g.log(v), 0.5) as X;
      const { graph } = g.program("p", { f: { inputs: [x], outputs: { d: g.grad(g.sum(v), x) } } });
      let nodes = 0;
      optimizeProgram(graph, "fast", (_pass, _before, { roots }) => {
        const seen = new Set(roots.map(r => r.node));
        for (const node of seen) for (const o of node.operands) seen.add(o.node);
        nodes = Math.max(nodes, seen.size);
      });
      return nodes;
    };
    const [some, many] = [deep(50), deep(200)];
    expect(many / some).toBeLessThan(4.2);
    expect(some / 50).toBeLessThan(12);
  });
});
