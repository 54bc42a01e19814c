import { describe, expect, it } from "vitest";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import { captureCallSites, named, nameOf, originsOf, sitesOf } from "../../src/graph/provenance.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import { add, div, mul, neg, sub } from "../../src/ops/arithmetic.ts";
import { gatherAlong } from "../../src/ops/gather.ts";
import { rawMax, rawSum, sum } from "../../src/ops/reduce.ts";
import { scan } from "../../src/ops/scan.ts";
import { softmax } from "../../src/ops/softmax.ts";
import { constant, fill } from "../../src/ops/source.ts";
import { exp, log, sigmoid } from "../../src/ops/transcendental.ts";
import { expand, reshape } from "../../src/ops/view.ts";
import "../../src/ops/index.ts";
import { sample } from "../../src/optimize/example.ts";
import { canonicalise, expandComposites, graphCost, simplify, stabilise } from "../../src/optimize/index.ts";

type Vector = Tensor<"f32">;

const opsOf = (roots: readonly Tensor[]): string[] => topological(roots).map(n => n.op.name);

/** Values of one-input graphs. */
const at = (x: Tensor, values: readonly number[], ...roots: Tensor[]): number[][] =>
  evaluateGraph(roots, new Map([[x, { dtype: "f32", shape: [values.length], data: new Float32Array(values) }]])).map(
    y => Array.from(y.data),
  );

describe("a rule fires only where it helps", () => {
  it("leaves work that somebody else needs", () => {
    const [a, b, c] = ["a", "b", "c"].map(n => sample(n));
    const ab = mul(a, b);
    const total = add(ab, mul(a, c));
    expect(simplify([total], "fast").fired.map(f => f.rule)).toEqual(["common-factor"]);
    // With ab needed anyway, a·(b + c) would be one product more.
    const shared = simplify([total, ab], "fast");
    expect(shared.fired.map(String)).toEqual([]);
    expect(shared.roots[0] === total && shared.roots[1] === ab).toBe(true);
  });

  it("fires once the other users are gone", () => {
    const [a, b, c] = ["a", "b", "c"].map(n => sample(n));
    const ab = mul(a, b);
    const result = simplify([add(ab, mul(a, c)), mul(ab, 0)], "fast");
    expect(graphCost(result.roots)).toBeLessThanOrEqual(graphCost([mul(a, add(b, c))]));
  });

  it("keeps to exact rules in reproducible mode", () => {
    const x = sample("x");
    const y = add(mul(add(x, 0), 1), mul(x, 0));
    expect(canonicalise([y], "fast").roots[0] === x).toBe(true);
    expect(canonicalise([y], "reproducible").fired.map(f => f.rule)).toEqual(["mul-one"]);
  });

  it("makes equal nodes one", () => {
    const x = sample("x");
    const [y, z] = canonicalise([exp(x), exp(mul(x, 1))], "fast").roots;
    expect(y === z).toBe(true);
  });

  it("rewrites the bodies of loops and leaves them closed", () => {
    const xs = sample("xs", "f32", [4]);
    const { carry } = scan((c, x) => ({ carry: add(mul(c, 1), neg(neg(x))) }), fill(0, [], "f32"), xs);
    const { roots, fired } = canonicalise([carry], "reproducible");
    expect(fired.map(f => f.rule).sort()).toEqual(["double-negative", "mul-one"]);
    expect(opsOf(roots[0].node.regions[0].results)).toEqual(["parameter", "parameter", "add"]);
  });
});

describe("the trace", () => {
  it("shows both sides in the user's names", () => {
    const x = sample("x");
    const h = named("h", exp(x));
    const { fired } = canonicalise([neg(neg(mul(h, 1)))], "fast");
    expect(fired.map(String)).toEqual([
      "mul-one (exact): mul(h, 1) → exp(x)",
      "double-negative (exact): neg(neg(h)) → exp(x)",
    ]);
  });

  it("keeps sites, names and what was replaced", () => {
    captureCallSites(true);
    const x = sample("x");
    const before = named("loss", log(softmax(x)));
    const [after] = stabilise([before], "fast").roots;
    expect(nameOf(after)).toBe("loss");
    expect(originsOf(after)).toContainEqual({ kind: "rewrite", rule: "log-of-softmax", replaced: before });
    expect(sitesOf(after)[0].file).toContain("engine.test.ts");
    // An input keeps its own name, whatever it stands for now.
    expect(nameOf(canonicalise([named("y", mul(x, 1))], "fast").roots[0])).toBe("x");
  });
});

describe("stable forms, at arguments where the formulas fail", () => {
  const x = sample("x", "f32", [3]);
  const big = [100, 0, -100];
  const logits: Vector = x;
  const spread = (s: Vector): Vector => expand(s, [3], []);
  it.each<[string, Tensor, number[]]>([
    ["log softmax", log(softmax(logits)), [0, -100, -200]],
    ["softmax by hand", log(div(exp(logits), spread(sum(exp(logits), [0]) as Vector))), [0, -100, -200]],
    ["log of sum of exp", log(sum(exp(mul(logits, 10)))), [1000]],
    ["log sigmoid", log(sigmoid(mul(x, 2))), [0, -Math.LN2, -200]],
    ["log(1 − sigmoid)", log(sub(1, sigmoid(x))), [-100, -Math.LN2, -3.783506e-44]],
    ["log(1 + eˣ)", log(add(1, exp(x))), [100, Math.LN2, 3.783506e-44]],
    ["the probability of a label", neg(log(gatherAlong(softmax(logits), constant([2], [1], "i32")))), [200]],
    ["its squeezed form", neg(log(reshape(gatherAlong(softmax(logits), constant([2], [1], "i32")), []))), [200]],
  ])("%s", (_name, formula, expected) => {
    const { roots, stopped } = stabilise(canonicalise([formula], "reproducible").roots, "reproducible");
    const [values] = at(x, big, expandComposites(simplify(roots, "fast").roots)[0]);
    expect(stopped).toBe("fixpoint");
    for (const [i, v] of values.entries()) expect(v).toBeCloseTo(expected[i], 4);
    // The formula as written is infinite or NaN somewhere.
    expect(at(x, big, formula)[0].every(Number.isFinite)).toBe(false);
  });

  it("leaves a sum of exponentials below their own maximum alone, and no other", () => {
    const m = sample("m", "f32", [2, 3]);
    const byHand = (axes: readonly number[]): Tensor => {
      const most = rawMax(m, axes) as Tensor<"f32">;
      const spread = expand(most, [2, 3], axes.length === 2 ? [] : [0]);
      return log(rawSum(exp(sub(m, spread)), [1]));
    };
    expect(stabilise([byHand([1])], "fast").fired).toEqual([]);
    // Rows below the maximum of all rows may underflow.
    expect(opsOf(stabilise([byHand([0, 1])], "fast").roots)).toContain("logSumExp");
  });

  it("recognises the cross entropy", () => {
    const m = sample("m", "f32", [2, 3]);
    const label = constant([2, 0], [2, 1], "i32");
    const [after] = stabilise([neg(log(reshape(gatherAlong(softmax(m), label), [2])))], "fast").roots;
    expect(opsOf([after])).toContain("softmaxCrossEntropy");
    expect(opsOf([after])).not.toContain("logSoftmax");
  });
});
