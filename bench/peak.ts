import { generateWasm, hasRelaxedSimd, instantiateWasm, wasmTarget } from "../codegen/wasm/index.ts";
import {
  add,
  assign,
  fma,
  forStmt,
  int,
  literal,
  load,
  mul,
  neg,
  store,
  variable,
  varStmt,
} from "../src/loop/build.ts";
import type { Expr, Kernel, Stmt } from "../src/loop/ir.ts";
import type { LoweredProgram } from "../src/plan/ir.ts";

const LANES = 4;
const STEPS = 20_000;
const UNROLL = 4;

const vector = (name: string): Expr => variable(name, "f32", LANES);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A kernel that repeats `step` over accumulators in registers, and stores them so that nothing is dead code. */
function accumulate(name: string, accumulators: number, operands: readonly string[], step: readonly Stmt[]): Kernel {
  const repeated = range(UNROLL).flatMap(() => step);
  return {
    name,
    buffers: [{ name: "memory", dtype: "f32", access: "readwrite" }],
    extents: [],
    body: [
      ...operands.map((o, i) => varStmt(o, load("memory", "f32", int(i * LANES), LANES))),
      ...range(accumulators).map(i => varStmt(`s${i}`, literal("f32", 0, LANES))),
      forStmt("i", int(0), int(STEPS), repeated),
      ...range(accumulators).map(i => store("memory", int((8 + i) * LANES), vector(`s${i}`))),
    ],
  };
}

/** Twelve independent sums hide the latency of the fused multiply-add: 4 cycles, two started in each. */
const fused = accumulate(
  "fused",
  12,
  ["x", "y"],
  range(12).map(i => assign(`s${i}`, fma(vector("x"), vector("y"), vector(`s${i}`)))),
);

/**
 * Eight sums of eight different products. The left operands change their signs in every step, or an optimiser would
 * take the products out of the loop: two operations more that are not counted.
 */
const separate = accumulate(
  "separate",
  8,
  ["x0", "x1", "y0", "y1", "y2", "y3"],
  [
    ...range(2).map(i => assign(`x${i}`, neg(vector(`x${i}`)))),
    ...range(8).map(i => assign(`s${i}`, add(vector(`s${i}`), mul(vector(`x${i >> 2}`), vector(`y${i & 3}`))))),
  ],
);

/** A hand-made program: each kernel is a function of its own. */
const program: LoweredProgram = {
  name: "peak",
  mode: "fast",
  profile: wasmTarget.profile("fast"),
  kernels: [fused, separate],
  functions: [fused, separate].map(kernel => ({
    name: kernel.name,
    dims: [],
    body: [{ op: "call", kernel, places: [int(0)], extents: [], origins: [] }],
  })),
  interfaces: [],
  variables: [],
  memory: { bytes: 512, data: [{ offset: 0, bytes: new Uint8Array(new Float32Array(8 * LANES).fill(1e-3).buffer) }] },
  reports: [],
  origins: [],
};

export interface Peak {
  run(): void;
  /** Floating-point operations of one run. */
  readonly flops: number;
}

/** What this host's WebAssembly reaches with all operands in registers: fused, and as separate operations. */
export function peaks(): { readonly fused: Peak; readonly separate: Peak } {
  const { functions } = instantiateWasm(generateWasm(program, { relaxed: hasRelaxedSimd() }));
  const flops = (accumulators: number): number => 2 * LANES * accumulators * UNROLL * STEPS;
  return {
    fused: { run: functions.fused, flops: flops(12) },
    separate: { run: functions.separate, flops: flops(8) },
  };
}
