import { describe, expect, it } from "vitest";
import { generateWasm } from "../../codegen/wasm/index.ts";
import { compileSync, input, program } from "../../src/index.ts";
import { add, binary, call, cast, letStmt, literal, mul, or, sub, variable } from "../../src/loop/build.ts";
import { SCALAR_FUNCTIONS } from "../../src/loop/functions/index.ts";
import { compileFunction } from "../../src/loop/interpret.ts";
import type { Expr, Lanes, ScalarFunction } from "../../src/loop/ir.ts";
import { rawExpNonPositive } from "../../src/ops/transcendental.ts";
import type { DType } from "../../src/shared/dtype.ts";
import { expectSame, mapKernel, mapWasm, pairs, programOf, samplesOf, seeded } from "./wasm-support.ts";

const random = seeded(2);

const u32 = (name: string): Expr => variable(name, "u32");
const word = (value: number): Expr => literal("u32", value);

/** Values over the range where functions do their work, and the special ones. */
const argumentsOf = (dtype: DType): number[] => [
  ...samplesOf(dtype, random),
  ...Array.from({ length: 400 }, () => {
    const x = (random() - 0.5) * 10 ** (random() * 6 - 3);
    return dtype === "f32" ? Math.fround(x) : dtype === "u32" ? x >>> 0 : x;
  }),
];

function check(fn: ScalarFunction, lanes: Lanes): void {
  const dtypes = fn.params.map(p => p.dtype);
  const columns =
    dtypes.length === 1
      ? [argumentsOf(dtypes[0])]
      : pairs(argumentsOf(dtypes[0]).slice(0, 64), argumentsOf(dtypes[1]).slice(0, 64));
  const evaluate = compileFunction(fn);
  const expected = columns[0].map((_, i) => evaluate(...columns.map(c => c[i])));
  const inputs = columns.map((values, k) => ({ dtype: dtypes[k], values }));
  expectSame(
    mapWasm(inputs, fn.result.dtype, lanes, (...args) => call(fn, ...args)),
    expected,
    i => `${fn.name}(${columns.map(c => c[i]).join(", ")})`,
  );
}

describe("scalar functions equal their interpretation, bit for bit", () => {
  for (const fn of Object.values(SCALAR_FUNCTIONS)) {
    const lanes: readonly Lanes[] = fn.params[0].dtype === "f64" ? [1, 2] : [1, 2, 4];
    it.each(lanes)(`${fn.name}, %i lanes`, n => check(fn, n));
  }

  const x = variable("x", "f32");
  const inner: ScalarFunction = {
    name: "inner.f32",
    params: [{ name: "x", dtype: "f32" }],
    body: [letStmt("t", mul(x, x))],
    result: sub(variable("t", "f32"), literal("f32", 2)),
    ulp: 1,
  };
  const outer: ScalarFunction = {
    name: "outer.f32",
    params: [{ name: "x", dtype: "f32" }],
    body: [letStmt("t", add(x, literal("f32", 1)))],
    result: add(call(inner, mul(variable("t", "f32"), x)), variable("t", "f32")),
    ulp: 1,
  };
  const wide: ScalarFunction = {
    name: "wide.f32",
    params: [{ name: "x", dtype: "f32" }],
    body: [letStmt("d", mul(cast("f64", x), literal("f64", 1 / 3)))],
    result: cast("f32", variable("d", "f64")),
    ulp: 1,
  };
  /** rotl(x, r) ⊕ y */
  const mix: ScalarFunction = {
    name: "mix",
    params: ["x", "r", "y"].map(name => ({ name, dtype: "u32" })),
    body: [],
    result: binary(
      "xor",
      or(binary("shl", u32("x"), u32("r")), binary("shr", u32("x"), sub(word(32), u32("r")))),
      u32("y"),
    ),
    ulp: 0,
  };
  /** Rounds of mix: more operations than stand in place. */
  const rounds = (count: number): ScalarFunction => {
    const names = Array.from({ length: count }, (_, k) => `t${k}`);
    const body = names.map((name, k) =>
      letStmt(name, add(call(mix, u32(names[k - 1] ?? "x"), word((7 * k + 3) % 32), u32("y")), u32("x"))),
    );
    const params = ["x", "y"].map(name => ({ name, dtype: "u32" as const }));
    return { name: `rounds${count}`, params, body, result: u32(names[count - 1]), ulp: 0 };
  };
  it.each([1, 2, 4] as const)("integers, with constant counts of shifts, %i lanes", n => check(rounds(3), n));
  it.each([1, 2, 4] as const)("a large definition, %i lanes", n => check(rounds(60), n));

  it("a large definition stands in the module once for each number of lanes", () => {
    const size = (fn: ScalarFunction, calls: number): number => {
      const inputs: readonly DType[] = ["u32", "u32"];
      const kernel = mapKernel(inputs, "u32", 4, (x, y) =>
        Array.from({ length: calls }).reduce<Expr>(sum => call(fn, sum, y), x),
      );
      return generateWasm(programOf([kernel], [], 0), { relaxed: false }).length;
    };
    expect(size(rounds(60), 5) - size(rounds(60), 1)).toBeLessThan(100);
    expect(size(rounds(3), 5) - size(rounds(3), 1)).toBeGreaterThan(100);
  });

  it.each([1, 2, 4] as const)("a function that calls another with its own names, %i lanes", n => check(outer, n));
  it.each([1, 2, 4] as const)("an f32 function that computes in f64, %i lanes", n => check(wide, n));
});

it("the catalogue has both dtypes of every function", () => {
  const names = Object.keys(SCALAR_FUNCTIONS);
  expect(names.filter(n => n.endsWith(".f32")).length).toBe(names.length / 2);
});

describe("both variants of a module have one length", () => {
  it.each(Object.values(SCALAR_FUNCTIONS).map(fn => [fn.name, fn] as const))("with %s", (_, fn) => {
    const dtypes = fn.params.map(p => p.dtype);
    for (const lanes of [1, dtypes[0] === "f64" ? 2 : 4] as const) {
      const kernel = mapKernel(dtypes, fn.result.dtype, lanes, (...args) => call(fn, ...args));
      const program = programOf([kernel], [], 0, [], "fast");
      const [plain, relaxed] = [false, true].map(relaxed => generateWasm(program, { relaxed }));
      expect(WebAssembly.validate(plain as Uint8Array<ArrayBuffer>)).toBe(true);
      expect(relaxed.length).toBe(plain.length);
    }
  });
});

describe("functions defined anew for fused multiply-adds", () => {
  it("are those that say so", () => {
    const names = Object.values(SCALAR_FUNCTIONS).flatMap(fn => (fn.fused ? [fn.name] : []));
    expect(names).toEqual(["expNonPositive.f32"]);
  });

  it("expNonPositive.f32 stays within 3 units in the last place to −20, and 6 to −86", () => {
    const n = 40_000;
    const xs = Float32Array.from({ length: n }, (_, i) => (-86 * i) / n);
    const x = input("x", [n]);
    const outputs = { y: rawExpNonPositive(x) };
    const { y } = compileSync(program("t", { f: { inputs: [x], outputs } }), { target: "wasm" }).f({ x: xs });
    const errors = Array.from(y, (value, i) => {
      const expected = Math.exp(xs[i]);
      return Math.abs(value - expected) / 2 ** (Math.floor(Math.log2(expected)) - 23);
    });
    const worst = (from: number): number => Math.max(...errors.filter((_, i) => xs[i] >= from));
    expect(worst(-20)).toBeLessThan(3);
    expect(worst(-86)).toBeLessThan(6);
  });
});
