import type { LoweredProgram } from "../../src/plan/ir.ts";
import { GradcError } from "../../src/shared/errors.ts";
import type { Executable, Target } from "../target.ts";
import { generateJs } from "./generate.ts";
import { JS_PROFILE } from "./profile.ts";

export { generateJs, generateKernel } from "./generate.ts";

/** Needs a host that allows `new Function`. */
export const jsTarget: Target = { name: "js", profile: () => JS_PROFILE, instantiate };

type Factory = (memory: ArrayBuffer) => Executable["functions"];

function instantiate(program: LoweredProgram): Executable {
  const memory = allocateMemory(program);
  return { memory, functions: evaluateText<Factory>(generateJs(program))(memory) };
}

/** @throws GradcError `size-limit` when the host has no room for the memory */
function allocateMemory(program: LoweredProgram): ArrayBuffer {
  const { bytes, data } = program.memory;
  let memory: ArrayBuffer;
  try {
    if (bytes > 2 ** 31) throw new RangeError("more than 2 GiB");
    memory = new ArrayBuffer(Math.ceil(bytes / 16) * 16);
  } catch (cause) {
    throw new GradcError("size-limit", `${program.name} needs ${bytes} bytes of memory`, { cause });
  }
  const all = new Uint8Array(memory);
  for (const piece of data) all.set(piece.bytes, piece.offset);
  return memory;
}

/** @throws GradcError `host` where the host forbids code from strings */
export function evaluateText<T>(text: string): T {
  try {
    return new Function(`"use strict";return ${text}`)() as T;
  } catch (cause) {
    // By name: the error may come from another realm.
    if ((cause as Error)?.name !== "EvalError") throw cause;
    throw new GradcError("host", "this host forbids generating JavaScript", { received: String(cause), cause });
  }
}
