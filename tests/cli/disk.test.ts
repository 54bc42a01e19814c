import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFiles } from "../../src/cli/files.ts";
import { gradc, MAIN, ROOT } from "./gradc.ts";

const MODEL = "tests/inspect/fixtures/line.ts";
const NAMES = ["line.d.ts", "line.js", "line.manifest.json"];

/** A module of an earlier day. */
const OLD = "// Compiled by gradc\nold";

let folder = "";
/** What a whole compilation writes, by name. */
const whole = new Map<string, string>();
beforeAll(() => {
  mkdirSync(join(ROOT, "out"), { recursive: true });
  folder = mkdtempSync(join(ROOT, "out/disk-"));
  expect(gradc(["compile", MODEL, "-o", join(folder, "whole"), "--target", "js"]).code).toBe(0);
  for (const name of NAMES) whole.set(name, readFileSync(join(folder, "whole", name), "utf8"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder with older files of the module. */
function older(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of NAMES) writeFileSync(join(path, file), OLD);
  return path;
}

describe.skipIf(process.platform === "win32")("a disk that takes no more", () => {
  it("keeps all old files, leaves nothing half written, and says why", () => {
    const path = older("full");
    // Files may not grow beyond 2 KB: the module does not fit, its types and manifest might.
    const args = ["--conditions=source", MAIN, "compile", MODEL, "-o", relative(ROOT, path), "--target", "js"];
    const shell = ["-c", 'ulimit -f 4; exec "$0" "$@"', process.execPath, ...args];
    const { status, stderr } = spawnSync("sh", shell, { cwd: ROOT, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^gradc: \S+line\.\S+ cannot be written\n {2}received {2}file too large \(EFBIG\)\n/);
    expect(readdirSync(path).sort()).toEqual(NAMES);
    for (const name of NAMES) expect(readFileSync(join(path, name), "utf8")).toBe(OLD);
  });
});

it("several files are written together or not at all", () => {
  const path = older("together");
  const files = new Map([
    ["line.js", "new"],
    ["line.d.ts/below", "new"],
  ]);
  expect(() => writeFiles(path, files)).toThrow(/line\.d\.ts.below cannot be written/);
  expect(readdirSync(path).sort()).toEqual(NAMES);
  expect(readFileSync(join(path, "line.js"), "utf8")).toBe(OLD);
});

describe("a process that is killed while it writes", () => {
  it("leaves every file old or new, and the next one finishes the work", async () => {
    const path = older("killed");
    const args = ["--conditions=source", MAIN, "compile", MODEL, "-o", path, "--target", "js"];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: "ignore" });
    const ended = new Promise(done => child.on("exit", done));
    const watcher = watch(path, () => child.kill("SIGKILL"));
    await ended;
    watcher.close();
    for (const name of NAMES) expect([OLD, whole.get(name)]).toContain(readFileSync(join(path, name), "utf8"));

    expect(gradc(["compile", MODEL, "-o", path, "--target", "js"]).code).toBe(0);
    for (const name of NAMES) expect(readFileSync(join(path, name), "utf8")).toBe(whole.get(name));
  });
});
