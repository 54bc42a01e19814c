import { generateWasm, hasRelaxedSimd, instantiateWasm, wasmTarget } from "../codegen/wasm/index.ts";
import { add, forStmt, int, load, store, variable } from "../src/loop/build.ts";
import type { Kernel } from "../src/loop/ir.ts";
import type { LoweredProgram, PlanFunction } from "../src/plan/ir.ts";

const LANES = 4;
const BYTES = 4;
/** Sizes of what is copied and its copy together: a share of each level of the caches, and memory. */
const SETS = [16, 64, 256, 1024, 4096, 16_384, 65_536].map(kilobytes => kilobytes * 1024);

/** Four vectors in a round: the loop costs nothing beside them. */
const copyKernel: Kernel = {
  name: "copy",
  buffers: [
    { name: "to", dtype: "f32", access: "write" },
    { name: "from", dtype: "f32", access: "read" },
  ],
  extents: ["length"],
  body: [
    forStmt(
      "i",
      int(0),
      variable("length"),
      [0, 1, 2, 3].map(k => {
        const at = add(variable("i"), int(k * LANES));
        return store("to", at, load("from", "f32", at, LANES));
      }),
      { step: 4 * LANES },
    ),
  ],
};

/** For each set a loop over vectors, and the engine's own copy, which may use wider vectors than WebAssembly has. */
const functions = SETS.flatMap((set): PlanFunction[] => {
  const [half, from, to] = [set / 2, int(0), int(SETS[SETS.length - 1] / 2)];
  return [
    {
      name: `loop${set}`,
      dims: [],
      body: [{ op: "call", kernel: copyKernel, places: [to, from], extents: [int(half / BYTES)], origins: [] }],
    },
    { name: `engine${set}`, dims: [], body: [{ op: "copy", to, from, bytes: int(half) }] },
  ];
});

const program: LoweredProgram = {
  name: "copy",
  mode: "fast",
  profile: wasmTarget.profile("fast"),
  kernels: [copyKernel],
  functions,
  interfaces: [],
  variables: [],
  memory: { bytes: SETS[SETS.length - 1], data: [] },
  reports: [],
  origins: [],
};

export interface Copy {
  readonly name: string;
  /** Bytes read and bytes written, together. */
  readonly bytes: number;
  readonly how: "loop" | "engine";
  run(): void;
}

const HOW = ["loop", "engine"] as const;

export function copies(): readonly Copy[] {
  const made = instantiateWasm(generateWasm(program, { relaxed: hasRelaxedSimd() }));
  return SETS.flatMap(set =>
    HOW.map((how): Copy => ({ name: `copy, ${how}, ${set}`, bytes: set, how, run: made.functions[`${how}${set}`] })),
  );
}

/**
 * Bytes a second, read and written together, of a copy about as large as what moves: of the smallest set that holds it.
 * @param speeds of the loops, by set
 */
export function bandwidthFor(bytes: number, speeds: ReadonlyMap<number, number>): number {
  const set = SETS.find(s => s >= bytes) ?? SETS[SETS.length - 1];
  return speeds.get(set) ?? Number.NaN;
}
