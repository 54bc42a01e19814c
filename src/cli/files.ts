import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { GradcError } from "../shared/errors.ts";

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
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const target = resolve(path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(temporary, content);
    renameSync(temporary, target);
  } catch (error) {
    discard(temporary);
    throw new GradcError("write", `${path} cannot be written`, { received: reason(error), cause: error });
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

/** Writes several files into a folder; returns their paths. */
export function writeFiles(folder: string, files: ReadonlyMap<string, string | Uint8Array>): string[] {
  return [...files].map(([name, content]) => {
    const path = join(folder, name);
    writeFileAtomic(path, content);
    return path;
  });
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
