import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitModule, type Placement } from "../../codegen/module/emit.ts";
import { exportName, generateWasm } from "../../codegen/wasm/generate.ts";
import { textOf, toy } from "./fixture.ts";
import { runWithWasmImports } from "./wasm-imports.ts";

const bytes = generateWasm(toy, { relaxed: false });
const batch = { x: [1, 2, 3, 4, 5, 6], label: [0, 1] };
const expected = Float32Array.of(100 + 12 + 4, 200 + 30 + 8.5);

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "gradc-wasm-module-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const emit = (placement: Placement): Map<string, Uint8Array> =>
  emitModule(toy, { target: "wasm", variants: { plain: bytes }, exportName, placement }, { fileName: placement });

/** The URL of the emitted module. */
function written(placement: Placement): string {
  for (const [name, content] of emit(placement)) writeFileSync(join(directory, name), content);
  return pathToFileURL(join(directory, `${placement}.js`)).href;
}

describe("an emitted WebAssembly module", () => {
  test.each(["inline", "beside"] as const)("%s", async placement => {
    const emitted = await import(written(placement));
    const net = await emitted.load({ seed: 2 });
    expect(net.predict(batch)).toEqual({ y: expected });
    net.train(batch);
    expect(net.variables["layer.w"].get()).toEqual(Float32Array.of(2.25, 2.75, 3.25));
    expect(emitted.loadSync({ seed: 2 }).predict(batch)).toEqual({ y: expected });
  });

  test("import: the host compiles", () => {
    const script = `const { load, loadSync } = await import(${JSON.stringify(written("import"))});
      const nets = [loadSync({ seed: 2 }), await load({ seed: 2 })];
      console.log(JSON.stringify(nets.map(net => Array.from(net.predict(${JSON.stringify(batch)}).y))))`;
    expect(JSON.parse(runWithWasmImports(script))).toEqual([[...expected], [...expected]]);
  });

  test("import: says so where the host makes something else of the file", () => {
    const text = textOf(emit("import"), "import.js").replace(/^import.*$/m, "const wasm={};");
    const load = `${text.replaceAll("export ", "")};loadSync()`;
    const context = createContext({ WebAssembly });
    expect(() => runInContext(load, context)).toThrow("imports of .wasm give no WebAssembly.Module here");
  });

  test.each(["inline", "beside", "import"] as const)("%s: takes a module that the caller hands in", placement => {
    const file = emit("beside").get("beside.wasm") as Uint8Array<ArrayBuffer>;
    const wasm = new WebAssembly.Module(file);
    // Code of its own would be found out: there is none.
    const text = textOf(emit(placement), `${placement}.js`)
      .replace(/^import.*$/m, "const wasm=0;")
      .replace("import.meta.url", '"http://nowhere.invalid/"')
      .replaceAll("export ", "");
    const context = createContext({ WebAssembly, URL, TextEncoder, TextDecoder, wasm });
    const y = runInContext(`(()=>{const given=wasm;{${text};return loadSync({wasm:given,seed:2})}})()`, context);
    expect([...y.predict(batch).y]).toEqual([...expected]);
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
    expect([...emit("import").keys()]).toEqual(["import.js", "import.d.ts", "import.manifest.json", "import.wasm"]);
    expect(emit("beside").get("beside.wasm")).toBe(bytes);
    expect(textOf(emit("inline"), "inline.js")).not.toMatch(/\bimport\b|\beval\b|new Function/);
  });
});
