import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { MARK } from "../../codegen/module/mark.ts";
import type { EmitOptions } from "../aot.ts";
import type { NumericMode } from "../loop/ir.ts";
import type { Program } from "../program/program.ts";
import { GradcError } from "../shared/errors.ts";
import { readBytes, writeFiles } from "./files.ts";

export interface CompileFlags {
  readonly output: string;
  readonly target: "wasm" | "js";
  readonly wasm?: EmitOptions["wasm"];
  readonly simd?: EmitOptions["simd"];
  readonly threads?: boolean;
  readonly names?: boolean;
  readonly only?: readonly string[];
  readonly mode: NumericMode;
  /** Safetensors whose values become part of the module. */
  readonly params?: string;
  readonly weights?: EmitOptions["weights"];
  readonly memory?: number;
  readonly maxGzip?: number;
  readonly check?: boolean;
  readonly json?: boolean;
}

interface FileReport {
  readonly path: string;
  readonly bytes: number;
  readonly gzip: number;
}

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(2)} KB`;

/** Size of what is shipped: code without types and manifest. */
const isShipped = (name: string): boolean => name.endsWith(".js") || name.endsWith(".wasm");

export const gzipSize = (content: Uint8Array): number => gzipSync(content, { level: 9 }).length;

/** Writes the module of a program (or, with `check`, tells whether what is there is up to date). */
export async function compileCommand(program: Program, flags: CompileFlags): Promise<{ text: string; ok: boolean }> {
  // Emission brings a TypeScript compiler along: loaded when it is needed.
  const { emit } = await import("../aot.ts");
  const { target, wasm, simd, threads, names, only, mode, output, params, weights, memory } = flags;
  const files = await emit(program, {
    target,
    mode,
    wasm,
    simd,
    threads,
    names,
    weights,
    memory,
    ...(only ? { only } : {}),
    ...(params === undefined ? {} : { bake: readBytes(params) }),
  });
  const shipped = [...files].filter(([name]) => isShipped(name)).reduce((n, [, bytes]) => n + gzipSize(bytes), 0);
  if (flags.maxGzip !== undefined && shipped > flags.maxGzip * 1024) {
    throw new GradcError("size-limit", `the module of ${program.name} is larger than --max-gzip allows`, {
      expected: `at most ${kilobytes(flags.maxGzip * 1024)} gzip`,
      received: kilobytes(shipped),
    });
  }
  const path = (name: string): string => relative(process.cwd(), join(output, name)) || name;
  const stale = flags.check ? [...files].filter(([name, bytes]) => !isCurrent(join(output, name), bytes)) : [];
  if (!flags.check) {
    for (const name of files.keys()) checkReplaceable(join(output, name), path(name));
    writeFiles(output, files);
  }
  const reports = [...files].map(
    ([name, bytes]): FileReport => ({ path: path(name), bytes: bytes.length, gzip: gzipSize(bytes) }),
  );
  const ok = stale.length === 0;
  if (flags.json) {
    const data = { program: program.name, target, mode, gzip: shipped, upToDate: ok, files: reports };
    return { text: `${JSON.stringify(data, null, 1)}\n`, ok };
  }
  if (flags.check) {
    const lines = stale.map(([name]) => `${path(name)} is not up to date\n`);
    return { text: ok ? `${path("")} is up to date\n` : lines.join(""), ok };
  }
  const lines = reports.map(r => `${r.path}  ${kilobytes(r.bytes)}, gzip ${kilobytes(r.gzip)}`);
  return { text: `${lines.join("\n")}\n`, ok };
}

/**
 * Modules replace modules only: with `-o .`, digits.js may be the model itself.
 * @throws GradcError `write`
 */
function checkReplaceable(file: string, shown: string): void {
  if (!file.endsWith(".js") || !existsSync(file) || readFileSync(file, "utf8").startsWith(MARK)) return;
  throw new GradcError("write", `${shown} is there already, and gradc did not write it`, {
    expected: "no such file, or a module of gradc's",
    mend: "Choose another folder with -o, or move the file.",
  });
}

const isCurrent = (path: string, content: Uint8Array): boolean =>
  existsSync(path) && readFileSync(path).equals(content);
