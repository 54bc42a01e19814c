import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { GradcError } from "../shared/errors.ts";
import { convertWeights, WeightFile } from "../weights/index.ts";

/** What the operating system said: `EACCES: permission denied, open 'x'` → `permission denied (EACCES)`. */
function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const text = /^[A-Z0-9]+: ([^,]+)/.exec(message ?? "")?.[1];
  return code !== undefined && text !== undefined ? `${text} (${code})` : String(message ?? error);
}

/**
 * Writes a file all or nothing: under a temporary name first, then renamed. Folders are made.
 * @throws GradcError `write`
 */
export const writeFileAtomic = (path: string, content: string | Uint8Array): void =>
  writeAll(new Map([[path, content]]));

/**
 * Writes files into a folder. All are written under temporary names before the first is renamed: where one cannot be
 * written, none of the old ones is replaced.
 * @throws GradcError `write`
 */
export const writeFiles = (folder: string, files: ReadonlyMap<string, string | Uint8Array>): void =>
  writeAll(new Map([...files].map(([name, content]) => [join(folder, name), content])));

function writeAll(files: ReadonlyMap<string, string | Uint8Array>): void {
  const temporary = (path: string): string => `${resolve(path)}.${process.pid}.tmp`;
  let at = "";
  try {
    for (const [path, content] of files) {
      at = path;
      mkdirSync(dirname(resolve(path)), { recursive: true });
      writeFileSync(temporary(path), content);
    }
    for (const path of files.keys()) {
      at = path;
      renameSync(temporary(path), resolve(path));
    }
  } catch (error) {
    for (const path of files.keys()) discard(temporary(path));
    throw new GradcError("write", `${at} cannot be written`, { received: reason(error), cause: error });
  }
}

/** The temporary file may not exist, nor the folder it would be in. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What made the write fail is reported instead.
  }
}

/** @throws GradcError `usage` where the file cannot be read */
export const readText = (path: string): string => readBytes(path).toString("utf8");

/** @throws GradcError `usage` where the file cannot be read */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new GradcError("usage", `${path} cannot be read`, { received: reason(error), mend: "Check the path." });
  }
}

const isHalf = (dtype: string | undefined): boolean => dtype === "F16" || dtype === "BF16";

/**
 * A file of weights; where it has some in 16 bits, with those in 32.
 * @throws GradcError `usage`, `safetensors`
 */
export function readWeights(path: string): Uint8Array {
  const bytes = readBytes(path);
  const file = new WeightFile(bytes);
  if (!file.names.some(name => isHalf(file.storedAs(name)))) return bytes;
  const known = (f: WeightFile) =>
    f.names.filter(name => /^(F16|F32|F64|BF16|I32|U32|BOOL)$/.test(String(f.storedAs(name))));
  return convertWeights(bytes, f => Object.fromEntries(known(f).map(name => [name, f.take(name)])), { strict: false });
}

/** @throws GradcError `usage`, `parse` */
export function readJson(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GradcError("parse", `${path} is no JSON`, {
      received: error instanceof Error ? error.message : String(error),
    });
  }
}
