import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitModule } from "../../codegen/module/emit.ts";
import { exportName, generateWasm } from "../../codegen/wasm/generate.ts";
import { textOf, toy } from "./fixture.ts";

const bytes = generateWasm(toy, { relaxed: false });
const batch = { x: [1, 2, 3, 4, 5, 6], label: [0, 1] };
const expected = Float32Array.of(100 + 12 + 4, 200 + 30 + 8.5);

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "gradc-wasm-module-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const emit = (placement: "inline" | "beside" | "import"): Map<string, Uint8Array> =>
  emitModule(toy, { target: "wasm", bytes, exportName, placement }, { fileName: placement });

async function loaded(placement: "inline" | "beside" | "import") {
  for (const [name, content] of emit(placement)) writeFileSync(join(directory, name), content);
  return import(pathToFileURL(join(directory, `${placement}.js`)).href);
}

describe("an emitted WebAssembly module", () => {
  test.each(["inline", "beside"] as const)("%s", async placement => {
    const emitted = await loaded(placement);
    const net = await emitted.load({ seed: 2 });
    expect(net.predict(batch)).toEqual({ y: expected });
    net.train(batch);
    expect(net.variables["layer.w"].get()).toEqual(Float32Array.of(2.25, 2.75, 3.25));
    expect(emitted.loadSync({ seed: 2 }).predict(batch)).toEqual({ y: expected });
  });

  test("import: the caller hands in the compiled module", async () => {
    const emitted = await loaded("import");
    await expect(emitted.load()).rejects.toThrow("pass { wasm: a WebAssembly.Module }");
    expect(() => emitted.loadSync()).toThrow("pass { wasm: a WebAssembly.Module }");
    const wasm = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
    const options = { wasm, seed: 2 };
    expect(emitted.loadSync(options).predict(batch)).toEqual({ y: expected });
    expect((await emitted.load(options)).predict(batch)).toEqual({ y: expected });
  });

  test("works where code from strings is forbidden", () => {
    const context = createContext(
      { atob, TextEncoder, TextDecoder },
      { codeGeneration: { strings: false, wasm: true } },
    );
    const text = textOf(emit("inline"), "inline.js").replaceAll("export ", "");
    const y = runInContext(`${text};loadSync({seed:2}).predict({x:[1,2,3],label:[0]}).y[0]`, context);
    expect(y).toBe(116);
  });

  test("the files", () => {
    expect([...emit("beside").keys()]).toEqual(["beside.js", "beside.d.ts", "beside.manifest.json", "beside.wasm"]);
    expect([...emit("inline").keys()]).toEqual(["inline.js", "inline.d.ts", "inline.manifest.json"]);
    expect(emit("beside").get("beside.wasm")).toBe(bytes);
    expect(textOf(emit("import"), "import.d.ts")).toContain("readonly wasm?: WebAssembly.Module;");
    expect(textOf(emit("inline"), "inline.js")).not.toMatch(/\bimport\b|\beval\b|new Function/);
  });
});
