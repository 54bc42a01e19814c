import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { functionOf, WORKLOADS, workloadNamed } from "../../bench/workloads/index.ts";
import type { Target } from "../../codegen/target.ts";
import digits from "../../examples/digits.ts";
import { forThreads } from "../../src/compile.ts";
import * as g from "../../src/index.ts";
import type { NumericMode } from "../../src/loop/ir.ts";
import { lowerProgram } from "../../src/lower/index.ts";
import { optimizeProgram } from "../../src/pipeline.ts";
import type { LoweredProgram } from "../../src/plan/ir.ts";
import { parallelize } from "../../src/plan/parallel.ts";
import { verifyPlan } from "../../src/plan/verify.ts";
import type { NetBase } from "../../src/runtime/net.ts";
import type { Pool } from "../../src/runtime/pool.ts";
import { TARGETS } from "../../src/targets.ts";
import { ALL_MODES, bitsOf } from "../support/everywhere.ts";
import { buildGraph, recipes } from "../support/random-function.ts";
import { buildProgram, programRecipes } from "../support/random-program.ts";
import { randomNumbers } from "../support/random-values.ts";
import { netOf, poolOf, simulate } from "../support/threads.ts";

const GRAPHS = Number(process.env.GRADC_GRAPHS ?? 120);
const PROGRAMS = Number(process.env.GRADC_PROGRAMS ?? 20);
const PER_PROGRAM = 30;
/** Everything that can be shared out is. */
const ALWAYS = { share: 0, call: 0 };

type Numbers = number | ArrayLike<number>;
type Call = (feeds: object) => Record<string, Numbers>;
/** A call of a function by name. */
type Step = readonly [name: string, feeds: object];

const pools: Pool[] = [];

afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

async function startedPool(program: LoweredProgram, threads: number): Promise<Pool> {
  const pool = poolOf(program, threads);
  pools.push(pool);
  await pool.ready;
  return pool;
}

function lowered(program: g.Program, mode: NumericMode, target: Target): LoweredProgram {
  const { graph } = optimizeProgram(program.graph, mode);
  return lowerProgram(graph, { profile: target.profile(mode), mode });
}

/** All that calls give and leave in the variables, as text. */
function traceOf(net: NetBase, steps: readonly Step[]): string[] {
  return steps.flatMap(([name, feeds]) => {
    const results = (net as unknown as Record<string, Call>)[name](feeds);
    const variables = Object.entries(net.variables).map(([v, variable]) => `${name}: ${v} = ${bitsOf(variable.get())}`);
    return [...Object.entries(results).map(([o, value]) => `${name}: ${o} = ${bitsOf(value)}`), ...variables];
  });
}

/** Holds a program on several threads, simulated and real, against the same program on one. */
async function checkThreads(
  program: g.Program,
  steps: readonly Step[],
  counts: readonly number[],
  interpreted = steps.length,
): Promise<void> {
  // Interpretation is slow.
  const few = steps.slice(0, interpreted);
  for (const mode of ALL_MODES) {
    const one = lowered(program, mode, TARGETS.wasm);
    const several = parallelize(lowered(program, mode, forThreads(TARGETS.wasm)), ALWAYS);
    verifyPlan(several);
    const random = randomNumbers(7);
    const reference = traceOf(netOf(one, TARGETS.interpret.instantiate(one)), few);
    const compiled = traceOf(netOf(one, TARGETS.wasm.instantiate(one)), steps);
    for (const threads of counts) {
      const simulated = traceOf(netOf(several, simulate(several, threads, random)), few);
      expect(simulated, `${threads} simulated, ${mode}`).toEqual(reference);
      const pool = await startedPool(several, threads);
      expect(traceOf(netOf(several, pool), steps), `${threads} threads, ${mode}`).toEqual(compiled);
      pool.close();
    }
  }
}

describe("one result for any number of threads, and no races", () => {
  it("of random graphs", async () => {
    const sampled = fc.sample(recipes, { numRuns: GRAPHS, seed: Number(process.env.GRADC_SEED ?? 20262) });
    for (let at = 0; at < sampled.length; at += PER_PROGRAM) {
      const functions = sampled.slice(at, at + PER_PROGRAM).map((recipe, i) => buildGraph(recipe, `g${i}_`));
      const declared = functions.map(({ inputs, outputs, updates }, i) => [`f${i}`, { inputs, outputs, updates }]);
      const program = g.program("random", Object.fromEntries(declared));
      const steps = functions.map((f, i): Step => [`f${i}`, f.feeds]);
      await checkThreads(program, steps, [2, 3]);
    }
  });

  it("of random programs with variables", async () => {
    const sampled = fc.sample(programRecipes, { numRuns: PROGRAMS, seed: Number(process.env.GRADC_SEED ?? 20263) });
    for (const recipe of sampled) {
      const { functions } = buildProgram(recipe);
      const names = Object.keys(functions);
      const steps = recipe.calls.map((call): Step => {
        const name = names[call.function % names.length];
        const random = randomNumbers(call.seed);
        const feeds = functions[name].inputs.map(({ shape, node }) => {
          const length = shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : call.batch), 1);
          return [String(node.attrs.name), Array.from({ length }, () => Math.fround(2 * random() - 1))];
        });
        return [name, Object.fromEntries(feeds)];
      });
      await checkThreads(g.program("stateful", functions), steps, [3]);
    }
  });

  it("of a product whose last columns are less than a vector", async () => {
    const x = g.input("x", [17, 17], "f64");
    const program = g.program("product", { f: { inputs: [x], outputs: { y: g.matmul(x.transpose(), x) } } });
    const random = randomNumbers(8);
    await checkThreads(program, [["f", { x: Array.from({ length: 289 }, random) }]], [2, 3]);
  });

  it("of batches of matrices", async () => {
    const [x, b] = [g.input("x", [5, 6, 6]), g.input("b", [5, 6, 4])];
    const loss = g.sum(g.solve(x, b)) as g.Scalar<"f32">;
    const outputs = { ...g.svd(x), ...g.eigh(x), ...g.qr(x), gradient: g.grad(loss, x) };
    const random = randomNumbers(6);
    const noise = (length: number): number[] => Array.from({ length }, () => Math.fround(2 * random() - 1));
    const steps: Step[] = [["f", { x: noise(180), b: noise(120) }]];
    await checkThreads(g.program("matrices", { f: { inputs: [x, b], outputs } }), steps, [2, 3]);
  });

  it("of a product whose last vector covers columns of the tile before", async () => {
    const [x, y] = [g.input("x", [17, 7]), g.input("y", [7, 17])];
    const program = g.program("product", { f: { inputs: [x, y], outputs: { z: g.matmul(x, y) } } });
    const numbers = Float32Array.from({ length: 7 * 17 }, randomNumbers(3));
    await checkThreads(program, [["f", { x: numbers, y: numbers }]], [2, 3]);
  });

  it("of the digits example", async () => {
    const random = randomNumbers(5);
    const steps = Array.from({ length: 5 }, (): Step => {
      const x = Float32Array.from({ length: 17 * 64 }, random);
      return ["train", { x, label: Int32Array.from({ length: 17 }, () => Math.floor(10 * random())) }];
    });
    await checkThreads(digits, steps, [1, 2, 4], 1);
  });

  it.each(WORKLOADS.map(w => w.name))("of %s, at its full size", async name => {
    const workload = workloadNamed(name);
    const traces: Uint8Array[][] = [];
    for (const threads of [1, 2, 3]) {
      using net = (await g.compile(workload.declare(), { target: "wasm", threads })) as unknown as NetBase;
      const call = (net as unknown as Record<string, Call>)[functionOf(workload)];
      const results = [0, 1].flatMap(step => Object.values(call(workload.feeds(step))));
      const numbers = results.map(x => (typeof x === "number" ? Float32Array.of(x) : Float32Array.from(x)));
      traces.push([net.save(), ...numbers.map(x => new Uint8Array(x.buffer))]);
    }
    const [one, ...others] = traces;
    for (const trace of others) for (const [i, bytes] of trace.entries()) expect(Buffer.compare(bytes, one[i])).toBe(0);
  });
});
