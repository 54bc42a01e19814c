import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  assign,
  binary,
  call,
  cast,
  forStmt,
  guard,
  iadd,
  ifStmt,
  imul,
  int,
  irem,
  letStmt,
  literal,
  load,
  lt,
  mul,
  store,
  variable,
  varStmt,
  whileStmt,
} from "../../src/loop/build.ts";
import { scalarFunction } from "../../src/loop/functions/index.ts";
import { hoist } from "../../src/loop/hoist.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { BinaryFn, Expr, Kernel, Stmt } from "../../src/loop/ir.ts";
import { printStmts } from "../../src/loop/print.ts";
import { verifyKernel } from "../../src/loop/verify.ts";

const kernel = (body: readonly Stmt[]): Kernel => ({
  name: "test",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "y", dtype: "f32", access: "readwrite" },
  ],
  extents: ["n", "m"],
  body,
});

const [n, m, i, j, k] = ["n", "m", "i", "j", "k"].map(name => variable(name));
const loop = (name: string, body: readonly Stmt[], to: Expr = n): Stmt => forStmt(name, int(0), to, body);
const x = (at: Expr): Expr => load("x", "f32", at);

function text(body: readonly Stmt[]): string {
  const hoisted = hoist(kernel(body));
  verifyKernel(hoisted);
  return printStmts(hoisted.body).join("\n");
}

describe("hoist", () => {
  test("gives every part of an index the loop in which it changes", () => {
    const at = iadd(iadd(imul(i, m), k), imul(j, int(4)));
    const body = [loop("i", [loop("j", [loop("k", [store("y", iadd(int(2), at), x(at))])])])];
    expect(text(body)).toBe(`for i = 0 .. n {
  let at = i * m
  for j = 0 .. n {
    let at_0 = at + (j * 4)
    for k = 0 .. n {
      let at_1 = at_0 + k
      y[at_1 + 2] = x[at_1]
    }
  }
}`);
  });

  test("moves loads-free invariants, and lets that hold them, out of the loop", () => {
    const scale = call(scalarFunction("exp", "f32"), cast("f32", m));
    const body = [loop("i", [letStmt("s", scale), store("y", i, mul(variable("s", "f32"), x(i)))])];
    expect(text(body)).toBe(`let s = exp.f32(f32(m))
for i = 0 .. n {
  y[i] = s * x[i]
}`);
  });

  test("leaves loads, mutable variables and what depends on them", () => {
    const body = [
      varStmt("a", int(0)),
      loop("i", [store("y", i, add(x(n), cast("f32", imul(variable("a"), m)))), assign("a", iadd(variable("a"), i))]),
      whileStmt(lt(variable("a"), imul(m, m)), [assign("a", iadd(variable("a"), imul(m, m)))]),
    ];
    expect(text(body)).toBe(`var a: i32 = 0
for i = 0 .. n {
  y[i] = x[n] + f32(a * m)
  a = i + a
}
let at = m * m
while a < at {
  a = at + a
}`);
  });

  test("keeps a guarded load guarded", () => {
    const body = [loop("i", [store("y", i, guard(lt(imul(m, m), n), x(imul(m, m)), literal("f32", 0)))])];
    expect(text(body)).toBe(`let at = m * m
let fixed = at < n
for i = 0 .. n {
  y[i] = fixed ? x[at] : 0.0
}`);
  });

  test("copies and constants behind lets disappear", () => {
    const body = [loop("i", [letStmt("a", i), letStmt("b", int(3)), store("y", variable("a"), x(variable("b")))])];
    expect(text(body)).toBe(`for i = 0 .. n {
  y[i] = x[3]
}`);
  });

  test("does not show names outside their block", () => {
    const square = iadd(imul(i, i), int(1));
    const body = [
      loop("i", [
        ifStmt(lt(i, m), [letStmt("a", square), store("y", variable("a"), x(square))]),
        store("y", square, x(i)),
      ]),
    ];
    expect(() => text(body)).not.toThrow();
  });

  /** Random index expressions over what is visible. */
  const index = (names: readonly Expr[]): fc.Arbitrary<Expr> =>
    fc.letrec<{ e: Expr }>(tie => ({
      e: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(...names, int(1), int(3), int(-2)),
        fc
          .tuple(fc.constantFrom<BinaryFn>("add", "sub", "mul", "div", "rem"), tie("e"), tie("e"))
          .map(([fn, a, b]) => binary(fn, a, b)),
      ),
    })).e;
  /** Into the 16 elements of a buffer. */
  const within = (e: Expr): Expr => irem(iadd(irem(e, int(16)), int(16)), int(16));

  test("keeps the meaning of random kernels", () => {
    const arbitrary = fc.record({
      a: index([n, m]),
      b: index([n, m, i]),
      c: index([n, m, i, variable("b")]),
      d: index([n, m, i, j, variable("b"), variable("c")]),
      e: index([n, m, i, j, variable("b"), variable("c"), variable("v")]),
    });
    fc.assert(
      fc.property(arbitrary, ({ a, b, c, d, e }) => {
        const body = [
          loop("i", [
            letStmt("b", b),
            ifStmt(lt(a, b), [store("y", within(b), cast("f32", a))]),
            loop(
              "j",
              [
                letStmt("c", c),
                varStmt("v", d),
                ifStmt(lt(c, d), [letStmt("q", d), assign("v", iadd(variable("q"), c))], [assign("v", a)]),
                store("y", within(e), add(x(within(d)), cast("f32", iadd(variable("v"), e)))),
              ],
              m,
            ),
          ]),
        ];
        const run = (k: Kernel): number[] => {
          const memory = new ArrayBuffer(128);
          new Float32Array(memory).set(Array.from({ length: 16 }, (_, at) => at + 0.5));
          compileKernel(k, memory)([0, 64], [3, 4]);
          return [...new Float32Array(memory, 64)];
        };
        const original = kernel(body);
        verifyKernel(original);
        const hoisted = hoist(original);
        verifyKernel(hoisted);
        expect(run(hoisted)).toEqual(run(original));
      }),
      { numRuns: 500 },
    );
  });
});
