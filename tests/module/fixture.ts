import { generateJs, jsTarget } from "../../codegen/js/index.ts";
import { emitModule } from "../../codegen/module/emit.ts";
import {
  add,
  cast,
  forStmt,
  iadd,
  imul,
  int,
  letStmt,
  literal,
  load,
  mul,
  store,
  variable,
} from "../../src/loop/build.ts";
import type { Expr, Kernel } from "../../src/loop/ir.ts";
import type { LoweredProgram, PlanStmt } from "../../src/plan/ir.ts";
import { dim, dimSymbols } from "../../src/shared/dim.ts";

const v = variable;
const f32 = (name: string) => variable(name, "f32");

/** y[r] = Σ_c x[r, c]·w[c] + bias[label[r]] */
const forward: Kernel = {
  name: "forward",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "w", dtype: "f32", access: "read" },
    { name: "bias", dtype: "f32", access: "read" },
    { name: "label", dtype: "i32", access: "read" },
    { name: "y", dtype: "f32", access: "write" },
  ],
  extents: ["n"],
  body: [
    forStmt("r", int(0), v("n"), [
      { op: "var", name: "s", value: load("bias", "f32", load("label", "i32", v("r"))) },
      forStmt("c", int(0), int(3), [
        letStmt("p", mul(load("x", "f32", iadd(imul(v("r"), int(3)), v("c"))), load("w", "f32", v("c")))),
        { op: "assign", name: "s", value: add(f32("s"), f32("p")) },
      ]),
      store("y", v("r"), f32("s")),
    ]),
  ],
};

/** w[c] += rate */
const bump: Kernel = {
  name: "bump",
  buffers: [
    { name: "w", dtype: "f32", access: "readwrite" },
    { name: "rate", dtype: "f32", access: "read" },
  ],
  extents: ["n"],
  body: [
    forStmt("c", int(0), v("n"), [store("w", v("c"), add(load("w", "f32", v("c")), load("rate", "f32", int(0))))]),
  ],
};

/** w[c] = seed + c / 2 */
const init: Kernel = {
  name: "init",
  buffers: [
    { name: "seed", dtype: "u32", access: "read" },
    { name: "w", dtype: "f32", access: "write" },
  ],
  extents: ["n"],
  body: [
    forStmt("c", int(0), v("n"), [
      store("w", v("c"), add(cast("f32", load("seed", "u32", int(0))), mul(cast("f32", v("c")), literal("f32", 0.5)))),
    ]),
  ],
};

const B = dim("B", { max: 4 });
const dims = dimSymbols([B]);
const run = (kernel: Kernel, places: number[], extent: Expr, origins: number[]): PlanStmt => ({
  op: "call",
  kernel,
  places: places.map(int),
  extents: [extent],
  origins,
});

/** y = x·w + table[label]; train also adds `rate` to w. */
export const toy: LoweredProgram = {
  name: "toy net",
  mode: "fast",
  profile: jsTarget.profile("fast"),
  kernels: [forward, bump, init],
  functions: [
    {
      name: "train",
      dims,
      body: [run(forward, [64, 16, 0, 128, 160], v("B"), [0]), run(bump, [16, 144], int(3), [1])],
    },
    { name: "predict", dims, body: [run(forward, [64, 16, 0, 128, 160], v("B"), [0])] },
    { name: "reset", dims: [], body: [run(init, [176, 16], int(3), [])] },
  ],
  interfaces: [
    {
      name: "train",
      dims,
      inputs: [
        { name: "x", dtype: "f32", shape: [B, 3], offset: 64 },
        { name: "label", dtype: "i32", shape: [B], offset: 128, below: [2] },
        { name: "rate", dtype: "f32", shape: [], offset: 144, default: 0.25 },
      ],
      outputs: [{ name: "y", dtype: "f32", shape: [B], offset: 160 }],
    },
    {
      name: "predict",
      dims,
      inputs: [
        { name: "x", dtype: "f32", shape: [B, 3], offset: 64 },
        { name: "label", dtype: "i32", shape: [B], offset: 128, below: [2] },
      ],
      outputs: [{ name: "y", dtype: "f32", shape: [B], offset: 160 }],
    },
  ],
  variables: [{ name: "layer.w", dtype: "f32", shape: [3], offset: 16, role: "param" }],
  seed: { name: "seed", dtype: "u32", shape: [], offset: 176 },
  memory: {
    bytes: 180,
    data: [{ offset: 0, bytes: new Uint8Array(Float32Array.of(100, 200).buffer) }],
  },
  reports: [
    { name: "train", flops: 27, bytesMoved: 200, scratchBytes: 0, livenessBytes: 0 },
    { name: "predict", flops: 24, bytesMoved: 150, scratchBytes: 0, livenessBytes: 0 },
  ],
  origins: [
    { value: "y = add(dot, gather)", sites: ["/home/someone/models/toy.ts:3:9", "/opt/lib/layer.ts:8:1"] },
    { value: "layer.w ← …", sites: ["/home/someone/models/toy.ts:5:2"] },
  ],
};

export const emitJs = (program: LoweredProgram = toy): Map<string, Uint8Array> =>
  emitModule(program, { target: "js", factory: generateJs(program) }, { root: "/home/someone/models" });

export const textOf = (files: ReadonlyMap<string, Uint8Array>, name: string): string =>
  new TextDecoder().decode(files.get(name));
