import { describe, expect, test } from "vitest";
import {
  add,
  assign,
  call,
  forStmt,
  guard,
  ifStmt,
  int,
  letStmt,
  literal,
  load,
  lt,
  mul,
  splat,
  store,
  variable,
  varStmt,
  whileStmt,
} from "../../src/loop/build.ts";
import { SCALAR_FUNCTION_NAMES, scalarFunction } from "../../src/loop/functions/index.ts";
import { inlineCalls } from "../../src/loop/inline.ts";
import { compileFunction, compileKernel } from "../../src/loop/interpret.ts";
import type { Expr, Kernel, ScalarFunction, Stmt } from "../../src/loop/ir.ts";
import { printKernel } from "../../src/loop/print.ts";
import { verifyKernel } from "../../src/loop/verify.ts";

const kernel = (body: readonly Stmt[]): Kernel => ({
  name: "test",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "y", dtype: "f32", access: "write" },
  ],
  extents: ["n"],
  body,
});

function run(k: Kernel, n = 4): number[] {
  verifyKernel(k);
  const memory = new ArrayBuffer(32);
  new Float32Array(memory).set([0.25, -0.5, 0.75, 2]);
  compileKernel(k, memory)([0, 16], [n]);
  return [...new Float32Array(memory, 16)];
}

const exp = scalarFunction("exp", "f32");
const i = variable("i");
const x = (at: Expr): Expr => load("x", "f32", at);
const f32 = (value: number): Expr => literal("f32", value);

/** Inlines, checks that no call is left and that the values are the same to the bit. */
function check(body: readonly Stmt[]): void {
  const inlined = inlineCalls(kernel(body));
  expect(printKernel(inlined)).not.toMatch(/(?<!bits)\.f(32|64)\(/);
  expect(run(inlined)).toEqual(run(kernel(body)));
}

describe("inlineCalls", () => {
  test.each(SCALAR_FUNCTION_NAMES)("%s in one lane and in four", name => {
    const fn = scalarFunction(name, "f32");
    const narrow = fn.params.map((_, p) => (p === 0 ? x(i) : f32(3)));
    check([forStmt("i", int(0), int(4), [store("y", i, call(fn, ...narrow))])]);
    const wide = fn.params.map((_, p) => (p === 0 ? load("x", "f32", int(0), 4) : splat(f32(3), 4)));
    check([store("y", int(0), call(fn, ...wide))]);
  });

  test("calls in calls, twice in a statement, in conditions of loops and branches", () => {
    const twice = call(exp, mul(call(exp, x(i)), f32(0.1)));
    check([
      forStmt("i", int(0), int(4), [
        letStmt("t", add(twice, call(exp, x(i)))),
        ifStmt(lt(call(exp, x(i)), f32(1)), [store("y", i, f32(1))], [store("y", i, variable("t", "f32"))]),
      ]),
      varStmt("v", f32(0)),
      whileStmt(lt(call(exp, variable("v", "f32")), f32(20)), [assign("v", add(variable("v", "f32"), f32(0.5)))]),
      store("y", int(3), variable("v", "f32")),
    ]);
  });

  test("a guarded load stays guarded", () => {
    const far = add(i, int(100000));
    check([
      forStmt("i", int(0), int(4), [
        store("y", i, guard(lt(i, int(2)), call(exp, x(i)), guard(lt(i, int(0)), call(exp, x(far)), f32(7)))),
      ]),
    ]);
  });

  test("a definition that calls another", () => {
    const v = variable("x", "f32");
    const sigmoid: ScalarFunction = {
      name: "sigmoid.f32",
      params: [{ name: "x", dtype: "f32" }],
      body: [letStmt("e", call(exp, mul(v, f32(-1))))],
      result: add(f32(1), variable("e", "f32")),
      ulp: 4,
    };
    expect(compileFunction(sigmoid)(0)).toBe(2);
    check([forStmt("i", int(0), int(4), [store("y", i, call(sigmoid, x(i)))])]);
  });

  test("leaves functions that are not chosen", () => {
    const body = [store("y", int(0), call(exp, x(int(0))))];
    expect(inlineCalls(kernel(body), () => false)).toEqual(kernel(body));
  });
});
