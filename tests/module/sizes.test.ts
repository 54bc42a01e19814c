import { expect, test } from "vitest";
import { emit } from "../../src/aot.ts";
import { compileSync, dim, input, mul, program } from "../../src/index.ts";

const T = dim("T", { max: 5 });
const B = dim("B", { max: 4 });
const xs = input("xs", [T, B, 2]);
const twice = program("twice", { f: { inputs: [xs], outputs: { y: mul(xs, 2) } } });

test("where lengths alone tell no size, one is asked for and the length tells the other", async () => {
  const net = compileSync(twice, { target: "interpret" });
  const f = net.f as unknown as (inputs: Readonly<Record<string, unknown>>) => { readonly y: Float32Array };
  expect(f({ xs: new Float32Array(3 * 2 * 2).fill(1), T: 3 }).y).toEqual(new Float32Array(12).fill(2));
  expect(f({ xs: new Float32Array(5 * 3 * 2).fill(1) }).y).toHaveLength(30);
  expect(() => f({ xs: new Float32Array(7), T: 3 })).toThrow("f32 [T, B, 2]: 12, T = 3 ≤ 5, B = 2 ≤ 4");
  const types = new TextDecoder().decode((await emit(twice, { target: "js" })).get("twice.d.ts"));
  expect(types).toContain("readonly T?: number;");
  expect(types.slice(0, types.indexOf("}"))).not.toContain("B?");
});
