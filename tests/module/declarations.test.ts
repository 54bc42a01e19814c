import { describe, expect, test } from "vitest";
import digits from "../../examples/digits.ts";
import { type EmitOptions, emit } from "../../src/aot.ts";
import { compileSync } from "../../src/index.ts";
import { typeErrors } from "./type-check.ts";

const declared = async (options: EmitOptions): Promise<string> =>
  new TextDecoder().decode((await emit(digits, options)).get("digits.d.ts"));

/** Lines that are right, and lines with one mistake each. */
const check = (
  types: string,
  right: readonly string[],
  wrong: readonly string[],
  libraries?: readonly string[],
): void => {
  const head = 'import { load, loadSync } from "./digits.js";\n';
  const files = Object.fromEntries([...right, ...wrong].map((line, i) => [`line${i}.ts`, `${head}${line}\nload;`]));
  const errors = typeErrors({ "digits.d.ts": types, ...files }, libraries);
  expect(errors.get("digits.d.ts")).toEqual([]);
  for (const [i, line] of right.entries()) expect(errors.get(`line${i}.ts`), line).toEqual([]);
  for (const [i, line] of wrong.entries()) expect(errors.get(`line${right.length + i}.ts`), line).toHaveLength(1);
};

const HOSTS = ["lib.dom.d.ts", "lib.webworker.d.ts"];

describe("the types of a WebAssembly module", () => {
  test.each(HOSTS)("know the host's WebAssembly.Module: %s", async library => {
    const right = [
      "load({ wasm: new WebAssembly.Module(new Uint8Array()), seed: 1 });",
      "const m = await WebAssembly.compileStreaming(fetch('')); loadSync({ wasm: m }); export {};",
      "loadSync().reset(3);",
    ];
    const wrong = ["loadSync({ wasm: 1 });", "loadSync({ wasm: 'x.wasm' });", "loadSync({ wasn: null });"];
    for (const wasm of ["inline", "beside", "import"] as const)
      check(await declared({ wasm }), right, wrong, [library]);
  });

  test("need no library", async () => {
    check(await declared({}), ["loadSync({ wasm: {} });"], ["loadSync({ wasm: 1 });"]);
  });

  test("have what the module has: nothing of WebAssembly in JavaScript, no first values where there are none", async () => {
    check(await declared({ target: "js" }), ["load({ seed: 1 });"], ["loadSync({ wasm: {} });"]);
    const inference = { only: ["predict"], bake: compileSync(digits, { target: "js" }).save() };
    const wrong = ["loadSync({ seed: 1 });", "loadSync().reset();", "loadSync().train;"];
    check(await declared(inference), ["loadSync({ wasm: {} }).predict({ x: [1] });"], wrong);
  });
});
