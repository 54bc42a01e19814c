import fc from "fast-check";
import { expect, it } from "vitest";
import { GRAPH_OPS, vjp } from "../../src/autodiff/index.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import type { NdArray } from "../../src/graph/op.ts";
import { parseGraph } from "../../src/graph/parse.ts";
import { printGraph } from "../../src/graph/print.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { OPS } from "../../src/ops/index.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { GradcError } from "../../src/shared/errors.ts";
import { randomGraph } from "../support/random-graph.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const inputName = (x: Tensor): unknown => x.node.attrs.name;

it("prints and reads random graphs back, exactly", () => {
  fc.assert(
    fc.property(seeds, seed => {
      const { roots, inputs, feeds, env } = randomGraph(seed, { range: "special" });
      const text = printGraph(roots);
      const again = parseGraph(text, OPS);
      verifyGraph(again);
      expect(printGraph(again)).toBe(text);
      // The graph that was read computes the same numbers.
      const byName = new Map(inputs.map(x => [inputName(x), feeds.get(x) as NdArray]));
      const leaves = topological(again).flatMap(n => (n.op.nominal ? [n.outputs[0]] : []));
      const fed = new Map(leaves.map(l => [l, byName.get(inputName(l)) as NdArray]));
      expect(evaluateGraph(again, fed, env)).toEqual(evaluateGraph(roots, feeds, env));
    }),
    { numRuns: 200 },
  );
});

it("answers damaged texts with a typed error", () => {
  let refused = 0;
  fc.assert(
    fc.property(seeds, fc.nat(), fc.constantFrom("", "}", "%", "9", '"', "-", "\n"), (seed, place, put) => {
      const { roots, inputs } = randomGraph(seed, { size: 5 });
      const wrt = inputs.filter(t => isFloat(t.dtype));
      const floats = roots.filter(t => isFloat(t.dtype));
      const asked = floats.flatMap(y => vjp(y, wrt, y, { disconnected: "zeros" }) as Tensor[]);
      const text = printGraph([...roots, ...asked]);
      const at = place % text.length;
      try {
        verifyGraph(parseGraph(text.slice(0, at) + put + text.slice(at + 1), GRAPH_OPS));
      } catch (error) {
        refused++;
        if (!(error instanceof GradcError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(50);
});
