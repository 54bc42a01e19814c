import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { hasRelaxedSimd } from "../../codegen/wasm/probe.ts";
import digits from "../../examples/digits.ts";
import { type EmitOptions, emit } from "../../src/aot.ts";
import { runWithWasmImports } from "./wasm-imports.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "gradc-variants-"));
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => void vi.unstubAllGlobals());

type Simd = "both" | "plain" | "relaxed";
let count = 0;
async function written(options: EmitOptions): Promise<string> {
  const fileName = `m${count++}`;
  for (const [name, bytes] of await emit(digits, { ...options, fileName })) {
    writeFileSync(join(directory, name), bytes);
  }
  return pathToFileURL(join(directory, `${fileName}.js`)).href;
}

/** The bits of some training steps: text, since it runs in other processes too. */
const LESSON = `net => {
  const x = Float32Array.from({ length: 17 * 64 }, (_, i) => ((i * 7919) % 101) / 100);
  const label = Int32Array.from({ length: 17 }, (_, i) => i % 10);
  for (let i = 0; i < 5; i++) net.train({ x, label, learningRate: 0.01 });
  return Array.from(net.variables.w1.get()).join();
}`;
const lesson: (net: unknown) => string = new Function(`return ${LESSON}`)();

const SHAPES = ["inline", "beside"] as const;
const bits = new Map<string, string>();
/** A host without relaxed SIMD says that its code is not valid. */
const old = (): void => {
  const { Module, Instance, compile } = WebAssembly;
  vi.stubGlobal("WebAssembly", { Module, Instance, compile, validate: () => false });
};

/** What one form with one choice of variants gives here, or on a host without relaxed SIMD. */
async function trained(wasm: "inline" | "beside", simd: Simd, host: "new" | "old"): Promise<string> {
  const { load, loadSync } = await import(await written({ wasm, simd }));
  if (host === "old") old();
  const result = lesson(loadSync());
  expect(lesson(await load())).toBe(result);
  return result;
}

describe.skipIf(!hasRelaxedSimd())("the variants of WebAssembly", () => {
  beforeAll(async () => {
    for (const simd of ["plain", "relaxed"] as const) bits.set(simd, await trained("inline", simd, "new"));
    expect(bits.get("plain")).not.toBe(bits.get("relaxed"));
  });

  test.each(SHAPES)("%s: both are carried, and the host is asked", async wasm => {
    expect(await trained(wasm, "both", "new")).toBe(bits.get("relaxed"));
    expect(await trained(wasm, "both", "old")).toBe(bits.get("plain"));
  });

  test.each(SHAPES)("%s: one alone", async wasm => {
    expect(await trained(wasm, "plain", "old")).toBe(bits.get("plain"));
    await expect(trained(wasm, "relaxed", "old")).rejects.toThrow("this host has no relaxed SIMD");
  });

  test.each([
    ["both", "", "relaxed"],
    ["both", "WebAssembly.validate = () => false;", "plain"],
    ["plain", "", "plain"],
    ["relaxed", "", "relaxed"],
  ] as const)("import: %s %s", async (simd, host, expected) => {
    const url = await written({ wasm: "import", simd });
    const script = `${host}const { load, loadSync } = await import(${JSON.stringify(url)}); const lesson = ${LESSON};
      console.log(JSON.stringify([lesson(loadSync()), lesson(await load())]))`;
    expect(JSON.parse(runWithWasmImports(script))).toEqual([bits.get(expected), bits.get(expected)]);
  });
});

describe("what is carried", () => {
  const names = async (options: EmitOptions): Promise<string[]> => [...(await emit(digits, options)).keys()].slice(3);
  const size = async (options: EmitOptions): Promise<number> => {
    const files = [...(await emit(digits, options))].filter(([name]) => /\.(js|wasm)$/.test(name));
    return files.reduce((n, [, bytes]) => n + gzipSync(bytes, { level: 9 }).length, 0);
  };

  test("the files", async () => {
    expect(await names({ wasm: "beside" })).toEqual(["digits.wasm"]);
    expect(await names({ wasm: "import" })).toEqual(["digits.wasm", "digits.relaxed.wasm"]);
    expect(await names({ wasm: "import", simd: "relaxed" })).toEqual(["digits.wasm"]);
    expect(await names({ wasm: "import", mode: "reproducible" })).toEqual(["digits.wasm"]);
  });

  test("the second variant costs less than a tenth", async () => {
    for (const wasm of SHAPES) {
      const plain = await size({ wasm, simd: "plain" });
      const both = await size({ wasm });
      expect(both).toBeGreaterThan(plain);
      expect(both).toBeLessThan(1.1 * plain);
    }
  });

  test("reproducible modules have one variant, and names are there if they are asked for", async () => {
    const text = async (options: EmitOptions): Promise<string> =>
      new TextDecoder().decode((await emit(digits, options)).get("digits.js"));
    expect(await text({ mode: "reproducible" })).not.toContain("validate");
    expect(await text({})).toContain("validate");
    const sections = async (options: EmitOptions): Promise<number> => {
      const bytes = (await emit(digits, { ...options, wasm: "beside" })).get("digits.wasm") as Uint8Array<ArrayBuffer>;
      return WebAssembly.Module.customSections(new WebAssembly.Module(bytes), "name").length;
    };
    expect([await sections({}), await sections({ names: true })]).toEqual([0, 1]);
  });

  test.each([
    [{ target: "js", wasm: "inline" }, "wasm is an option of WebAssembly"],
    [{ target: "js", simd: "plain" }, "simd is an option of WebAssembly"],
    [{ mode: "reproducible", simd: "both" }, "reproducible mode has no fused multiply-add"],
    [{ weights: "f16" }, "weights says how baked values are stored"],
    [{ simd: "fast" as "both" }, 'simd cannot be "fast"'],
  ] as const)("%j is refused", async (options, problem) => {
    await expect(emit(digits, options)).rejects.toThrow(`emit: ${problem}`);
    await expect(emit(digits, options)).rejects.toMatchObject({ code: "attribute" });
  });
});
