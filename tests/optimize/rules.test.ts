import { describe, expect, it } from "vitest";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import type { NdArray } from "../../src/graph/op.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { type Contract, FAMILIES, graphCost, optimize } from "../../src/optimize/index.ts";
import "../../src/ops/index.ts";
import { type Range, randomNumbers, randomValue } from "../support/random-values.ts";

const RUNS = 40;
const RANGE: Readonly<Record<Contract, Range>> = {
  exact: "special",
  "finite-only": "finite",
  reassociates: "moderate",
};

const leavesOf = (roots: readonly Tensor[]): Tensor[] =>
  topological(roots).flatMap(n => (n.op.nominal ? [n.outputs[0]] : []));

/** The largest difference that a contract allows between two numbers. */
function agree(a: number, b: number, contract: Contract, dtype: string): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  if (contract === "exact") return Object.is(a, b);
  if (a === b) return true;
  const tolerance = contract === "finite-only" ? 0 : dtype === "f32" ? 1e-5 : 1e-12;
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

function expectAgreement(before: NdArray, after: NdArray, contract: Contract): void {
  expect(after.shape).toEqual(before.shape);
  for (let i = 0; i < before.data.length; i++) {
    if (!agree(before.data[i], after.data[i], contract, before.dtype)) {
      expect.fail(`element ${i}: ${before.data[i]} became ${after.data[i]}`);
    }
  }
}

describe.each(FAMILIES.map(f => [f.name, f] as const))("%s", (_name, family) => {
  it.each(family.rules.map(r => [`${r.name}: ${r.equation}`, r] as const))("%s", (_rule, rule) => {
    expect(rule.examples.length).toBeGreaterThan(0);
    for (const example of rule.examples) {
      const root = example();
      const [phase] = family.phases;
      const { roots, fired, stopped } = optimize([root], { rules: [rule], phase });
      expect(fired.map(f => f.rule)).toContain(rule.name);
      expect(fired.at(-1)?.after === root).toBe(false);
      expect(stopped).toBe("fixpoint");
      expect(String(fired[0])).toContain("→");
      verifyGraph(roots);
      if (phase !== "stabilise") expect(graphCost(roots)).toBeLessThanOrEqual(graphCost([root]));
      const random = randomNumbers(1);
      for (let run = 0; run < RUNS; run++) {
        const feeds = new Map(leavesOf([root]).map(leaf => [leaf, randomValue(random, leaf, RANGE[rule.contract])]));
        const [before] = evaluateGraph([root], feeds);
        const [after] = evaluateGraph(roots, feeds);
        expectAgreement(before, after, rule.contract);
      }
    }
  });
});

it("names no rule twice", () => {
  const names = FAMILIES.flatMap(f => f.rules.map(r => r.name));
  expect(new Set(names).size).toBe(names.length);
});
