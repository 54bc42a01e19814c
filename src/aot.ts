import { generateJs, jsTarget } from "../codegen/js/index.ts";
import { type EmittedCode, emitModule } from "../codegen/module/emit.ts";
import type { Target } from "../codegen/target.ts";
import { exportName, generateWasm } from "../codegen/wasm/generate.ts";
import { wasmTarget } from "../codegen/wasm/index.ts";
import { type Choices, checkOptions, fail, lower, restrict } from "./compile.ts";
import type { ProgramGraph } from "./graph/program-graph.ts";
import type { NumericMode } from "./loop/ir.ts";
import type { Observer } from "./pipeline.ts";
import type { LoweredProgram } from "./plan/ir.ts";
import type { Functions, Program } from "./program/program.ts";
import { read } from "./runtime/safetensors.ts";
import { BYTES } from "./shared/dtype.ts";
import { maxSizeOf } from "./shared/shape.ts";

export interface EmitOptions {
  /** Default: wasm. */
  readonly target?: "wasm" | "js";
  /** Where WebAssembly goes: into the module (default), into a file beside it, or the caller of load passes it. */
  readonly wasm?: "inline" | "beside" | "import";
  /** `fast` (default), or `reproducible`: the same bits on every target. */
  readonly mode?: NumericMode;
  /** These functions only. Without functions that update variables, the module holds no initialisers either. */
  readonly only?: readonly string[];
  /** A safetensors file with values of all variables: they become part of the module in the place of initialisers. */
  readonly bake?: Uint8Array;
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
  mode: ["fast", "reproducible"],
  only: null,
  bake: null,
  fileName: null,
  root: null,
  observe: null,
};

/**
 * Compiles a program ahead of time: to an ES module that imports nothing, its types, and a manifest. The same program
 * gives the same bytes.
 * @returns contents by file name: `digits.js`, `digits.d.ts`, `digits.manifest.json`, and `digits.wasm` for `beside`
 * @throws GradcError `unknown-name` for a name in `only`; `safetensors`, `restore-mismatch` for `bake`
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
  const { target = "wasm", mode = "fast", bake } = options;
  const restricted = restrict(graph, options.only);
  const trains = restricted.functions.some(f => f.updates.length > 0);
  const lowered = lower(restricted, target === "js" ? jsTarget : plainWasm, mode, {
    initialisers: bake === undefined && (options.only === undefined || trains),
    observe: options.observe,
  });
  const final = bake === undefined ? lowered : withValues(lowered, bake);
  return emitModule(final, codeOf(final, options), {
    fileName: options.fileName,
    root: options.root ?? globalThis.process?.cwd(),
  });
}

/** WebAssembly that runs wherever SIMD does: what is emitted must not depend on the machine that emits it. */
const plainWasm: Target = {
  ...wasmTarget,
  profile: mode => ({ ...wasmTarget.profile(mode), fma: false }),
};

function codeOf(program: LoweredProgram, options: EmitOptions): EmittedCode {
  if (options.target === "js") return { target: "js", factory: generateJs(program) };
  const bytes = generateWasm(program, { relaxed: false });
  return { target: "wasm", bytes, exportName, placement: options.wasm ?? "inline" };
}

/** The program with the variables of a safetensors file as initial contents of its memory. */
function withValues(program: LoweredProgram, file: Uint8Array): LoweredProgram {
  const memory = new ArrayBuffer(program.memory.bytes);
  const variables = program.variables.map(v => ({ ...v, shape: v.shape.map(d => Number(d)) }));
  const names = program.variables.map(v => v.name);
  const { missing } = read(file, memory, variables, { strict: false }, fail);
  if (missing.length > 0)
    throw fail("restore-mismatch", "the file lacks variables", names.join(", "), missing.join(", "));
  const data = program.variables.map(v => ({
    offset: v.offset,
    bytes: new Uint8Array(memory, v.offset, BYTES[v.dtype] * maxSizeOf(v.shape)),
  }));
  return { ...program, memory: { ...program.memory, data: [...program.memory.data, ...data] } };
}
