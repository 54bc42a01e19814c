import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const MAIN = resolve(ROOT, "src/cli/main.ts");
export const FIXTURES = "tests/cli/fixtures";

export interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in the repository's folder, or another; `uid`: as another user, where this one may change that. */
export function gradc(args: readonly string[], input = "", uid?: number, cwd = ROOT): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--conditions=source", MAIN, ...args], {
    cwd,
    input,
    encoding: "utf8",
    ...(uid === undefined ? {} : { uid }),
  });
  return { code: status, out: stdout, err: stderr };
}
