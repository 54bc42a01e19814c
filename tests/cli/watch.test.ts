import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sourcesOf } from "../../src/cli/watch.ts";
import { gradc, MAIN, ROOT } from "./gradc.ts";

let folder = "";
/** Inside the package, so that models written here find it; not under version control. */
beforeAll(() => {
  mkdirSync(join(ROOT, "out"), { recursive: true });
  folder = mkdtempSync(join(ROOT, "out/watch-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let running: ChildProcess | undefined;
afterEach(() => running?.kill());

const model = (factor: string): string => `import { input, mul, program } from "gradc";
import { size } from "./size.ts";
const x = input("x", [size]);
export default program("scale", { f: { inputs: [x], outputs: { y: mul(x, ${factor}) } } });
`;

describe("gradc compile --watch", () => {
  it("compiles again when the model or what it imports changes, past mistakes, and is quiet otherwise", async () => {
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    write("model.ts", model("2"));
    write("size.ts", "export const size = 3;\n");
    const args = [join(folder, "model.ts"), "-o", join(folder, "made"), "--target", "js"];
    const child = spawn(process.execPath, ["--conditions=source", MAIN, "compile", ...args, "--watch"], { cwd: ROOT });
    running = child;
    let errors = "";
    child.stderr.on("data", data => {
      errors += data;
    });
    /** Waits until the command has come to rest this often. */
    const rested = async (times: number): Promise<void> => {
      const watching = /gradc: watching .*model\.ts\n/g;
      await expect.poll(() => errors.match(watching)?.length ?? 0, { timeout: 20_000 }).toBeGreaterThanOrEqual(times);
    };
    const made = async (): Promise<{ y: Float32Array }> => {
      const { loadSync } = await import(`${join(folder, "made/scale.js")}?${Math.random()}`);
      const net = loadSync();
      return net.f({ x: Array.from(net.f.inputs.x, (_, i) => i + 1) });
    };

    await rested(1);
    expect([...(await made()).y]).toEqual([2, 4, 6]);
    write("model.ts", model("5"));
    await rested(2);
    expect([...(await made()).y]).toEqual([5, 10, 15]);
    write("size.ts", "export const size = 2;\n");
    await rested(3);
    expect([...(await made()).y]).toEqual([5, 10]);

    expect(errors).toBe(`gradc: watching ${relative(ROOT, join(folder, "model.ts"))}\n`.repeat(3));
    write("model.ts", model("oops("));
    await rested(4);
    expect(errors).toContain("throws while it loads");
    expect([...(await made()).y]).toEqual([5, 10]);
    write("model.ts", model("7"));
    await rested(5);
    expect([...(await made()).y]).toEqual([7, 14]);

    // The same text again, and other files in the folder, are no change.
    write("model.ts", model("7"));
    write("notes.txt", "…");
    await new Promise(done => setTimeout(done, 300));
    expect(errors.match(/watching/g)).toHaveLength(5);
    expect(child.exitCode).toBe(null);
  }, 60_000);

  it("looks at the files that a model reaches by relative imports, cycles included", () => {
    const at = (name: string): string => join(folder, "reach", name);
    mkdirSync(at("deep"), { recursive: true });
    writeFileSync(at("a.ts"), 'import { b } from "./deep/b.ts";\nimport { x } from "gradc";\nimport "./gone.ts";\n');
    writeFileSync(at("deep/b.ts"), 'export * from "../a.ts";\nconst c = await import("./c.ts");\n');
    writeFileSync(at("deep/c.ts"), "");
    expect([...sourcesOf(at("a.ts")).keys()].sort()).toEqual(
      ["a.ts", "deep/b.ts", "deep/c.ts", "gone.ts"].map(at).sort(),
    );
  });

  it("refuses what cannot be watched", () => {
    const none = gradc(["compile", "none.ts", "--watch"]);
    expect([none.code, none.err.split("\n")[0]]).toEqual([1, "gradc: there is no file none.ts"]);
    expect(gradc(["compile", "none.ts", "--watch", "--check"]).code).toBe(2);
  });
});

describe("gradc compile --params --bake", () => {
  it("makes the values of a file part of the module", async () => {
    const at = (name: string): string => join(folder, name);
    const MODEL = "tests/inspect/fixtures/line.ts";
    const flags = ["compile", MODEL, "--target", "js", "-o"];
    expect(gradc([...flags, at("plain")]).code).toBe(0);
    const { loadSync } = await import(at("plain/line.js"));
    const net = loadSync();
    net.variables["line.slope"].set(2);
    net.variables["line.offset"].set(1);
    writeFileSync(at("line.safetensors"), net.save());
    const baked = gradc([...flags, at("baked"), "--only", "guess", "--params", at("line.safetensors"), "--bake"]);
    expect([baked.code, baked.err]).toEqual([0, ""]);
    const other = await import(at("baked/line.js"));
    expect([...other.loadSync().guess({ x: [1, 2] }).guess]).toEqual([3, 5]);

    const gone = gradc([...flags, at("none"), "--params", at("gone.safetensors"), "--bake"]);
    expect([gone.code, gone.err.split("\n")[1]]).toEqual([1, "  received  no such file or directory (ENOENT)"]);
    expect(gradc([...flags, at("none"), "--bake"]).code).toBe(2);
    expect(gradc([...flags, at("none"), "--params", at("line.safetensors")]).code).toBe(2);
    expect(existsSync(at("none"))).toBe(false);
    const run = gradc(["run", MODEL, "guess", "--params", at("gone.safetensors")]);
    expect([run.code, run.err.split("\n")[1]]).toEqual([1, "  received  no such file or directory (ENOENT)"]);
  });
});

it("gradc --version prints the package's", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(gradc(["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
});
