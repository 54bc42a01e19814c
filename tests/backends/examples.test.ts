import { describe, expect, it } from "vitest";
import digits from "../../examples/digits.ts";
import { compileSync } from "../../src/index.ts";
import { TARGETS } from "../../src/targets.ts";
import { ALL_TARGETS } from "../support/everywhere.ts";
import { randomNumbers } from "../support/random-values.ts";

const STEPS = 20;
const BATCH = 17;

/** The same 20 batches for every target: noise with labels. */
function* batches(): Generator<{ x: Float32Array; label: Int32Array }> {
  const random = randomNumbers(5);
  for (let step = 0; step < STEPS; step++) {
    yield {
      x: Float32Array.from({ length: BATCH * 64 }, random),
      label: Int32Array.from({ length: BATCH }, () => Math.floor(10 * random())),
    };
  }
}

describe("training the digits network", () => {
  it("comes to nearly the same losses in fast mode", () => {
    const traces = ALL_TARGETS.map(target => {
      const net = compileSync(digits, { target, seed: 3 });
      return [...batches()].map(batch => net.train(batch).loss);
    });
    for (const trace of traces)
      trace.forEach((loss, i) => {
        expect(loss).toBeCloseTo(traces[0][i], 4);
      });
  });

  it("needs scratch memory within a tenth of what is alive at once", async () => {
    const { lower } = await import("../../src/compile.ts");
    for (const target of ALL_TARGETS) {
      for (const report of lower(digits.graph, TARGETS[target], "fast").reports) {
        expect(report.scratchBytes).toBeGreaterThanOrEqual(report.livenessBytes);
        expect(report.scratchBytes, `${report.name} on ${target}`).toBeLessThanOrEqual(1.1 * report.livenessBytes + 64);
      }
    }
  });
});
