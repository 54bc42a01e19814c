import { expect, test } from "vitest";
import digits from "../../examples/digits.ts";
import { emit } from "../../src/aot.ts";
import { lower } from "../../src/compile.ts";
import { input, mul, program } from "../../src/index.ts";
import { displayName } from "../../src/loop/names.ts";
import { TARGETS } from "../../src/targets.ts";

test("kernels have names of their own, by which manifest, listings and profilers know them", async () => {
  const { kernels } = lower(digits.graph, TARGETS.wasm, "fast");
  const names = kernels.map(k => k.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.some(name => name.endsWith(".2"))).toBe(true);
  for (const name of names) expect(name).toMatch(/^(train|predict|reset)_[A-Za-z]+(\.\d+)?$/);
  const manifest = JSON.parse(new TextDecoder().decode((await emit(digits)).get("digits.manifest.json")));
  const called = manifest.functions.flatMap((f: { kernels: { kernel: string }[] }) => f.kernels.map(k => k.kernel));
  expect(new Set(called)).toEqual(new Set(names.filter(name => !name.startsWith("reset_"))));
});

test("the names of users are shortened, and made of letters, digits and a few signs", () => {
  expect(displayName("größer als\n</script> 🙂 k.2")).toBe("größer_als_script_k.2");
  const x = input("x", [4]);
  const f = { inputs: [x], outputs: { y: mul(x, 2) } };
  const { kernels } = lower(program("p", { ["x".repeat(500)]: f }).graph, TARGETS.wasm, "fast");
  expect(kernels[0].name).toBe("x".repeat(48));
});
