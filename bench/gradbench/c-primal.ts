import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export interface CPrimal extends Disposable {
  /** The value, and seconds of a call: the median of about `seconds` of calls. */
  time(seconds: number): { readonly value: number; readonly seconds: number };
}

/**
 * A module's primal in C, compiled with -O2, on the given numbers.
 * @returns undefined where there is no C compiler
 */
export function cPrimal(module: string, numbers: readonly number[]): CPrimal | undefined {
  if (spawnSync("cc", ["--version"]).status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "gradc-bench-"));
  const [program, data] = [join(folder, module), join(folder, "numbers")];
  execFileSync("cc", ["-O2", "-o", program, source("main.c"), source(`${module}.c`), "-lm"]);
  writeFileSync(data, new Uint8Array(Float64Array.from(numbers).buffer));
  return {
    time(seconds) {
      const [value, nanoseconds] = execFileSync(program, [data, String(seconds)], { encoding: "utf8" }).split(" ");
      return { value: Number(value), seconds: Number(nanoseconds) / 1e9 };
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true });
    },
  };
}
