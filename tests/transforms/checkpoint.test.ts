import { describe, expect, test } from "vitest";
import { lower, TARGETS } from "../../src/compile.ts";
import * as g from "../../src/index.ts";

type X = g.Tensor<"f32">;
const BATCH = 64;
const WIDTH = 32;
const LAYERS = 16;

/** A net of equal layers, `each` of them in one checkpoint (0: none). */
function net(each: number) {
  const x = g.input("x", [BATCH, WIDTH]);
  const weights = Array.from({ length: LAYERS }, (_, k) =>
    g.param(`w${k}`, [WIDTH, WIDTH], g.normalInit({ stdev: 0.2 })),
  );
  const layer = (h: X, w: X): X => g.sin(g.add(g.matmul(h, w), g.mul(h, 0.5)));
  let h: X = x;
  for (let k = 0; k < LAYERS; k += Math.max(each, 1)) {
    const part = weights.slice(k, k + Math.max(each, 1));
    const run = (start: X): X => part.reduce<X>(layer, start);
    h = each > 0 ? g.checkpoint(run)(h) : run(h);
  }
  const loss = g.mean(g.square(h));
  const gradients = g.grad(loss, weights) as readonly X[];
  const updates = weights.map((w, k) => g.set(w, g.sub(w, g.mul(gradients[k], 0.1))));
  return g.program("deep", { train: { inputs: [x], outputs: { loss }, updates } });
}

const scratchOf = (p: g.Program): number => {
  const { reports } = lower(p.graph, TARGETS.wasm, "fast");
  return Math.max(...reports.filter(r => r.name === "train").map(r => r.livenessBytes));
};
const flopsOf = (p: g.Program): number => {
  const { reports } = lower(p.graph, TARGETS.wasm, "fast");
  return reports.filter(r => r.name === "train").reduce((total, r) => total + r.flops, 0);
};

describe("checkpoint", () => {
  const layerBytes = BATCH * WIDTH * 4;

  test("keeps arguments and results alone for the way back", () => {
    const [plain, checkpointed] = [net(0), net(4)];
    expect(scratchOf(plain)).toBeGreaterThan(LAYERS * layerBytes);
    // Four ends of parts, and one part of four layers with a pair of values each.
    expect(scratchOf(checkpointed)).toBeLessThan(0.65 * scratchOf(plain));
    expect(flopsOf(checkpointed)).toBeLessThan(1.5 * flopsOf(plain));
  });

  test.each(["interpret", "js", "wasm"] as const)("trains the same on %s", target => {
    const data = Float32Array.from({ length: BATCH * WIDTH }, (_, i) => Math.sin(i));
    const [a, b] = [net(0), net(4)].map(p => g.compileSync(p, { target, mode: "reproducible" }));
    for (let step = 0; step < (target === "interpret" ? 1 : 3); step++) {
      expect(b.train({ x: data }).loss).toBe(a.train({ x: data }).loss);
    }
    expect(Array.from(b.variables.w3.get())).toEqual(Array.from(a.variables.w3.get()));
  });

  test("derivatives of any order, forward and batched", () => {
    const v = g.input("v", [3], "f64");
    const f = (u: g.Tensor<"f64">) => ({ a: g.tanh(g.mul(u, g.exp(u))), b: [g.mul(u, v)] as const });
    const kept = f(v);
    const again = g.checkpoint(f)(v);
    const feeds = { v: [0.3, -0.7, 1.1] };
    const both = [kept, again].map(({ a, b: [b] }) => {
      const y = g.sum(g.mul(a, b));
      const per = g.vmap((u: g.Tensor<"f64">) => g.grad(g.sum((a === kept.a ? f : g.checkpoint(f))(u).a), u));
      return g.evaluate(
        { y, first: g.grad(y, v), second: g.hessian(y, v), along: g.jvp(y, v, v), per: per(g.stack([v, g.neg(v)])) },
        feeds,
      );
    });
    for (const [key, value] of Object.entries(both[0])) {
      const [a, b] = [value, both[1][key as "y"]].map(v => (typeof v === "number" ? [v] : Array.from(v as number[])));
      a.forEach((v, i) => {
        expect(b[i], key).toBeCloseTo(v, 12);
      });
    }
  });

  test("survives as text and refuses what is no function of tensors", () => {
    const p = net(8);
    expect(g.inspect(p, { stage: "graph" })).toMatch(/checkpoint\(/);
    expect(() => g.checkpoint((x: X) => x)(1 as never)).toThrow(/argument 0 is not a tensor/);
    expect(() => g.checkpoint((_: X) => 1 as never)(g.ones([2]))).toThrow(/does not return tensors/);
  });
});
