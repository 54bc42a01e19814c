import { manifestOf } from "../codegen/manifest/index.ts";
import type { Executable, Target } from "../codegen/target.ts";
import { wasmTarget } from "../codegen/wasm/index.ts";
import { checkFinite } from "./check-finite.ts";
import { argumentError } from "./graph/arguments.ts";
import { currentSite } from "./graph/call-site.ts";
import { type ProgramGraph, rootsOf } from "./graph/program-graph.ts";
import type { Tensor } from "./graph/tensor.ts";
import { topological } from "./graph/traverse.ts";
import type { NumericMode } from "./loop/ir.ts";
import { lowerProgram } from "./lower/index.ts";
import { lowerWithin } from "./lower/within.ts";
import { type Observer, optimizeProgram } from "./pipeline.ts";
import type { LoweredProgram } from "./plan/ir.ts";
import { isRecord } from "./program/names.ts";
import type { Net, TargetName } from "./program/net-type.ts";
import { type Functions, Program } from "./program/program.ts";
import type { Fail } from "./runtime/errors.ts";
import { createNet } from "./runtime/net.ts";
import type { Pool } from "./runtime/pool.ts";
import { checkThreadCount } from "./runtime/thread-count.ts";
import type { ErrorCode } from "./shared/error-codes.ts";
import { GradcError } from "./shared/errors.ts";

export type { TargetName };

export interface CompileOptions {
  /** Where the network runs. Default: the fastest that this host allows, of wasm, js, interpret. */
  readonly target?: TargetName;
  /** `fast` (default), or `reproducible`: the same bits on every target. */
  readonly mode?: NumericMode;
  /** Compile these functions only. */
  readonly only?: readonly string[];
  /** For the initial values of parameters. Default 0. */
  readonly seed?: number;
  /**
   * Threads that share the work of a call, the caller's among them (default 1): workers that start with the network and
   * end with close(). For WebAssembly, in Node and in pages that are cross-origin isolated; elsewhere the network says
   * so and runs on one. The number changes no bit of a result.
   */
  readonly threads?: number;
  /**
   * The most bytes that the network may take: variables, inputs, results, and what a call keeps in between. Where it would
   * take more, values that wait for the way back are computed again instead; fails where that is not enough. Default: no
   * limit, nothing is computed again. (Several threads take some more for themselves.)
   */
  readonly memory?: number;
  /**
   * `finite`: every call is checked, and one whose results are not finite throws, naming the operation where that began,
   * and leaves the variables as they were. For finding mistakes: it is slow.
   */
  readonly checks?: "finite";
}

/** What an option may be; null: anything. */
export type Choices = Readonly<Record<string, readonly string[] | null>>;

const CHOICES: Choices = {
  target: ["wasm", "js", "interpret"],
  mode: ["fast", "reproducible"],
  checks: ["finite"],
  only: null,
  seed: null,
  threads: null,
  memory: null,
};

/** @throws GradcError `attribute` for an option that is not there, or a value that it does not have */
export function checkOptions(who: string, options: object, choices: Choices): void {
  const names = Object.keys(choices).join(", ");
  if (!isRecord(options)) throw argumentError(who, "its options are not a record", `{ ${names} }`, options);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(choices, name)) {
      throw fail("attribute", `${who} has no option ${name}`, names, name);
    }
    const allowed = choices[name];
    if (value !== undefined && allowed && !allowed.includes(value)) {
      throw fail("attribute", `${who}: ${name} cannot be ${JSON.stringify(value)}`, allowed.join(", "), String(value));
    }
  }
}

/** @throws GradcError `argument` for anything but a program */
export function checkProgram(who: string, value: unknown): void {
  if (!(value instanceof Program))
    throw argumentError(who, "this is no program", "what program(name, { … }) returned", value);
}

/** Leaves out the functions that are not asked for, and the variables that nothing else reads. */
export function restrict(graph: ProgramGraph, only: readonly string[] | undefined): ProgramGraph {
  if (only === undefined) return graph;
  if (!Array.isArray(only)) throw argumentError("compile", "only is not a list", '["predict"]', only);
  const names = graph.functions.map(f => f.name);
  for (const name of only) {
    if (names.includes(name)) continue;
    throw new GradcError("unknown-name", `the program ${graph.name} has no function ${JSON.stringify(name)}`, {
      expected: names.join(", "),
      received: name,
    });
  }
  const functions = graph.functions.filter(f => only.includes(f.name));
  return { ...graph, functions, variables: usedVariables({ ...graph, functions }) };
}

/** The variables that the functions read or update. */
function usedVariables(graph: ProgramGraph): ProgramGraph["variables"] {
  const used = new Set<Tensor>();
  for (const f of graph.functions) {
    for (const node of topological(rootsOf(f))) for (const o of node.outputs) used.add(o);
    for (const u of f.updates) used.add(u.target);
  }
  return graph.variables.filter(v => used.has(v.value));
}

/** The target for programs whose work several threads share. */
export const forThreads = (target: Target): Target => ({
  ...target,
  profile: mode => ({ ...target.profile(mode), threads: true }),
});

export interface LowerRequest {
  readonly initialisers?: boolean;
  readonly observe?: Observer;
  /** The most bytes. */
  readonly memory?: number;
}

/** Graph to lowered program: the passes of the pipeline, then lowering for a target. */
export function lower(
  graph: ProgramGraph,
  target: Pick<Target, "profile">,
  mode: NumericMode,
  { initialisers = true, observe, memory }: LowerRequest = {},
): LoweredProgram {
  const optimized = optimizeProgram(graph, mode, observe, initialisers);
  const options = { profile: target.profile(mode), mode, initialisers };
  return memory === undefined ? lowerProgram(optimized.graph, options) : lowerWithin(optimized.graph, memory, options);
}

/**
 * Mistakes found by the runtime, as the errors of this package, with the caller's place. Emitted modules carry a plain
 * error instead.
 */
export const fail: Fail = (code, problem, expected, received) => {
  const site = currentSite();
  return new GradcError(code as ErrorCode, problem, { expected, received, sites: site ? [site] : [] });
};

/**
 * Compiles a program in memory.
 * @returns a network with one callable per function, its variables set to their initial values
 * @throws GradcError `host` where the host forbids the target asked for, `unknown-name` for a name in `only`, `attribute`
 * for options that are not there, `memory` where the program does not fit
 */
export async function compile<F extends Functions>(program: Program<F>, options: CompileOptions = {}): Promise<Net<F>> {
  const request = requestOf(program, options);
  const { threads, names } = request;
  let pool: Pool | undefined;
  // Pages that stay on one thread do not load it.
  const module = threads > 1 ? await import("./threads.ts") : undefined;
  const several: Several | undefined =
    module &&
    (lowered => {
      pool = module.instantiateThreads(lowered, threads, fail);
      return pool;
    });
  let net: Net<F> | undefined;
  let refusal: unknown;
  for (const name of names) {
    const target = await targetOf(name);
    try {
      net = make<F>(request, target, several);
      break;
    } catch (error) {
      refusal = refusalOf(error);
    }
  }
  if (!net) throw refusal;
  await pool?.ready;
  return net;
}

/** Makes an executable of a WebAssembly program for several threads; undefined where the host has none to offer. */
type Several = (lowered: LoweredProgram) => Executable | undefined;

/** Pages run on WebAssembly, and load the other targets where they cannot. */
const targetOf = async (name: TargetName): Promise<Target> =>
  name === "wasm" ? wasmTarget : (await import("./targets.ts")).TARGETS[name];

/** What is asked for, checked. */
export interface CompileRequest {
  readonly graph: ProgramGraph;
  readonly options: CompileOptions;
  readonly threads: number;
  /** Targets, the one to try first at the front. */
  readonly names: readonly TargetName[];
}

/** @throws GradcError for what cannot be compiled, and for options that are not there */
export function requestOf(program: Program<Functions>, options: CompileOptions): CompileRequest {
  checkProgram("compile", program);
  checkOptions("compile", options, CHOICES);
  const { threads = 1, target, seed = 0 } = options;
  checkThreadCount("compile", threads, fail);
  if (threads > 1 && target !== undefined && target !== "wasm")
    throw fail("attribute", `compile: the target ${target} has one thread`, 'target: "wasm"', `threads: ${threads}`);
  if (!Number.isSafeInteger(seed)) throw argumentError("compile", "the seed is not a whole number", "seed: 42", seed);
  const graph = restrict(program.graph, options.only);
  return { graph, options, threads, names: target ? [target] : ["wasm", "js", "interpret"] };
}

/**
 * @param several where several threads are wanted
 * @throws GradcError `host` where the host forbids the target
 */
export function make<F extends Functions>(
  { graph, options }: CompileRequest,
  chosen: Target,
  several?: Several,
): Net<F> {
  const { mode = "fast", seed = 0, memory } = options;
  const { name } = chosen;
  const parallel = name === "wasm" ? several : undefined;
  const target = parallel ? forThreads(chosen) : chosen;
  const lowered = lower(graph, target, mode, { memory });
  const plain = parallel?.(lowered) ?? target.instantiate(lowered);
  const executable = options.checks ? checkFinite(plain, lowered, () => optimizeProgram(graph, mode).graph) : plain;
  const net = createNet(manifestOf(lowered), executable, { seed, fail });
  return Object.assign(net, { target: name }) as unknown as Net<F>;
}

/** Why a host does not allow a target; other errors are thrown. */
export function refusalOf(error: unknown): GradcError {
  if (error instanceof GradcError && error.code === "host") return error;
  throw error;
}
