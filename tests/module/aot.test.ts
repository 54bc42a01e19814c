import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import digits from "../../examples/digits.ts";
import { type EmitOptions, emit } from "../../src/aot.ts";
import { compile } from "../../src/compile.ts";
import { GradcError } from "../../src/shared/errors.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "gradc-aot-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

let count = 0;
async function emitted(options: EmitOptions) {
  const files = await emit(digits, { ...options, fileName: `digits${count++}` });
  for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes);
  const [name] = files.keys();
  return {
    files,
    text: new TextDecoder().decode(files.get(name)),
    module: await import(pathToFileURL(join(directory, name)).href),
  };
}

/** Sixteen patterns that a network can tell apart, from a small generator. */
const x = Float32Array.from({ length: 16 * 64 }, (_, i) => ((i * 7919) % 101) / 100);
const label = Int32Array.from({ length: 16 }, (_, i) => i % 10);

describe("digits, compiled ahead of time", () => {
  test.each(["js", "wasm"] as const)("%s: trains as in memory", async target => {
    const { module } = await emitted({ target, mode: "reproducible" });
    const net = module.loadSync({ seed: 3 });
    const memory = await compile(digits, { target, mode: "reproducible", seed: 3 });
    const losses = Array.from({ length: 20 }, () => net.train({ x, label, learningRate: 0.01 }).loss);
    const same = Array.from({ length: 20 }, () => memory.train({ x, label, learningRate: 0.01 }).loss);
    expect(losses).toEqual(same);
    expect(losses[19]).toBeLessThan(0.5 * losses[0]);
    expect(net.predict({ x }).probabilities).toEqual(memory.predict({ x }).probabilities);
  });

  test("only predict: no training code, no optimizer state, no initialisers; values come from a file", async () => {
    const trained = await compile(digits, { target: "js", seed: 3 });
    trained.train({ x, label });
    const { text, module } = await emitted({ target: "js", only: ["predict"] });
    expect(text).not.toContain("adam");
    expect(text).not.toContain('"train"');
    expect(text).not.toContain("sqrt");
    expect(text).not.toContain('"reset"');
    const net = module.loadSync({ weights: trained.save({ only: "params" }) });
    expect(net.predict({ x }).probabilities).toEqual(trained.predict({ x }).probabilities);
    expect(() => net.reset()).toThrow("digits holds no initialisers");
  });

  test("bake: the values are in the module", async () => {
    const trained = await compile(digits, { target: "js", seed: 3 });
    trained.train({ x, label });
    const bake = trained.save();
    for (const target of ["js", "wasm"] as const) {
      const { module } = await emitted({ target, only: ["predict"], bake, mode: "reproducible" });
      const other = await compile(digits, { target, mode: "reproducible" });
      other.restore(bake);
      expect(module.loadSync().predict({ x }).probabilities).toEqual(other.predict({ x }).probabilities);
    }
    await expect(emit(digits, { bake: bake.subarray(0, 99) })).rejects.toMatchObject({ code: "safetensors" });
    const params = trained.save({ only: "params" });
    await expect(emit(digits, { bake: params })).rejects.toThrow("the file lacks variables");
  });

  test("the manifest says what a call costs and how much memory it takes", async () => {
    const files = await emit(digits, { target: "js" });
    const manifest = JSON.parse(new TextDecoder().decode(files.get("digits.manifest.json")));
    const [train, predict] = manifest.functions;
    // The two products of the forward pass, at the largest batch.
    const products = 2 * 64 * (64 * 128 + 128 * 10);
    expect(predict.flops).toBeGreaterThan(products);
    expect(predict.flops).toBeLessThan(1.2 * products);
    expect(train.flops).toBeGreaterThan(2 * predict.flops);
    for (const f of [train, predict]) {
      expect(f.bytesMoved).toBeGreaterThan(4 * (64 * 128 + 128 * 10));
      expect(f.livenessBytes).toBeGreaterThan(0);
      expect(f.scratchBytes).toBeGreaterThanOrEqual(f.livenessBytes);
      expect(f.peakBytes).toBeGreaterThan(manifest.memory.variableBytes + f.scratchBytes);
      expect(f.peakBytes).toBeLessThanOrEqual(manifest.memory.bytes);
    }
    // The hungriest function needs all of it.
    expect(manifest.memory.bytes - Math.max(train.peakBytes, predict.peakBytes)).toBeLessThan(16);
    const lines = train.kernels.flatMap((k: { computes: { lines: string[] }[] }) => k.computes.flatMap(c => c.lines));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^examples\/digits\.ts:\d+:\d+$/);
  });

  test("is small, and the same each time", async () => {
    const files = await emit(digits, { target: "js" });
    expect([...(await emit(digits, { target: "js" }))]).toEqual([...files]);
    const [module] = files.values();
    expect(gzipSync(module, { level: 9 }).length).toBeLessThanOrEqual(6 * 1024);
  });

  test("in memory, mistakes at the door are GradcErrors", async () => {
    const net = await compile(digits, { target: "js" });
    expect(() => net.predict({ x: [1] })).toThrow(GradcError);
    expect(() => net.restore(new Uint8Array(9))).toThrow(GradcError);
  });

  test("names in only are checked", async () => {
    await expect(emit(digits, { only: ["guess"] })).rejects.toMatchObject({ code: "unknown-name" });
  });
});
