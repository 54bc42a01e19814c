import { describe, expect, test } from "vitest";
import { manifestOf } from "../../codegen/manifest/index.ts";
import { lower } from "../../src/compile.ts";
import { rootsOf } from "../../src/graph/program-graph.ts";
import { topological } from "../../src/graph/traverse.ts";
import * as g from "../../src/index.ts";
import { afterOp } from "../../src/kinds/after.ts";
import { lowerProgram } from "../../src/lower/index.ts";
import { fitting } from "../../src/lower/rematerialise.ts";
import { optimizeProgram } from "../../src/pipeline.ts";
import type { LoweredProgram } from "../../src/plan/ir.ts";
import { createNet } from "../../src/runtime/net.ts";
import { TARGETS } from "../../src/targets.ts";
import { NETWORKS } from "../support/networks.ts";
import { randomNumbers } from "../support/random-values.ts";

type X = g.Tensor<"f32">;
const BATCH = 64;
const WIDTH = 32;
const LAYERS = 9;

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
    const [plain, checkpointed] = [net(0), net(3)];
    expect(scratchOf(plain)).toBeGreaterThan(LAYERS * layerBytes);
    // Three ends of parts, and one part of three layers with a pair of values each.
    expect(scratchOf(checkpointed)).toBeLessThan(0.75 * scratchOf(plain));
    expect(flopsOf(checkpointed)).toBeLessThan(1.5 * flopsOf(plain));
  });

  test.each(["js", "wasm"] as const)("trains the same on %s", target => {
    const data = Float32Array.from({ length: BATCH * WIDTH }, (_, i) => Math.sin(i));
    const [a, b] = [net(0), net(3)].map(p => g.compileSync(p, { target, mode: "reproducible" }));
    for (let step = 0; step < 3; step++) {
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
      const [a, b] = [value, both[1][key as "y"]].map(v =>
        typeof v === "number" ? [v] : Array.from(v as ArrayLike<number>),
      );
      a.forEach((v, i) => {
        expect(b[i], key).toBeCloseTo(v, 12);
      });
    }
  });

  test("survives as text and refuses what is no function of tensors", () => {
    const p = net(3);
    expect(g.inspect(p, { stage: "graph" })).toMatch(/checkpoint\(/);
    expect(() => g.checkpoint((x: X) => x)(1 as never)).toThrow(/argument 0 is not a tensor/);
    expect(() => g.checkpoint((_: X) => 1 as never)(g.ones([2]))).toThrow(/does not return tensors/);
  });
});

/** Bits that all calls of its functions give and leave, of a lowered program. */
function bitsOf(lowered: LoweredProgram): unknown {
  const manifest = manifestOf(lowered);
  const net = createNet(manifest, TARGETS.js.instantiate(lowered)) as unknown as Record<string, (x: object) => object>;
  const random = randomNumbers(7);
  const sizes = (shape: readonly unknown[]) => shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : 2), 1);
  return manifest.functions.map(f => {
    const given = f.inputs.map(({ name, shape, dtype, below }) => {
      const draw = () => (dtype === "f32" ? random() : Math.floor((typeof below === "number" ? below : 2) * random()));
      return [name, shape.length === 0 ? draw() : Array.from({ length: sizes(shape) }, draw)];
    });
    const results = [1, 2].map(() => net[f.name](Object.fromEntries(given)));
    const variables = net.variables as unknown as Record<string, { get(): ArrayLike<number> }>;
    return [results, Object.values(variables).map(v => Array.from(v.get()))];
  });
}

describe("compile with a memory budget", () => {
  test("computes values again until the step fits, and says what it would take", async () => {
    const p = net(0);
    const lowered = (bytes: number) => lower(p.graph, TARGETS.wasm, "fast", { memory: bytes });
    const plain = lower(p.graph, TARGETS.wasm, "fast");
    const given = plain.memory.bytes - scratchOf(p);
    const costs = [0.9, 0.72].map(part => {
      const budget = Math.round(given + part * scratchOf(p));
      const { memory, reports } = lowered(budget);
      expect(memory.bytes).toBeLessThanOrEqual(budget);
      return reports[0].flops / plain.reports[0].flops;
    });
    // The less room, the more is computed again, and never more than one way forward.
    expect(costs[0]).toBeGreaterThan(1);
    expect(costs[1]).toBeGreaterThanOrEqual(costs[0]);
    expect(costs[1]).toBeLessThan(1.4);
    expect(lowered(plain.memory.bytes).reports).toEqual(plain.reports);
    await expect(g.compile(p, { memory: given + 9000 })).rejects.toThrow(
      /deep does not fit.*\n.*at least \d+ bytes.*train keeps/,
    );
    await expect(g.compile(p, { memory: 0.5 })).rejects.toThrow(/not a number of bytes/);
    const fits = await g.compile(p, { memory: Math.round(given + 0.9 * scratchOf(p)) });
    expect(Number.isFinite(fits.train({ x: new Float32Array(BATCH * WIDTH).fill(0.1) }).loss)).toBe(true);
  });

  test.each(Object.entries(NETWORKS))("whatever is computed again, %s trains to the same bits", (_name, declare) => {
    const { graph } = optimizeProgram(declare().graph, "reproducible");
    const options = { profile: TARGETS.js.profile("reproducible"), mode: "reproducible", compact: true } as const;
    const expected = bitsOf(lowerProgram(graph, options));
    let rebuilt = 0;
    for (const [count, again] of [
      [1, 1],
      [3, 2],
      [7, 7],
    ]) {
      const functions = graph.functions.map(f => fitting(f).rebuilt(count, again));
      const waits = functions.flatMap(f => topological(rootsOf(f))).filter(n => n.op === afterOp);
      rebuilt += waits.length;
      expect(bitsOf(lowerProgram({ ...graph, functions }, options))).toEqual(expected);
    }
    expect(rebuilt > 0).toBe(graph.functions.some(f => fitting(f).waiting > 0));
  });
});
