import { describe, expect, it } from "vitest";
import { evaluate, input } from "../../src/index.ts";
import { constantRate, cosineDecay, exponentialDecay, type Schedule, stepDecay, warmup } from "../../src/nn/index.ts";

const cases: Record<string, { schedule: Schedule; formula: (t: number) => number }> = {
  constantRate: { schedule: constantRate(0.3), formula: () => 0.3 },
  exponentialDecay: {
    schedule: exponentialDecay({ initial: 0.5, rate: 0.9, steps: 10 }),
    formula: t => 0.5 * 0.9 ** (t / 10),
  },
  stepDecay: {
    schedule: stepDecay({ initial: 0.5, rate: 0.1, steps: 10 }),
    formula: t => 0.5 * 0.1 ** Math.floor(t / 10),
  },
  cosineDecay: {
    schedule: cosineDecay({ initial: 0.5, steps: 40, final: 0.1 }),
    formula: t => 0.1 + (0.4 * (1 + Math.cos((Math.PI * Math.min(t, 40)) / 40))) / 2,
  },
  warmup: {
    schedule: warmup({ steps: 5, then: exponentialDecay({ initial: 0.5, rate: 0.9, steps: 10 }) }),
    formula: t => (t < 5 ? (0.5 * (t + 1)) / 5 : 0.5 * 0.9 ** ((t - 5) / 10)),
  },
};

describe("schedules, against their formulas", () => {
  for (const [name, { schedule, formula }] of Object.entries(cases)) {
    it(name, () => {
      const step = input("step", [], "i32");
      const rate = schedule(step);
      for (const t of [0, 1, 4, 5, 6, 9, 10, 11, 39, 40, 41, 1000]) {
        const value = name === "constantRate" ? evaluate(rate) : evaluate(rate, { step: t });
        expect(Math.abs(value - formula(t))).toBeLessThan(1e-6);
      }
    });
  }
});
