import { describe, expect, test } from "vitest";
import {
  add,
  arrayStmt,
  assign,
  binary,
  bitcast,
  call,
  cast,
  element,
  fma,
  forStmt,
  ge,
  guard,
  iadd,
  imul,
  int,
  lane,
  letStmt,
  literal,
  load,
  lt,
  mul,
  ramp,
  select,
  setElement,
  splat,
  store,
  unary,
  variable,
  varStmt,
  whileStmt,
} from "../../src/loop/build.ts";
import { scalarFunction } from "../../src/loop/functions/index.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { BinaryFn, Expr, Kernel, Stmt, UnaryFn } from "../../src/loop/ir.ts";
import { verifyKernel } from "../../src/loop/verify.ts";
import type { DType } from "../../src/shared/dtype.ts";
import { InternalError } from "../../src/shared/errors.ts";

const kernel = (dtype: DType, body: readonly Stmt[], extents: readonly string[] = []): Kernel => ({
  name: "test",
  buffers: [
    { name: "x", dtype, access: "read" },
    { name: "y", dtype, access: "write" },
  ],
  extents,
  body,
});

/** Evaluates one constant expression. */
function evaluate(e: Expr): number {
  const memory = new ArrayBuffer(16);
  compileKernel(kernel(e.dtype, [store("y", int(0), e)]), memory)([0, 0], []);
  const view = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array, bool: Uint8Array }[e.dtype];
  return new view(memory)[0];
}

const two = (fn: BinaryFn, dtype: DType, x: number, y: number): number =>
  evaluate(binary(fn, literal(dtype, x), literal(fn === "ldexp" ? "i32" : dtype, y)));
const one = (fn: UnaryFn, dtype: DType, x: number): number => evaluate(unary(fn, literal(dtype, x)));

describe("operations", () => {
  const binaries: [BinaryFn, DType, number, number, number][] = [
    ["add", "f32", 16777216, 1, 16777216],
    ["mul", "f32", 1e30, 1e30, Infinity],
    ["add", "i32", 2147483647, 1, -2147483648],
    ["mul", "i32", 65537, 65537, 131073],
    ["sub", "u32", 0, 1, 4294967295],
    ["div", "i32", -7, 2, -3],
    ["div", "i32", 5, 0, 0],
    ["div", "i32", -2147483648, -1, -2147483648],
    ["rem", "i32", -7, 2, -1],
    ["rem", "i32", 7, 0, 0],
    ["rem", "f64", -7.5, 2, -1.5],
    ["shr", "i32", -8, 1, -4],
    ["shr", "u32", 4294967288, 1, 2147483644],
    ["shl", "i32", 1, 33, 2],
    ["min", "f32", NaN, 1, NaN],
    ["min", "f64", -0, 0, -0],
    ["max", "f32", 0, -0, 0],
    ["max", "i32", -3, 2, 2],
    ["max", "u32", 4294967295, 2, 4294967295],
    ["xor", "u32", 4294967295, 1, 4294967294],
    ["ldexp", "f32", 1, -149, 2 ** -149],
    ["ldexp", "f32", 1.5, -149, 2 ** -148],
    ["ldexp", "f32", 2 ** -149, 200, 2 ** 51],
    ["ldexp", "f64", 1, -1074, 5e-324],
    ["ldexp", "f64", 5e-324, 1074, 1],
    ["ldexp", "f64", 1, 5000, Infinity],
    ["ldexp", "f64", -1, -5000, -0],
    ["ldexp", "f64", 1.25, -1073, 2 * 5e-324],
    // One rounding: 1 + 2⁻⁵² above half of the least denormal rounds up, half itself down to even.
    ["ldexp", "f64", 1 + 2 ** -52, -1075, 5e-324],
    ["ldexp", "f64", 1, -1075, 0],
    ["ldexp", "f64", 1.7976931348623157e308, -2000, 1.7976931348623157e308 * 2 ** -1000 * 2 ** -1000],
    ["ldexp", "f64", 1.5, 2147483647, Infinity],
  ];
  test.each(binaries)("%s.%s(%d, %d) is %d", (fn, dtype, x, y, expected) => {
    expect(two(fn, dtype, x, y)).toBe(expected);
  });

  const unaries: [UnaryFn, DType, number, number][] = [
    ["nearest", "f64", 0.5, 0],
    ["nearest", "f64", 1.5, 2],
    ["nearest", "f64", 2.5, 2],
    ["nearest", "f64", -0.5, -0],
    ["nearest", "f64", -1.5, -2],
    ["nearest", "f64", 0.49999999999999994, 0],
    ["nearest", "f64", 4503599627370497, 4503599627370497],
    ["nearest", "f64", -Infinity, -Infinity],
    ["nearest", "f32", NaN, NaN],
    ["mantissa", "f64", 5e-324, 0.5],
    ["mantissa", "f64", -12, -0.75],
    ["mantissa", "f64", -0, -0],
    ["mantissa", "f64", 1.7976931348623157e308, 0.9999999999999999],
    ["mantissa", "f32", Infinity, Infinity],
    ["exponent", "f64", 5e-324, -1073],
    ["exponent", "f64", 1, 1],
    ["exponent", "f32", 2 ** -149, -148],
    ["exponent", "f32", 0, 0],
    ["exponent", "f64", NaN, 0],
    ["power2", "i32", -1, 0.5],
    ["power2", "i32", 1023, 2 ** 1023],
    ["power2", "i32", -1022, 2 ** -1022],
    ["power2", "i32", -1023, 0],
    ["power2", "i32", 1024, Infinity],
    ["abs", "i32", -2147483648, -2147483648],
    ["neg", "f32", 0, -0],
    ["not", "i32", 5, -6],
    ["not", "u32", 0, 4294967295],
    ["not", "bool", 1, 0],
    ["sqrt", "f32", 2, Math.fround(Math.SQRT2)],
  ];
  test.each(unaries)("%s.%s(%d) is %d", (fn, dtype, x, expected) => {
    expect(one(fn, dtype, x)).toBe(expected);
  });

  const casts: [DType, number, DType, number][] = [
    ["f64", 3e9, "i32", 2147483647],
    ["f64", -3e9, "i32", -2147483648],
    ["f64", NaN, "i32", 0],
    ["f32", -1, "u32", 0],
    ["f64", 5e9, "u32", 4294967295],
    ["f64", -2.9, "i32", -2],
    ["u32", 4294967295, "i32", -1],
    ["i32", 16777217, "f32", 16777216],
    ["f64", 0.1, "f32", Math.fround(0.1)],
    ["f64", NaN, "bool", 1],
    ["i32", 0, "bool", 0],
    ["bool", 1, "f32", 1],
  ];
  test.each(casts)("%s %d as %s is %d", (from, x, to, expected) => {
    expect(evaluate(cast(to, literal(from, x)))).toBe(expected);
  });

  test("bitcast keeps the bits", () => {
    expect(evaluate(bitcast("i32", literal("f32", -0)))).toBe(-2147483648);
    expect(evaluate(bitcast("u32", literal("f32", 1)))).toBe(0x3f800000);
    expect(evaluate(bitcast("f32", literal("i32", 1)))).toBe(2 ** -149);
    expect(evaluate(bitcast("u32", literal("i32", -1)))).toBe(4294967295);
  });

  test("fma in f32 rounds the product, then the sum", () => {
    const x = literal("f32", 1 + 2 ** -12);
    // x² = 1 + 2⁻¹¹ + 2⁻²⁴, whose last term is lost in f32.
    expect(evaluate(fma(x, x, literal("f32", -1 - 2 ** -11)))).toBe(0);
  });

  test("constants of f32 are rounded", () => {
    expect(evaluate(literal("f32", 0.1))).toBe(Math.fround(0.1));
  });
});

describe("statements", () => {
  const n = variable("n");
  const i = variable("i");

  test("a loop over an extent, at the buffers' places", () => {
    const memory = new ArrayBuffer(64);
    new Float32Array(memory).set([1, 2, 3, 4], 4);
    const body = [forStmt("i", int(0), n, [store("y", i, mul(load("x", "f32", i), literal("f32", 2)))])];
    compileKernel(kernel("f32", body, ["n"]), memory)([16, 32], [3]);
    expect([...new Float32Array(memory, 32, 4)]).toEqual([2, 4, 6, 0]);
  });

  test("vectors: load, splat load, select, lane, call, store", () => {
    const memory = new ArrayBuffer(64);
    new Float32Array(memory).set([1, -2, 3, -4]);
    const x = letStmt("v", load("x", "f32", int(0), 4));
    const v = variable("v", "f32", 4);
    const first: Expr = { op: "load", buffer: "x", index: int(0), splat: true, dtype: "f32", lanes: 4 };
    const positive = select(lt(v, literal("f32", 0, 4)), splat(lane(v, 2), 4), v);
    const body = [
      x,
      store("y", int(0), add(positive, call(scalarFunction("exp", "f32"), mul(first, literal("f32", 0, 4))))),
    ];
    compileKernel(kernel("f32", body), memory)([0, 16], []);
    expect([...new Float32Array(memory, 16, 4)]).toEqual([2, 4, 4, 4]);
  });

  test("a lane that is not there reads 0, is not written and touches nothing", () => {
    const memory = new ArrayBuffer(64);
    new Float32Array(memory).set([1, 2, 3, 4, 5, 6, 7, 8]);
    // Lanes at 6, 3, 0, −3.
    const mask = ge(load("x", "f32", int(0), 4), literal("f32", 2, 4));
    const there = select(mask, literal("bool", 0, 4), literal("bool", 1, 4)); // 1 0 0 0
    const body = [
      store("y", int(0), load("x", "f32", int(6), 4, { stride: int(-1000), mask: there })),
      store("y", int(7), load("x", "f32", int(1), 4, { stride: int(2) }), { stride: int(-1), mask }),
    ];
    verifyKernel(kernel("f32", body));
    compileKernel(kernel("f32", body), memory)([0, 32], []);
    expect([...new Float32Array(memory, 32)]).toEqual([7, 0, 0, 0, 8, 6, 4, 0]);
  });

  test("a ramp numbers the lanes", () => {
    const memory = new ArrayBuffer(64);
    const rows = add(mul(ramp(4), literal("i32", 10, 4)), splat(n, 4));
    compileKernel(kernel("i32", [store("y", int(0), rows), store("y", int(6), ramp(2))], ["n"]), memory)([0, 0], [5]);
    expect([...new Int32Array(memory, 0, 8)]).toEqual([5, 15, 25, 35, 0, 0, 0, 1]);
  });

  test("where stored lanes meet, the last one stays", () => {
    const memory = new ArrayBuffer(32);
    new Float32Array(memory).set([1, 2, 3, 4]);
    compileKernel(kernel("f32", [store("y", int(1), load("x", "f32", int(0), 4), { stride: int(0) })]), memory)(
      [0, 16],
      [],
    );
    expect([...new Float32Array(memory, 16)]).toEqual([0, 4, 0, 0]);
  });

  test.each([0, 1])("one masked element, mask %i", mask => {
    const memory = new ArrayBuffer(32);
    new Float32Array(memory).set([5, 6, 7, 8, 9]);
    const at = mask ? int(1) : int(1000);
    const there = { mask: lt(n, int(5)) };
    const body = [store("y", int(0), load("x", "f32", at, 1, there)), store("y", at, literal("f32", 3), there)];
    compileKernel(kernel("f32", body, ["n"]), memory)([0, 16], [mask ? 4 : 5]);
    expect([...new Float32Array(memory, 16)]).toEqual(mask ? [6, 3, 0, 0] : [0, 0, 0, 0]);
  });

  test("register arrays, variables and while", () => {
    const memory = new ArrayBuffer(32);
    const body: Stmt[] = [
      arrayStmt("acc", 2, literal("f32", 1)),
      forStmt("i", int(0), int(2), [setElement("acc", i, add(element("acc", "f32", i), cast("f32", i)))], {
        unroll: true,
      }),
      varStmt("k", int(0)),
      whileStmt(lt(variable("k"), int(2)), [
        store("y", variable("k"), element("acc", "f32", variable("k"))),
        assign("k", iadd(variable("k"), int(1))),
      ]),
    ];
    compileKernel(kernel("f32", body), memory)([0, 16], []);
    expect([...new Float32Array(memory, 16, 2)]).toEqual([1, 2]);
  });

  test("only the chosen arm of a guard is evaluated", () => {
    const memory = new ArrayBuffer(32);
    const body = [store("y", int(0), guard(lt(n, int(1)), load("x", "f32", imul(n, int(1000))), literal("f32", 7)))];
    compileKernel(kernel("f32", body, ["n"]), memory)([0, 16], [5]);
    expect(new Float32Array(memory, 16, 1)[0]).toBe(7);
  });

  test.each([-5, 1000])("a load or store at %d fails", at => {
    const memory = new ArrayBuffer(32);
    const loads = compileKernel(kernel("f32", [store("y", int(0), load("x", "f32", n))], ["n"]), memory);
    const stores = compileKernel(kernel("f32", [store("y", n, literal("f32", 1))], ["n"]), memory);
    expect(() => loads([0, 16], [at])).toThrow(InternalError);
    expect(() => stores([0, 16], [at])).toThrow(`kernel test: y[${at}] is outside the memory`);
  });
});
