import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import digits from "../../examples/digits.ts";
import { type EmitOptions, emit } from "../../src/aot.ts";
import { compileSync, constant, gather, mul, param, program, state } from "../../src/index.ts";
import { narrowHalf, widenHalf } from "../../src/runtime/half.ts";
import { expectClose } from "../support/everywhere.ts";
import { runWithWasmImports } from "./wasm-imports.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "gradc-bake-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

let count = 0;
async function emitted(options: EmitOptions) {
  const fileName = `m${count++}`;
  const files = await emit(digits, { ...options, fileName });
  for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes);
  const path = join(directory, `${fileName}.js`);
  const shipped = [...files].filter(([name]) => /\.(js|wasm)$/.test(name)).map(([, bytes]) => bytes);
  const text = (name: string): string => new TextDecoder().decode(files.get(fileName + name));
  return { path, text, gzip: shipped.reduce((n, bytes) => n + gzipSync(bytes, { level: 9 }).length, 0) };
}

const x = Float32Array.from({ length: 3 * 64 }, (_, i) => ((i * 7919) % 101) / 100);
const trained = compileSync(digits, { target: "js", seed: 3 });
for (let i = 0; i < 3; i++) trained.train({ x, label: [1, 2, 3], learningRate: 0.01 });
const file = trained.save();
const weights = Object.values(trained.variables).slice(0, 4);
const weightBytes = 4 * weights.reduce((n, v) => n + v.get().length, 0);

/** What the network says of x, with all weights rounded to halves or not. */
function predicted(half: boolean, target: "js" | "wasm"): Float32Array {
  const net = compileSync(digits, { target, mode: "reproducible", only: ["predict"] });
  net.restore(file, { strict: false });
  for (const v of Object.values(net.variables)) {
    if (half) v.set(Array.from(v.get(), w => widenHalf(narrowHalf(w))));
  }
  return net.predict({ x }).probabilities;
}

describe.each(["f32", "f16"] as const)("an inference module with baked %s weights", format => {
  const options = { only: ["predict"], bake: file, weights: format, mode: "reproducible" } as const;
  const cases = { js: { target: "js" }, inline: {}, beside: { wasm: "beside" } } as const;

  test.each(Object.entries(cases))("%s: gives what the network gives", async (_, form) => {
    const { path, text } = await emitted({ ...options, ...form });
    const { load, loadSync } = await import(pathToFileURL(path).href);
    const expected = predicted(format === "f16", "target" in form ? form.target : "wasm");
    expect((await load()).predict({ x }).probabilities).toEqual(expected);
    // Every instance has values of its own.
    const net = loadSync();
    net.variables.w1.set(new Float32Array(64 * 128));
    expect(loadSync().predict({ x }).probabilities).toEqual(expected);
    expect(net.predict({ x }).probabilities).not.toEqual(expected);
    expect(() => net.reset()).toThrow("holds no initialisers");
    expect(text(".d.ts")).not.toMatch(/adam|train\b|seed\?|reset/);
    expect(text(".js")).not.toMatch(/adam|"train"|"reset"/);
  });

  test("import: the values are in a WebAssembly file of their own", async () => {
    const { path } = await emitted({ ...options, wasm: "import" });
    const script = `const net = (await import(${JSON.stringify(pathToFileURL(path).href)})).loadSync();
      console.log(JSON.stringify(Array.from(net.predict({ x: ${JSON.stringify(Array.from(x))} }).probabilities)))`;
    expect(JSON.parse(runWithWasmImports(script))).toEqual(Array.from(predicted(format === "f16", "wasm")));
  });

  test("is as large as its weights and little more", async () => {
    const { gzip } = await emitted(options);
    const stored = format === "f16" ? weightBytes / 2 : weightBytes;
    expect(gzip).toBeGreaterThan(0.85 * stored);
    expect(gzip).toBeLessThan(1.02 * stored + 7000);
  });
});

test("f16 changes predictions by about as much as it changes weights", () => {
  expectClose(predicted(true, "js"), predicted(false, "js"), 2e-3, "probabilities");
  expect(predicted(true, "js")).not.toEqual(predicted(false, "js"));
});

test("a Module without the weights is refused", async () => {
  const { path } = await emitted({ only: ["predict"], bake: file, wasm: "beside" });
  const bare = await emit(digits, { only: ["predict"], wasm: "beside", simd: "plain" });
  const wasm = new WebAssembly.Module(bare.get("digits.wasm") as Uint8Array<ArrayBuffer>);
  const { loadSync } = await import(pathToFileURL(path).href);
  expect(() => loadSync({ wasm })).toThrow("does not hold this network's weights");
});

describe("a program with several dtypes", () => {
  const w = param("w", [3]);
  const wide = param("wide", [2], undefined, "f64");
  const order = state("order", constant([0, 0, 0], [3], "i32"));
  const p = program("mixed", { read: { inputs: [], outputs: { w: gather(w, order), wide: mul(wide, 2) } } });
  const source = compileSync(p, { target: "js" });
  source.variables.w.set([0.1, -2, 3]);
  source.variables.wide.set([0.1, 1e300]);
  source.variables.order.set([2, 0, 1]);

  test.each(["js", "wasm"] as const)("%s: only f32 is rounded", async target => {
    const files = await emit(p, { target, bake: source.save(), weights: "f16", fileName: `mixed-${target}` });
    for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes);
    const { loadSync } = await import(pathToFileURL(join(directory, `mixed-${target}.js`)).href);
    const tenth = widenHalf(narrowHalf(Math.fround(0.1)));
    expect(loadSync().read()).toEqual({ w: Float32Array.of(3, tenth, -2), wide: Float64Array.of(0.2, 2e300) });
  });

  test("what halves cannot hold is refused with its place", async () => {
    source.variables.w.set([0, 65519, Number.POSITIVE_INFINITY]);
    await emit(p, { bake: source.save(), weights: "f16" });
    source.variables.w.set([0, 65520, 0]);
    await expect(emit(p, { bake: source.save(), weights: "f16" })).rejects.toThrow(
      /^w has a value that 16 bits cannot hold\n {2}expected {2}\|value\| < 65520\n {2}received {2}65520 at 1\n/,
    );
    await expect(emit(p, { bake: source.save(), weights: "f16" })).rejects.toMatchObject({ code: "half-range" });
  });
});
