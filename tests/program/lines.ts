import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { GradcError } from "../../src/shared/errors.ts";

/** Finds the line of a test file that ends with the comment `// <mark>`. */
export function lineFinder(url: string): (mark: string) => number {
  const lines = readFileSync(fileURLToPath(url), "utf8").split("\n");
  return mark => {
    const at = lines.findIndex(l => l.trimEnd().endsWith(`// ${mark}`));
    if (at < 0) throw new Error(`no line is marked ${mark}`);
    return at + 1;
  };
}

/** The GradcError that `body` throws. */
export function errorOf(body: () => unknown): GradcError {
  try {
    body();
  } catch (error) {
    if (error instanceof GradcError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
