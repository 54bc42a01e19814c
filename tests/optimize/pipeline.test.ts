import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import type { NdArray } from "../../src/graph/op.ts";
import { originsOf } from "../../src/graph/provenance.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import {
  canonicalise,
  expandComposites,
  graphCost,
  type NumericMode,
  simplify,
  stabilise,
} from "../../src/optimize/index.ts";
import { typeEquals } from "../../src/shared/shape.ts";
import { randomGraph } from "../support/random-graph.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function pipeline(roots: readonly Tensor[], mode: NumericMode, stable: boolean): readonly Tensor[] {
  let current = canonicalise(roots, mode).roots;
  if (stable) current = stabilise(current, mode).roots;
  current = simplify(current, mode).roots;
  return simplify(expandComposites(current), mode).roots;
}

/** The largest finite magnitude anywhere in a graph: what errors are measured against. */
function magnitude(roots: readonly Tensor[], feeds: ReadonlyMap<Tensor, NdArray>, env: Record<string, number>): number {
  const all = topological(roots).flatMap(n => n.outputs);
  let most = 1;
  for (const { data } of evaluateGraph(all, feeds, env)) for (const x of data) most = Math.max(most, Math.abs(x));
  return most;
}

/** Whether a value leads back to a place in user code (here: a declaration). */
function leadsHome(value: Tensor, seen = new Set<Tensor>()): boolean {
  if (seen.has(value)) return false;
  seen.add(value);
  return originsOf(value).some(o => o.kind === "declared" || leadsHome(o.kind === "rewrite" ? o.replaced : o.of, seen));
}

describe("the rewriting phases on random graphs", () => {
  it("keep every bit in reproducible mode, stabilising aside", () => {
    fc.assert(
      fc.property(seeds, seed => {
        const { roots, feeds, env } = randomGraph(seed, { range: "special", size: 14 });
        const after = pipeline(roots, "reproducible", false);
        verifyGraph(after);
        const [a, b] = [evaluateGraph(roots, feeds, env), evaluateGraph(after, feeds, env)];
        a.forEach((x, i) => {
          expect([...b[i].data]).toEqual([...x.data]);
        });
      }),
      { numRuns: 300, examples: [[207830952]] }, // the sum of one −0 is 0
    );
  });

  it("keep values up to rounding in fast mode", () => {
    let compared = 0;
    fc.assert(
      fc.property(seeds, seed => {
        const { roots, feeds, env } = randomGraph(seed, { continuous: true, size: 14 });
        const after = pipeline(roots, "fast", true);
        verifyGraph(after);
        after.forEach((r, i) => {
          expect(typeEquals(r, roots[i])).toBe(true);
        });
        const scale = magnitude(roots, feeds, env);
        if (!(scale < 1e4)) return;
        compared++;
        const [a, b] = [evaluateGraph(roots, feeds, env), evaluateGraph(after, feeds, env)];
        a.forEach(({ data }, i) => {
          for (let k = 0; k < data.length; k++) {
            if (Math.abs(data[k] - b[i].data[k]) > 1e-5 * scale) {
              expect.fail(`root ${i}, element ${k}: ${data[k]} became ${b[i].data[k]}`);
            }
          }
        });
      }),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(150);
  });

  it("stop, and never make a graph dearer", () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom<NumericMode>("fast", "reproducible"), (seed, mode) => {
        const { roots } = randomGraph(seed, { size: 20 });
        for (const phase of [canonicalise, simplify]) {
          const result = phase(roots, mode);
          expect(result.stopped).toBe("fixpoint");
          expect(graphCost(result.roots)).toBeLessThanOrEqual(graphCost(roots));
          expect(phase(result.roots, mode).fired).toEqual([]);
        }
        expect(stabilise(roots, mode).stopped).toBe("fixpoint");
      }),
      { numRuns: 200 },
    );
  });

  it("know for every value where it comes from", () => {
    fc.assert(
      fc.property(seeds, seed => {
        const { roots } = randomGraph(seed, { size: 14 });
        for (const node of topological(pipeline(roots, "fast", true))) {
          for (const o of node.outputs) if (!leadsHome(o)) expect.fail(`${o} comes from nowhere`);
        }
      }),
      { numRuns: 50 },
    );
  });
});
