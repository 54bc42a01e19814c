import { GradcError, InternalError } from "../../src/shared/errors.ts";
import type { Executable } from "../target.ts";
import { EMPTY_MODULE } from "./custom-section.ts";
import { functionOfExport, MEMORY_EXPORT } from "./generate.ts";

const hostError = (problem: string, received: string, cause?: unknown): GradcError =>
  new GradcError("host", problem, { expected: "WebAssembly with SIMD, compiled from bytes", received, cause });

/**
 * Compiles a module for this host.
 * @throws GradcError `host` where WebAssembly is missing, has no SIMD, or may not be compiled from bytes
 */
export function compileWasm(bytes: Uint8Array): WebAssembly.Module {
  if (typeof WebAssembly !== "object") throw hostError("This host has no WebAssembly", "none");
  try {
    return new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    // What forbids code from bytes refuses even a module without code.
    if (refuses(EMPTY_MODULE)) throw hostError("This host forbids WebAssembly from bytes", String(cause), cause);
    if (!hasSimd()) throw hostError("This host's WebAssembly has no SIMD", String(cause), cause);
    if (!(cause instanceof WebAssembly.CompileError))
      throw hostError("This host did not compile", String(cause), cause);
    throw new InternalError(`wasm: the generated module is not valid: ${cause.message}`, cause);
  }
}

function refuses(bytes: Uint8Array): boolean {
  try {
    return !new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch {
    return true;
  }
}

/** () → v128, a zero. */
const hasSimd = (): boolean =>
  WebAssembly.validate(
    Uint8Array.from([
      ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 17, 11],
    ]),
  );

/**
 * A running instance of a module that generateWasm made. Instances of one module share its code, not its memory.
 * @throws GradcError `host` where compilation is refused or the memory cannot be had
 */
export function instantiateWasm(source: Uint8Array | WebAssembly.Module): Executable {
  const module = source instanceof Uint8Array ? compileWasm(source) : source;
  const { exports } = instance(module);
  const functions: Record<string, (...dims: number[]) => void> = Object.create(null);
  let memory: ArrayBufferLike | undefined;
  for (const [name, value] of Object.entries(exports)) {
    if (name === MEMORY_EXPORT) memory = (value as WebAssembly.Memory).buffer;
    else functions[functionOfExport(name)] = value as (...dims: number[]) => void;
  }
  if (memory === undefined) throw new InternalError("wasm: the module exports no memory");
  return { memory, functions };
}

function instance(module: WebAssembly.Module): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new GradcError("host", "This host has no memory of the size the program needs", {
      received: String(cause),
      mend: "Lower the bounds of the program's dimensions, or its sizes.",
      cause,
    });
  }
}
