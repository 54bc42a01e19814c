import { argumentError } from "../graph/arguments.ts";
import type { FunctionGraph, ProgramGraph } from "../graph/program-graph.ts";
import type { LoweredProgram } from "../plan/ir.ts";
import { GradcError } from "../shared/errors.ts";
import { type LowerOptions, lowerProgram } from "./index.ts";
import { fitting } from "./rematerialise.ts";

/** Into how many stretches the way to the peak is cut, tried in this order. */
const COUNTS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
/** So many larger counts that save nothing more end the search. */
const PATIENCE = 3;

interface Fitted {
  readonly graph: FunctionGraph;
  readonly bytes: number;
}

/** The function with as little computed again as fits, or else the least memory that was found. */
function fitted(f: FunctionGraph, allowed: number, bytesOf: (f: FunctionGraph) => number): Fitted {
  const tried = (graph: FunctionGraph): Fitted => ({ graph, bytes: bytesOf(graph) });
  let best = tried(f);
  if (best.bytes <= allowed) return best;
  const { waiting, rebuilt } = fitting(f);
  let worse = 0;
  for (const count of COUNTS) {
    if (count > waiting || worse === PATIENCE) break;
    let found = tried(rebuilt(count, count - 1));
    if (found.bytes <= allowed) {
      for (let [low, high] = [0, count - 1]; high - low > 1; ) {
        const middle = (low + high) >> 1;
        const less = tried(rebuilt(count, middle));
        if (less.bytes <= allowed) [found, high] = [less, middle];
        else low = middle;
      }
      return found;
    }
    worse = found.bytes < best.bytes ? 0 : worse + 1;
    if (worse === 0) best = found;
  }
  return best;
}

/**
 * Lowers a program into a number of bytes: values that wait for the way back, while most is alive, are computed again from
 * others where memory is short. Variables, inputs, results and constants have their places in any case.
 * @throws GradcError `memory` where it does not fit
 */
export function lowerWithin(graph: ProgramGraph, bytes: number, options: LowerOptions): LoweredProgram {
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw argumentError("compile", "the memory is not a number of bytes", "memory: 2 ** 20", bytes);
  }
  const plain = lowerProgram(graph, options);
  if (plain.memory.bytes <= bytes) return plain;
  const compact = { ...options, compact: true };
  const scratch = Math.max(0, ...plain.reports.map(r => r.scratchBytes));
  const given = plain.memory.bytes - scratch;
  const bytesOf = (f: FunctionGraph): number =>
    lowerProgram({ ...graph, functions: [f] }, { ...compact, initialisers: false }).reports[0].scratchBytes;
  const functions = graph.functions.map(f => fitted(f, bytes - given, bytesOf).graph);
  const lowered = lowerProgram({ ...graph, functions }, compact);
  if (lowered.memory.bytes <= bytes) return lowered;
  const least = lowered.memory.bytes < plain.memory.bytes ? lowered : plain;
  const most = least.reports.reduce((a, b) => (b.scratchBytes > a.scratchBytes ? b : a));
  throw new GradcError("memory", `compile: ${graph.name} does not fit in ${bytes} bytes`, {
    expected:
      `memory of at least ${least.memory.bytes} bytes: ${least.memory.bytes - most.scratchBytes} for variables, inputs, ` +
      `results and constants, ${most.scratchBytes} for what ${most.name} keeps in between, computed again where that saves`,
    received: `memory: ${bytes} (without computing anything again: ${plain.memory.bytes})`,
  });
}
