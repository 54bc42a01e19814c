import fc from "fast-check";
import { expect, it } from "vitest";
import { expandRequests } from "../../src/autodiff/expand.ts";
import { grad } from "../../src/autodiff/index.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import type { Scalar, Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { sum } from "../../src/ops/reduce.ts";
import { tanh } from "../../src/ops/transcendental.ts";
import { PASSES, type PassState } from "../../src/pipeline.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { randomGraph } from "../support/random-graph.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

it("gradients of random graphs are the same with all passes and with none but autodiff", () => {
  let compared = 0;
  fc.assert(
    fc.property(seeds, seed => {
      const { roots, inputs, feeds, env } = randomGraph(seed, { continuous: true, size: 10, floats: ["f64"] });
      const y = roots.find(r => isFloat(r.dtype)) as Tensor<"f64"> | undefined;
      if (!y) return;
      const loss = sum(tanh(y)) as Scalar<"f64">;
      const used = new Set(topological([loss]).map(n => n.outputs[0]));
      const targets = inputs.filter(x => used.has(x) && isFloat(x.dtype));
      const gradients = grad(loss, targets, { disconnected: "zeros" });
      let state: PassState = { roots: [loss, ...gradients], mode: "fast", fired: [] };
      for (const pass of PASSES) state = pass.run(state);
      verifyGraph(state.roots);
      const plain = evaluateGraph(expandRequests([loss, ...gradients]), feeds, env);
      const optimized = evaluateGraph(state.roots, feeds, env);
      plain.forEach(({ data }, i) => {
        const most = Math.max(1, ...Array.from(data, Math.abs));
        if (!(most < 1e4)) return;
        compared++;
        for (let k = 0; k < data.length; k++) {
          if (Math.abs(data[k] - optimized[i].data[k]) > 1e-5 * most) {
            expect.fail(`value ${i}, element ${k}: ${data[k]} became ${optimized[i].data[k]}`);
          }
        }
      });
    }),
    { numRuns: 200 },
  );
  expect(compared).toBeGreaterThan(200);
});
