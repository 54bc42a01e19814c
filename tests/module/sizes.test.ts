import { expect, test } from "vitest";
import { emit } from "../../src/aot.ts";
import { compileSync, dim, input, mul, program } from "../../src/index.ts";

const T = dim("T", { max: 5 });
const B = dim("B", { max: 4 });
const xs = input("xs", [T, B, 2]);
const rows = input("rows", [B, 2]);
const twice = program("twice", { f: { inputs: [xs], outputs: { y: mul(xs, 2) } } });

test("where lengths alone tell no size, one is asked for and the length tells the other", async () => {
  const net = compileSync(twice, { target: "interpret" });
  expect(net.f({ xs: new Float32Array(3 * 2 * 2).fill(1), T: 3 }).y).toEqual(new Float32Array(12).fill(2));
  expect(net.f({ xs: new Float32Array(5 * 3 * 2).fill(1) }).y).toHaveLength(30);
  expect(() => net.f({ xs: new Float32Array(7), T: 3 })).toThrow("f32 [T, B, 2]: 12, T = 3 ≤ 5, B = 2 ≤ 4");
  const types = new TextDecoder().decode((await emit(twice, { target: "js" })).get("twice.d.ts"));
  const [inputs] = types.split("}");
  expect(inputs).toContain("/** 1 ≤ T ≤ 5; default: 5 */\n  readonly T?: number;");
  expect(inputs).toContain("/** 1 ≤ B ≤ 4; default: what the lengths tell */\n  readonly B?: number;");
});

test("a size that is told wins over lengths, which must fit it", () => {
  for (const target of ["interpret", "js", "wasm"] as const) {
    const net = compileSync(program("rows", { f: { inputs: [rows], outputs: { y: mul(rows, 2) } } }), { target });
    expect(net.f({ rows: [1, 2, 3, 4], B: 2 }).y).toEqual(Float32Array.of(2, 4, 6, 8));
    expect(net.f({ rows: [1, 2, 3, 4] }).y).toEqual(Float32Array.of(2, 4, 6, 8));
    expect(() => net.f({ rows: [1, 2, 3, 4], B: 3 })).toThrow(
      "f: rows has the wrong length\n  expected  f32 [B, 2]: 6, B = 3 ≤ 4",
    );
    expect(() => net.f({ rows: [1, 2], B: 5 })).toThrow("1 ≤ B ≤ 4");
    expect(() => net.f({ rows: [1, 2], B: 1.5 })).toThrow("1 ≤ B ≤ 4");
  }
});

test("no input has the name of a size", () => {
  const n = input("B", []);
  expect(() => program("p", { f: { inputs: [rows, n], outputs: { y: mul(rows, n) } } })).toThrow(
    'input "B" has the name of a dimension',
  );
});
