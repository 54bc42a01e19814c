import { generateJs, jsTarget } from "../codegen/js/index.ts";
import { poolLayoutOf } from "../codegen/manifest/index.ts";
import { bake, type WeightFormat } from "../codegen/module/bake.ts";
import { type EmittedCode, emitModule, type Placement, type Variants } from "../codegen/module/emit.ts";
import type { Target } from "../codegen/target.ts";
import { exportName, generateWasm } from "../codegen/wasm/generate.ts";
import { wasmTarget } from "../codegen/wasm/index.ts";
import { sharedFlagOf } from "../codegen/wasm/module-builder.ts";
import { type Choices, checkOptions, fail, forThreads, lower, restrict } from "./compile.ts";
import type { ProgramGraph } from "./graph/program-graph.ts";
import type { NumericMode } from "./loop/ir.ts";
import type { Observer } from "./pipeline.ts";
import type { LoweredProgram } from "./plan/ir.ts";
import { parallelize } from "./plan/parallel.ts";
import type { Functions, Program } from "./program/program.ts";

export interface EmitOptions {
  /** Default: wasm. */
  readonly target?: "wasm" | "js";
  /**
   * Where WebAssembly goes: into the module (default), into a file beside it that is fetched, or into one that is
   * imported, for hosts that compile WebAssembly only themselves. `load({ wasm })` works in every form.
   */
  readonly wasm?: Placement;
  /**
   * Which code: for plain SIMD, for hosts with relaxed SIMD (fused multiply-add), or both, between which the host is asked
   * at load. Default: both; `plain` in reproducible mode, which has nothing else.
   */
  readonly simd?: "both" | "plain" | "relaxed";
  /**
   * Code for several threads: `load({ threads })` then shares the work of a call among workers (Node, and pages that are
   * cross-origin isolated). For one thread, and where there is no more, it is as good as other code, and larger.
   */
  readonly threads?: boolean;
  /** Name the functions of WebAssembly for profilers. Default: no names, which makes the module smaller. */
  readonly names?: boolean;
  /** `fast` (default), or `reproducible`: the same bits on every target. */
  readonly mode?: NumericMode;
  /** The most bytes that the network may take, as for compile. */
  readonly memory?: number;
  /** These functions only. Without functions that update variables, the module holds no initialisers either. */
  readonly only?: readonly string[];
  /** A safetensors file with values of all variables: they become part of the module in the place of initialisers. */
  readonly bake?: Uint8Array;
  /** How baked values of dtype f32 are stored. `f16` takes half the room; they are f32 again once they are loaded. */
  readonly weights?: WeightFormat;
  /** Base name of the files. Default: the program's name. */
  readonly fileName?: string;
  /** Directory that the paths of your files in the manifest are relative to. Default: the current one. */
  readonly root?: string;
  /** Sees the program after every pass. */
  readonly observe?: Observer;
}

const CHOICES: Choices = {
  target: ["wasm", "js"],
  wasm: ["inline", "beside", "import"],
  simd: ["both", "plain", "relaxed"],
  threads: null,
  names: null,
  mode: ["fast", "reproducible"],
  memory: null,
  only: null,
  bake: null,
  weights: ["f32", "f16"],
  fileName: null,
  root: null,
  observe: null,
};

/**
 * Compiles a program ahead of time: to an ES module that imports nothing (but its WebAssembly, in that form), its types,
 * and a manifest. The same program gives the same bytes.
 * @returns contents by file name: `digits.js`, `digits.d.ts`, `digits.manifest.json`, and `digits.wasm` for `beside`; for
 * `import` also `digits.relaxed.wasm` and, of baked values, `digits.weights.wasm`
 * @throws GradcError `attribute` for options that do not go together; `unknown-name` for a name in `only`; `safetensors`,
 * `restore-mismatch`, `half-range` for `bake`; `memory` where the program does not fit
 */
export async function emit<F extends Functions>(
  program: Program<F>,
  options: EmitOptions = {},
): Promise<Map<string, Uint8Array>> {
  return emitGraph(program.graph, options);
}

/** Like emit, at once and for a graph. */
export function emitGraph(graph: ProgramGraph, options: EmitOptions = {}): Map<string, Uint8Array> {
  checkOptions("emit", options, CHOICES);
  checkTogether(options);
  const { target = "wasm", mode = "fast", weights = "f32", memory } = options;
  const restricted = restrict(graph, options.only);
  const trains = restricted.functions.some(f => f.updates.length > 0);
  const wasm = emittedWasm(simdOf(options));
  const lowered = lower(restricted, target === "js" ? jsTarget : options.threads ? forThreads(wasm) : wasm, mode, {
    initialisers: options.bake === undefined && (options.only === undefined || trains),
    observe: options.observe,
    memory,
  });
  return emitModule(lowered, codeOf(lowered, options), {
    fileName: options.fileName,
    root: options.root ?? globalThis.process?.cwd(),
    ...(options.bake ? { values: bake(lowered, options.bake, weights, fail) } : {}),
  });
}

/** Options that have no meaning beside others. */
function checkTogether(options: EmitOptions): void {
  const { target, mode, simd, wasm, threads, bake, weights } = options;
  const refuse = (problem: string, expected: string, received: string): Error =>
    fail("attribute", `emit: ${problem}`, expected, received);
  for (const name of ["wasm", "simd", "threads", "names"] as const) {
    if (target === "js" && options[name] !== undefined) {
      throw refuse(`${name} is an option of WebAssembly`, 'target: "wasm"', 'target: "js"');
    }
  }
  if (mode === "reproducible" && simd !== undefined && simd !== "plain") {
    throw refuse("reproducible mode has no fused multiply-add, so no relaxed code", 'simd: "plain"', `simd: "${simd}"`);
  }
  if (threads && wasm === "import") {
    throw refuse("hosts that import WebAssembly have one thread", 'wasm: "inline" or "beside"', 'wasm: "import"');
  }
  if (weights !== undefined && bake === undefined) {
    throw refuse("weights says how baked values are stored", "bake", "nothing to bake");
  }
}

const simdOf = ({ simd, mode }: EmitOptions): NonNullable<EmitOptions["simd"]> =>
  simd ?? (mode === "reproducible" ? "plain" : "both");

/**
 * What is emitted must not depend on the machine that emits it. One lowering serves both variants, so that they share
 * memory and manifest; it is the one for fused multiply-add where that is among them.
 */
const emittedWasm = (simd: NonNullable<EmitOptions["simd"]>): Target => ({
  ...wasmTarget,
  profile: mode => ({ ...wasmTarget.profile(mode), fma: simd !== "plain" && mode === "fast" }),
});

function codeOf(program: LoweredProgram, options: EmitOptions): EmittedCode {
  if (options.target === "js") return { target: "js", factory: generateJs(program) };
  const code = { target: "wasm", exportName, placement: options.wasm ?? "inline" } as const;
  const names = options.names ?? false;
  if (!options.threads) return { ...code, variants: variantsOf(program, simdOf(options), names) };
  const parallel = parallelize(program);
  const variants = variantsOf(parallel, simdOf(options), names);
  const sharedAt = sharedFlagOf(variants.plain ?? variants.relaxed);
  return { ...code, variants, threads: { layout: poolLayoutOf(parallel), sharedAt } };
}

/** Where the program multiplies and adds nothing, both variants are the same code, which is carried once. */
function variantsOf(program: LoweredProgram, simd: NonNullable<EmitOptions["simd"]>, names: boolean): Variants {
  const plain = generateWasm(program, { relaxed: false, names });
  if (simd === "plain") return { plain };
  const relaxed = generateWasm(program, { relaxed: true, names });
  if (plain.every((byte, i) => byte === relaxed[i])) return { plain };
  return simd === "both" ? { plain, relaxed } : { relaxed };
}
