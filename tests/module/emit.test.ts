import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileNameOf } from "../../codegen/module/emit.ts";
import type { NetBase, NetFunction, NetOptions } from "../../src/runtime/net.ts";
import { emitJs, textOf, toy } from "./fixture.ts";
import { typeErrors } from "./type-check.ts";

type Toy = NetBase & { train: NetFunction; predict: NetFunction };
interface Emitted {
  load(options?: NetOptions): Promise<Toy>;
  loadSync(options?: NetOptions): Toy;
}

const files = emitJs();
const source = textOf(files, "toy-net.js");
let directory = "";
let emitted: Emitted;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "gradc-module-"));
  for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes);
  emitted = await import(pathToFileURL(join(directory, "toy-net.js")).href);
});
afterAll(() => rmSync(directory, { recursive: true }));

const batch = { x: [1, 2, 3, 4, 5, 6], label: [0, 1] };

/** Σ x·w + table[label] with w = seed, seed + ½, seed + 1 */
const expected = (seed: number): Float32Array => Float32Array.of(100 + 6 * seed + 1 + 3, 200 + 15 * seed + 2.5 + 6);

describe("an emitted module", () => {
  test("computes, trains and resets", async () => {
    const net = await emitted.load({ seed: 2 });
    expect(net.predict(batch)).toEqual({ y: expected(2) });
    net.train(batch);
    expect(net.variables["layer.w"].get()).toEqual(Float32Array.of(2.25, 2.75, 3.25));
    net.train({ ...batch, rate: 1 });
    expect(net.variables["layer.w"].get()).toEqual(Float32Array.of(3.25, 3.75, 4.25));
    net.reset();
    expect(net.predict(batch)).toEqual({ y: expected(2) });
  });

  test("has independent instances", () => {
    const a = emitted.loadSync();
    const b = emitted.loadSync({ weights: emitted.loadSync({ seed: 7 }).save() });
    a.train(batch);
    expect(b.predict(batch)).toEqual({ y: expected(7) });
    a.close();
    expect(() => a.predict(batch)).toThrow("toy net is closed");
    expect(b.predict(batch)).toEqual({ y: expected(7) });
  });

  test("shows an uncaught error with a line of its source, not a wall of it", () => {
    for (const call of ["train({})", "predict({ x: [1] })", "predict({ x: [1, 2, 3], label: [7] })", "restore([])"]) {
      const script = `import { loadSync } from "./toy-net.js"; loadSync().${call}`;
      const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: directory,
        encoding: "utf8",
      });
      expect(run.status).toBe(1);
      expect(run.stderr).toContain("GradcError");
      for (const line of run.stderr.split("\n")) expect(line.length, line).toBeLessThan(350);
    }
  });

  test("checks at the door", () => {
    expect(() => emitted.loadSync().predict({ x: [1, 2, 3], label: [2] })).toThrow(
      "predict: label is out of range at 0\n  expected  an integer, 0 ≤ label < 2\n  received  2\n  code      input-range",
    );
  });

  test("works where code from strings is forbidden", () => {
    const context = createContext(
      { atob, TextEncoder, TextDecoder },
      { codeGeneration: { strings: false, wasm: false } },
    );
    expect(() => runInContext('new Function("return 1")()', context)).toThrow("Code generation");
    const y = runInContext(
      `${source.replaceAll("export ", "")};loadSync({seed:1}).predict({x:[1,2,3],label:[0]}).y[0]`,
      context,
    );
    expect(y).toBe(100 + 6 + 4);
  });

  test("imports nothing and names no machine", () => {
    expect(source).not.toMatch(/\bimport\b|\brequire\(|\beval\b|new Function|\/home|\/work|\/tmp/);
  });

  test("has the syntax of Node 20", () => {
    const as = (target: string): string => transformSync(source, { target }).code;
    expect(as("es2022")).toBe(as("esnext"));
    const old = (process.env.PATH ?? "")
      .split(delimiter)
      .map(p => join(p, "node"))
      .find(node => existsSync(node) && execFileSync(node, ["--version"]).toString().startsWith("v20."));
    if (old === undefined) return;
    const script = `import(${JSON.stringify(pathToFileURL(join(directory, "toy-net.js")).href)}).then(m => {
      console.log([...m.loadSync({ seed: 2 }).predict(${JSON.stringify(batch)}).y].join()) })`;
    writeFileSync(join(directory, "old.mjs"), script);
    expect(
      execFileSync(old, [join(directory, "old.mjs")])
        .toString()
        .trim(),
    ).toBe([...expected(2)].join());
  });

  test("is the same bytes each time", () => {
    for (const [name, bytes] of emitJs()) expect(bytes).toEqual(files.get(name));
  });

  test("without initialisers starts from zeros", async () => {
    const { seed: _, ...rest } = toy;
    const bare = { ...rest, functions: toy.functions.slice(1, 2), interfaces: toy.interfaces.slice(1) };
    const text = textOf(emitJs(bare), "toy-net.js");
    writeFileSync(join(directory, "bare.js"), text);
    const net = (await import(pathToFileURL(join(directory, "bare.js")).href)).loadSync();
    expect(net.predict(batch).y).toEqual(Float32Array.of(100, 200));
    expect(net.train).toBe(undefined);
    expect(() => net.reset()).toThrow("toy net holds no initialisers");
    expect(text.match(/function K\d/g)).toHaveLength(1);
  });
});

describe("declarations", () => {
  const declared = textOf(files, "toy-net.d.ts");

  test("the text", () => {
    expect(declared).toMatchSnapshot();
  });

  const USE = `
    import { load, loadSync, type ToyNet, type Train, type TrainInputs } from "./toy-net.js";
    const inputs: TrainInputs = { x: new Float32Array(3), label: [1] };
    export async function use(): Promise<Float32Array> {
      using net: ToyNet = await load({ seed: 1, weights: new Uint8Array() });
      const train: Train = net.train;
      train({ ...inputs, rate: 0.5 });
      net.train.run({ B: 2 });
      net.predict.inputs.x.set([1, 2, 3]);
      net.variables["layer.w"].set(net.variables["layer.w"].get());
      const into: Float64Array = net.variables["layer.w"].get(new Float64Array(3));
      const { missing }: { missing: string[] } = net.restore(net.save({ only: "params" }), { strict: false });
      loadSync().reset(missing.length + into.length);
      return net.train.outputs.y;
    }`;
  const MISUSES = [
    "loadSync().train({ x: [1] });",
    'loadSync().train({ x: "1", label: [0] });',
    "loadSync().train({ x: [1], label: [0], lable: 1 });",
    "loadSync().predict({ x: [], label: [] }).loss;",
    "loadSync().train.run({ C: 1 });",
    "loadSync().variables.w;",
    "loadSync({ wasm: 1 });",
  ];

  test("accept right use and refuse wrong use", () => {
    const wrong = MISUSES.map((line, i) => [`wrong${i}.ts`, `import { loadSync } from "./toy-net.js";\n${line}`]);
    const errors = typeErrors({ "toy-net.d.ts": declared, "use.ts": USE, ...Object.fromEntries(wrong) });
    expect([errors.get("use.ts"), errors.get("toy-net.d.ts")]).toEqual([[], []]);
    for (const [name, text] of wrong) expect(errors.get(name), text).toHaveLength(1);
  });
});

test("the manifest tells which lines each kernel computes, without paths of the machine", () => {
  expect(JSON.parse(textOf(files, "toy-net.manifest.json"))).toMatchSnapshot();
  expect(textOf(files, "toy-net.manifest.json")).not.toContain("/home");
});

test("file names are safe", () => {
  expect(["digits", "a b", "../x", "", "…"].map(fileNameOf)).toEqual(["digits", "a-b", "x", "net", "net"]);
});
