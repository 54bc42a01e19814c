import { describe, expect, it } from "vitest";
import { lower } from "../../src/compile.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import * as g from "../../src/index.ts";
import { segmentLength } from "../../src/ops/segments.ts";
import { TARGETS } from "../../src/targets.ts";
import { checkEverywhere } from "../support/everywhere.ts";
import { randomNumbers } from "../support/random-values.ts";
import { checkDerivatives, input } from "./b-support.ts";

type F32 = g.Tensor<"f32">;
type F64 = Tensor<"f64">;
const [B, H] = [2, 16];

/** A recurrent network over T steps whose last state is judged, and the gradient for its weights. */
function network(T: number, checkpoint: boolean) {
  const x = g.input("x", [T, B, H]);
  const w = g.param("w", [H, H]);
  const v = g.param("v", [H, H]);
  const { carry } = g.scan(
    ({ h, c }: { h: F32; c: F32 }, xt: F32) => {
      const a = g.sigmoid(g.add(g.matmul(h, w), g.matmul(xt, v))) as F32;
      const next = g.add(g.mul(a, c), g.mul(g.sub(1, a), g.tanh(xt))) as F32;
      return { carry: { h: g.tanh(next) as F32, c: next } };
    },
    { h: g.zeros([B, H]), c: g.zeros([B, H]) },
    x,
    { checkpoint },
  );
  const loss = g.sum(g.mul(carry.h, carry.h));
  const [dw, dv] = g.grad(loss, [w, v]);
  return g.program("rnn", { f: { inputs: [x], outputs: { loss, dw, dv } } });
}

describe("a scan with checkpoints", () => {
  it("takes an eighth of the memory for gradients over 1,024 steps", () => {
    const bytes = [false, true].map(checkpoint => {
      const plan = lower(network(1024, checkpoint).graph, TARGETS.wasm, "fast");
      return plan.reports[0].scratchBytes;
    });
    expect(bytes[1]).toBeLessThanOrEqual(bytes[0] / 8);
  });

  it("computes every step at most twice", () => {
    const flopsOf = (checkpoint: boolean, only: string[]): number => {
      const { graph } = network(1024, checkpoint);
      const functions = graph.functions.map(f => ({ ...f, outputs: f.outputs.filter(o => only.includes(o.name)) }));
      return lower({ ...graph, functions }, TARGETS.wasm, "fast").reports[0].flops;
    };
    const forward = flopsOf(false, ["loss"]);
    const gradients = flopsOf(false, ["loss", "dw", "dv"]);
    expect(forward).toBeGreaterThan(1024 * 2 * 2 * B * H * H);
    // Besides the second pass, sums of the weights' gradients are added up once in a segment.
    const sums = 2 * 32 * 2 * H * H;
    expect(flopsOf(true, ["loss", "dw", "dv"])).toBeLessThanOrEqual(gradients + forward + sums);
  });

  it("gives the same values and gradients, forwards and backwards, whatever divides the steps", () => {
    for (const T of [8, 9, 13, 16]) {
      for (const reverse of [false, true]) {
        const w = g.input("w", [3]);
        const x = g.input("x", [T, 3]);
        const results = [false, true].map(checkpoint => {
          const { carry, out } = g.scan(
            (c: F32, xt: F32) => ({ carry: g.tanh(g.add(g.mul(c, w), xt)) as F32, out: g.mul(c, xt) as F32 }),
            g.zeros([3]),
            x,
            { checkpoint, reverse },
          );
          const [dw, dx] = g.grad(g.add(g.sum(carry), g.sum(out)), [w, x]);
          return { carry, out, dw, dx };
        });
        const random = randomNumbers(T);
        const feeds = { w: Array.from({ length: 3 }, random), x: Array.from({ length: 3 * T }, random) };
        const [plain, cut] = results.map(r => g.evaluate(r as never, feeds) as unknown as Record<string, Float32Array>);
        for (const key of ["carry", "out"]) expect(cut[key]).toEqual(plain[key]);
        for (const key of ["dw", "dx"]) {
          cut[key].forEach((value, i) => {
            expect(value).toBeCloseTo(plain[key][i], 5);
          });
        }
        if (T === 13) checkEverywhere([w, x], results[1], feeds);
      }
    }
  });

  it("has derivatives of second order, in loops too", () => {
    const w = input("w", [2]);
    const { carry } = g.scan(
      (c: F64) => {
        const inner = g.scan((d: F64) => ({ carry: g.sin(g.add(g.mul(d, w), c)) as F64 }), c, null, {
          length: 9,
          checkpoint: true,
        });
        return { carry: inner.carry };
      },
      input("c", [2]),
      null,
      { length: 11, checkpoint: true },
    );
    checkDerivatives(carry, [w]);
  });

  it("cuts loops near the root of their length", () => {
    expect([8, 16, 100, 1000, 1009, 1024].map(segmentLength)).toEqual([2, 4, 10, 25, 31, 32]);
  });
});
