import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileSync } from "../../src/compile-sync.ts";
import { CATALOGUE } from "../../src/ops/index.ts";
import line from "../inspect/fixtures/line.ts";
import { FIXTURES, gradc, MAIN, ROOT } from "./gradc.ts";

let folder = "";
/** Inside the package, so that models written by tests find it; not under version control. */
beforeAll(() => {
  mkdirSync(join(ROOT, "out"), { recursive: true });
  folder = mkdtempSync(join(ROOT, "out/cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => relative(ROOT, join(folder, name));

const MODEL = "tests/inspect/fixtures/line.ts";

describe("gradc compile", () => {
  it("writes into out, so that nothing stands beside a model of the same name", () => {
    mkdirSync(join(folder, "elsewhere"));
    const made = gradc(["compile", join(ROOT, MODEL), "--target", "js"], "", undefined, join(folder, "elsewhere"));
    expect(made.err).toBe("");
    expect(made.out).toMatch(/^out\/line.js /);
    expect(readdirSync(join(folder, "elsewhere"))).toEqual(["out"]);
  });

  it("replaces modules, and no file that it has not written", () => {
    mkdirSync(join(folder, "own"));
    const mine = join(folder, "own/line.js");
    writeFileSync(mine, "export const mine = 1;\n");
    const refused = gradc(["compile", MODEL, "-o", at("own"), "--target", "js"]);
    expect(refused.code).toBe(1);
    expect(refused.err).toBe(
      `gradc: ${at("own")}/line.js is there already, and gradc did not write it\n` +
        "  expected  no such file, or a module of gradc's\n" +
        "  mend      Choose another folder with -o, or move the file.\n" +
        "  code      write (docs/errors.md#write)\n",
    );
    expect(readdirSync(join(folder, "own"))).toEqual(["line.js"]);
    expect(readFileSync(mine, "utf8")).toBe("export const mine = 1;\n");
    rmSync(mine);
    for (const _ of ["first", "again"]) {
      expect(gradc(["compile", MODEL, "-o", at("own"), "--target", "js"]).code).toBe(0);
    }
  });

  it("writes the module, its types and its manifest, and says how large they are", async () => {
    const made = gradc(["compile", MODEL, "-o", at("js"), "--target", "js"]);
    expect(made.err).toBe("");
    expect(made.code).toBe(0);
    expect(readdirSync(join(folder, "js")).sort()).toEqual(["line.d.ts", "line.js", "line.manifest.json"]);
    expect(made.out).toMatch(new RegExp(`^${at("js")}/line.js {2}[\\d.]+ KB, gzip [\\d.]+ KB\n`));
    const { loadSync } = await import(join(folder, "js/line.js"));
    const net = loadSync();
    net.variables["line.slope"].set(2);
    net.variables["line.offset"].set(1);
    expect([...net.guess({ x: [1, 2] }).guess]).toEqual([3, 5]);

    const current = gradc(["compile", MODEL, "-o", at("js"), "--target", "js", "--check"]);
    expect([current.code, current.out]).toEqual([0, `${at("js")} is up to date\n`]);
    writeFileSync(join(folder, "js/line.d.ts"), "");
    const stale = gradc(["compile", MODEL, "-o", at("js"), "--target", "js", "--check"]);
    expect([stale.code, stale.out]).toEqual([1, `${at("js")}/line.d.ts is not up to date\n`]);
    expect(readFileSync(join(folder, "js/line.d.ts"), "utf8")).toBe("");
  });

  it("puts WebAssembly beside the module, restricts to functions and prints JSON", () => {
    const made = gradc(["compile", MODEL, "-o", at("w"), "--wasm", "beside", "--only", "guess", "--json"]);
    expect(made.err).toBe("");
    const report = JSON.parse(made.out);
    expect(report).toMatchObject({ program: "line", target: "wasm", mode: "fast", upToDate: true });
    const names = report.files.map((f: { path: string }) => f.path);
    expect(names).toContain(`${at("w")}/line.wasm`);
    for (const f of report.files) expect(readFileSync(join(ROOT, f.path)).length).toBe(f.bytes);
    expect(readFileSync(join(folder, "w/line.d.ts"), "utf8")).not.toContain("readonly fit");
  });

  it("makes code for several threads where asked to", () => {
    const made = gradc(["compile", MODEL, "-o", at("t"), "--threads"]);
    expect([made.code, made.err]).toEqual([0, ""]);
    expect(readFileSync(join(folder, "t/line.d.ts"), "utf8")).toContain("readonly threads?: number;");
    const refused = gradc(["compile", MODEL, "-o", at("t"), "--threads", "--wasm", "import"]);
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining("hosts that import WebAssembly have one thread"),
    ]);
  });

  it("bakes values in 16 bits, for one kind of host, with names for profilers", async () => {
    const params = join(folder, "line.safetensors");
    const net = compileSync(line, { target: "js" });
    net.variables["line.slope"].set(1 / 3);
    net.variables["line.offset"].set(1);
    writeFileSync(params, net.save());
    const flags = ["--only", "guess", "--params", at("line.safetensors"), "--bake", "--weights", "f16"];
    const made = gradc(["compile", MODEL, "-o", at("h"), ...flags, "--wasm", "beside", "--simd", "plain", "--names"]);
    expect([made.code, made.err]).toEqual([0, ""]);
    const { loadSync } = await import(join(folder, "h/line.js"));
    // The half next to a third.
    expect([...loadSync().guess({ x: [3] }).guess]).toEqual([3 * 0.333251953125 + 1]);
    const wasm = new WebAssembly.Module(readFileSync(join(folder, "h/line.wasm")));
    expect(WebAssembly.Module.customSections(wasm, "name")).toHaveLength(1);
    expect(readFileSync(join(folder, "h/line.js"), "utf8")).not.toContain("validate");

    const alone = gradc(["compile", MODEL, "-o", at("h"), "--weights", "f16"]);
    expect([alone.code, alone.err.split("\n")[0]]).toEqual([
      1,
      "gradc: emit: weights says how baked values are stored",
    ]);
  });

  it("keeps what is there when the module would be too large or cannot be written", () => {
    const large = gradc(["compile", MODEL, "-o", at("none"), "--max-gzip", "0.5"]);
    expect(large.code).toBe(1);
    expect(large.err).toMatch(
      /^gradc: the module of line is larger than --max-gzip allows\n {2}expected {2}at most 0.50 KB gzip\n {2}received {2}[\d.]+ KB\n/,
    );
    expect(existsSync(join(folder, "none"))).toBe(false);
    const tight = gradc(["compile", MODEL, "-o", at("none"), "--memory", "16"]);
    expect([tight.code, tight.err.split("\n")[0]]).toEqual([1, "gradc: compile: line does not fit in 16 bytes"]);

    writeFileSync(join(folder, "file"), "mine");
    const blocked = gradc(["compile", MODEL, "-o", at("file/below"), "--target", "js"]);
    expect(blocked.code).toBe(1);
    expect(blocked.err).toBe(
      [
        `gradc: ${at("file/below")}/line.js cannot be written`,
        "  received  not a directory (ENOTDIR)",
        "  mend      Choose a directory you may write to with -o, or free some space.",
        "  code      write (docs/errors.md#write)",
        "",
      ].join("\n"),
    );
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
  });

  it("says that permission is denied", () => {
    mkdirSync(join(folder, "locked"), { mode: 0o555 });
    chmodSync(folder, 0o755);
    // Permissions do not bind the superuser, who can be somebody else instead.
    const nobody = process.getuid?.() === 0 ? 65534 : undefined;
    const denied = gradc(["compile", MODEL, "-o", at("locked"), "--target", "js"], "", nobody);
    expect([denied.code, denied.err.split("\n")[1]]).toEqual([1, "  received  permission denied (EACCES)"]);
    expect(readdirSync(join(folder, "locked"))).toEqual([]);
  });
});

describe("model files", () => {
  const failing = (file: string, ...flags: string[]): string => {
    const { code, out, err } = gradc(["inspect", file, ...flags]);
    expect([code, out]).toEqual([1, ""]);
    return err;
  };

  it("says that there is none", () => {
    expect(failing("missing.ts")).toBe(
      [
        "gradc: there is no file missing.ts",
        "  expected  a TypeScript or JavaScript module that exports a program",
        `  received  ${ROOT}missing.ts`,
        "  mend      Check the path.",
        "  code      model-file (docs/errors.md#model-file)",
        "",
      ].join("\n"),
    );
  });

  it("shows where one throws", () => {
    expect(failing(`${FIXTURES}/throws.ts`)).toBe(
      [
        `gradc: ${FIXTURES}/throws.ts throws while it loads`,
        "  received  TypeError: Cannot read properties of undefined (reading 'hidden')",
        `  at        ${FIXTURES}/throws.ts:5:30`,
        "  mend      Mend the error in the file; `node` on the file alone shows the whole stack.",
        "  code      model-file (docs/errors.md#model-file)",
        "",
      ].join("\n"),
    );
  });

  it("shows where the syntax of one is wrong", () => {
    writeFileSync(join(folder, "syntax.ts"), 'import { input } from "gradc";\nconst x = input("x", [2];\n');
    const err = failing(at("syntax.ts"));
    expect(err).toMatch(/ throws while it loads\n {2}received {2}SyntaxError: /);
    expect(err).toContain(`  at        ${at("syntax.ts")}:2:`);
  });

  it("passes on what is wrong with a declaration, with its line", () => {
    expect(failing(`${FIXTURES}/wrong-shape.ts`)).toBe(
      [
        "gradc: matmul: inner sizes differ: 3 and 2",
        "  expected  [..., m, k] and [..., k, n]",
        "  received  f32 [2, 3] and f32 [2, 3]",
        `  at        ${FIXTURES}/wrong-shape.ts:5:67`,
        "  mend      Check the shapes printed above; transpose, reshape or broadcast one of them.",
        "  code      shape (docs/errors.md#shape)",
        "",
      ].join("\n"),
    );
  });

  it("says that one exports nothing of use, or too much", () => {
    expect(failing(`${FIXTURES}/empty.ts`)).toBe(
      [
        `gradc: ${FIXTURES}/empty.ts exports no program`,
        "  expected  export default program(…)",
        "  received  answer",
        "  mend      Export a program: `export default program(…)`.",
        "  code      model-file (docs/errors.md#model-file)",
        "",
      ].join("\n"),
    );
    expect(failing(`${FIXTURES}/several.ts`)).toContain(
      "exports several programs\n  expected  one program, or --program <name>\n  received  first, second\n",
    );
    expect(failing(`${FIXTURES}/several.ts`, "--program", "third")).toContain('exports no program "third"');
    const chosen = gradc(["inspect", `${FIXTURES}/several.ts`, "--program", "second"]);
    expect([chosen.code, chosen.out.includes("tanh(")]).toEqual([0, true]);
  });
});

describe("gradc inspect", () => {
  it("prints a derivation and writes a page", () => {
    const text = gradc(["inspect", MODEL, "--of", "line.slope"]);
    expect([text.code, text.err]).toEqual([0, ""]);
    expect(text.out).toMatch(/^∂squares\/∂line.slope {2}f32 \[\]/);
    const page = gradc(["inspect", MODEL, "--format", "html", "-o", at("line.html")]);
    expect([page.code, page.out]).toEqual([0, ""]);
    expect(readFileSync(join(folder, "line.html"), "utf8")).toMatch(/^<!doctype html>/);
  });
});

describe("gradc run", () => {
  it("runs a function on inputs from a file", () => {
    writeFileSync(join(folder, "x.json"), '{ "x": [[1, 2], [3, 4]] }');
    const shaped = gradc(["run", MODEL, "guess", "--inputs", at("x.json")]);
    expect([shaped.code, shaped.err]).toEqual([
      1,
      expect.stringMatching(
        /^gradc: "x": nested arrays of another shape\n {2}expected {2}f32 \[B\]\n {2}received {2}\[2, 2\]\n/,
      ),
    ]);
    writeFileSync(join(folder, "x.json"), '{ "x": [1, 2, 3] }');
    const ran = gradc(["run", MODEL, "guess", "--inputs", at("x.json"), "--target", "js"]);
    expect([ran.code, ran.err]).toEqual([0, ""]);
    expect(JSON.parse(ran.out)).toEqual({ guess: { dtype: "f32", shape: [3], data: [0, 0, 0] } });
  });

  it("names the functions and inputs that are there", () => {
    const fn = gradc(["run", MODEL, "predict"]);
    expect([fn.code, fn.err.split("\n")[1]]).toEqual([1, "  expected  fit, guess"]);
    const bare = gradc(["run", MODEL, "guess"]);
    expect([bare.code, bare.err.split("\n")[0]]).toEqual([1, "gradc: guess: x is missing"]);
    const file = gradc(["run", MODEL, "guess", "--inputs", "none.json"]);
    expect([file.code, file.err.split("\n")[0]]).toEqual([1, "gradc: none.json cannot be read"]);
  });
});

describe("gradc verify", () => {
  it("agrees with right gradients", () => {
    const { code, out } = gradc(["verify", "examples/digits.ts"]);
    expect(out).toMatch(/ok +∂loss\/∂w1 +f32 \[64, 128\] +max relative error \d\.\de-\d+ +12 directions/);
    expect(out).toContain("digits: all gradients agree with central differences\n");
    expect(code).toBe(0);
  });

  it("fails for wrong ones", () => {
    const { code, out } = gradc(["verify", `${FIXTURES}/wrong-gradient.ts`, "--json"]);
    expect(code).toBe(1);
    const report = JSON.parse(out);
    expect(report.ok).toBe(false);
    expect(report.checks[0]).toMatchObject({ of: "loss", parameter: "w", type: "f32 [3]", directions: 3 });
    expect(report.checks[0].relativeError).toBeCloseTo(1 / 3, 3);
  });
});

describe("gradc", () => {
  it("teaches with examples", () => {
    for (const command of [[], ["compile"], ["inspect"], ["eval"]]) {
      const { code, out } = gradc([...command, "--help"]);
      expect(code).toBe(0);
      expect(out).toContain(`Usage: gradc${command.map(c => ` ${c}`).join("")}`);
      expect(out).toContain("Examples:\n  $ ");
    }
  });

  it("exits with 2 when it is not understood", () => {
    const target = gradc(["compile", MODEL, "--target", "cobol"]);
    expect(target.code).toBe(2);
    expect(target.err).toMatch(
      /^error: option '--target <target>' argument 'cobol' is invalid\. Allowed choices are wasm, js\.\n/,
    );
    expect(gradc(["compile"]).code).toBe(2);
    expect(gradc(["comple", MODEL]).err).toContain("Did you mean compile?");
    expect(gradc([]).code).toBe(2);
  });

  it("lists the operations", () => {
    const { code, out } = gradc(["ops", "--json"]);
    expect(code).toBe(0);
    const { ops, functions } = JSON.parse(out);
    expect(ops.map((op: { name: string }) => op.name)).toEqual(CATALOGUE.map(op => op.name));
    for (const op of ops) expect(Object.keys(op)).toEqual(expect.arrayContaining(["attributes", "dtypes", "kinks"]));
    expect(functions).toEqual(expect.arrayContaining(["matmul", "mean", "softmax"]));
    expect(gradc(["ops"]).out).toMatch(/\n {2}exp +The exponential, elementwise\.\n/);
  });

  it("is quiet when its reader has seen enough", async () => {
    const child = spawn(process.execPath, ["--conditions=source", MAIN, "ops", "--json"], { cwd: ROOT });
    child.stdout.destroy();
    let err = "";
    child.stderr.on("data", chunk => {
      err += chunk;
    });
    const code = await new Promise(done => child.on("close", done));
    expect([code, err]).toEqual([0, ""]);
  });
});
