import { poolLayoutOf } from "../codegen/manifest/index.ts";
import { compileWasm, generateWasm, hasRelaxedSimd } from "../codegen/wasm/index.ts";
import type { LoweredProgram } from "./plan/ir.ts";
import { parallelize } from "./plan/parallel.ts";
import type { Fail } from "./runtime/errors.ts";
import { createPool, type Pool, warnAlone, withoutThreads } from "./runtime/pool.ts";
import { GradcError } from "./shared/errors.ts";

/** A WebAssembly program on several threads of this host. Where it has none to offer it says so: undefined. */
export function instantiateThreads(lowered: LoweredProgram, threads: number, fail: Fail): Pool | undefined {
  let reason = withoutThreads();
  if (reason === undefined) {
    const program = parallelize(lowered);
    try {
      const module = compileWasm(generateWasm(program, { relaxed: hasRelaxedSimd() }));
      return createPool(module, poolLayoutOf(program), threads, fail);
    } catch (error) {
      const refused = error instanceof RangeError || (error instanceof GradcError && error.code === "host");
      if (!refused) throw error;
      reason = error.message;
    }
  }
  warnAlone(lowered.name, reason);
  return undefined;
}
