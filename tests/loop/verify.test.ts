import { describe, expect, test } from "vitest";
import {
  add,
  arrayStmt,
  assign,
  barrier,
  element,
  forStmt,
  int,
  letStmt,
  literal,
  load,
  setElement,
  splat,
  store,
  variable,
  varStmt,
} from "../../src/loop/build.ts";
import type { Expr, Kernel, Stmt } from "../../src/loop/ir.ts";
import { kernelKey, printKernel } from "../../src/loop/print.ts";
import { renameStmts } from "../../src/loop/substitute.ts";
import { verifyKernel } from "../../src/loop/verify.ts";
import { InternalError } from "../../src/shared/errors.ts";

const kernel = (body: readonly Stmt[]): Kernel => ({
  name: "test",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "y", dtype: "f32", access: "write" },
  ],
  extents: ["n"],
  body,
});

const one = literal("f32", 1);
const raw = (e: object): Expr => e as Expr;
const loop = (body: readonly Stmt[]): Stmt => forStmt("i", int(0), variable("n"), body);

describe("verifyKernel", () => {
  const wrong: [string, Stmt[], string][] = [
    ["a name out of scope", [loop([letStmt("a", one)]), store("y", int(0), variable("a", "f32"))], "a is not defined"],
    ["a name defined twice", [loop([letStmt("a", one)]), letStmt("a", one)], "a is defined twice"],
    ["a name that is an extent", [letStmt("n", one)], "n is defined twice"],
    ["an assigned let", [letStmt("a", one), assign("a", one)], "a is a let"],
    ["an assigned loop variable", [loop([assign("i", int(0))])], "i is a let"],
    ["a variable of another type", [varStmt("a", one), assign("a", int(1))], "a is f32x1, not i32x1"],
    ["a read of other lanes", [letStmt("a", splat(one, 4)), store("y", int(0), variable("a", "f32"))], "a is f32x4"],
    ["a store to what is read", [store("x", int(0), one)], "x is for read only"],
    ["a load of what is written", [letStmt("a", load("y", "f32", int(0)))], "y is for write only"],
    ["a load of another dtype", [letStmt("a", load("x", "i32", int(0)))], "x has f32, not i32"],
    ["an unknown buffer", [store("z", int(0), one)], "no buffer z"],
    ["a float index", [store("y", one, one)], "an index is i32 with one lane"],
    ["a step of 0", [forStmt("i", int(0), int(1), [], { step: 0 })], "a loop with step 0"],
    ["an array as a variable", [arrayStmt("a", 2, one), letStmt("b", variable("a", "f32"))], "a is a array"],
    ["an element of a variable", [varStmt("a", one), letStmt("b", element("a", "f32", int(0)))], "a is a var"],
    ["an element of another type", [arrayStmt("a", 2, one), setElement("a", int(0), int(1))], "a is f32x1, not i32x1"],
    [
      "a variable that rounds of a parallel loop share",
      [varStmt("a", one), forStmt("i", int(0), int(2), [assign("a", one)], { parallel: true })],
      "rounds of a parallel loop share a",
    ],
    [
      "an array that rounds of a parallel loop share",
      [arrayStmt("a", 2, one), forStmt("i", int(0), int(2), [setElement("a", int(0), one)], { parallel: true })],
      "rounds of a parallel loop share a",
    ],
    [
      "an unrolled parallel loop",
      [forStmt("i", int(0), int(2), [], { parallel: true, unroll: true })],
      "a loop is unrolled and parallel",
    ],
    ["a barrier inside a block", [loop([barrier])], "a barrier inside a block"],
    [
      "operands of different lanes",
      [letStmt("a", raw({ op: "binary", fn: "add", dtype: "f32", lanes: 4, x: splat(one, 4), y: one }))],
      "lanes differ (1, 4)",
    ],
    [
      "operands of different dtypes",
      [letStmt("a", raw({ op: "binary", fn: "add", dtype: "f32", lanes: 1, x: one, y: int(1) }))],
      "binary does not fit f32",
    ],
    [
      "bits of floats",
      [letStmt("a", raw({ op: "binary", fn: "xor", dtype: "f32", lanes: 1, x: one, y: one }))],
      "binary does not fit f32",
    ],
    [
      "a condition that is no bool",
      [letStmt("a", raw({ op: "select", dtype: "f32", lanes: 1, condition: one, then: one, otherwise: one }))],
      "select does not fit f32",
    ],
  ];
  test.each(wrong)("finds %s", (_, body, problem) => {
    expect(() => verifyKernel(kernel(body))).toThrow(InternalError);
    expect(() => verifyKernel(kernel(body))).toThrow(`kernel test: ${problem}`);
  });

  test("names the statement", () => {
    expect(() => verifyKernel(kernel([loop([store("x", variable("i"), one)])]))).toThrow("in x[i] = 1.0");
  });
});

const sum: Kernel = kernel([
  varStmt("s", splat(one, 4)),
  forStmt("i", int(0), variable("n"), [assign("s", add(variable("s", "f32", 4), load("x", "f32", variable("i"), 4)))], {
    step: 4,
  }),
  store("y", int(0), variable("s", "f32", 4)),
]);

test("a kernel as text", () => {
  expect(printKernel(sum)).toBe(`kernel test(x: read f32, y: write f32; n) {
  var s: f32x4 = 1.0.splat4
  for i = 0 .. n step 4 {
    s = s + x[i .. +4]
  }
  y[0 .. +4] = s
}`);
});

const rows: Kernel = {
  ...kernel([
    forStmt("i", int(0), variable("n"), [store("p", int(0), load("x", "f32", variable("i")))], { parallel: true }),
    barrier,
    store("y", int(0), one),
  ]),
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "y", dtype: "f32", access: "write" },
    { name: "p", dtype: "f32", access: "readwrite", private: true },
  ],
};

test("a kernel for several threads as text", () => {
  verifyKernel(rows);
  expect(printKernel(rows)).toBe(`kernel test(x: read f32, y: write f32, p: private readwrite f32; n) {
  for i = 0 .. n parallel {
    p[0] = x[i]
  }
  barrier
  y[0] = 1.0
}`);
  const read: Kernel = { ...rows, buffers: rows.buffers.map(b => ({ ...b, access: "read" })) };
  expect(() => verifyKernel(read)).toThrow("p is private and only read");
});

describe("kernelKey", () => {
  const rename = (name: string): string => `other_${name}`;
  const renamed: Kernel = {
    name: "other",
    buffers: sum.buffers.map(b => ({ ...b, name: rename(b.name) })),
    extents: sum.extents.map(rename),
    body: renameStmts(sum.body, rename),
  };

  test("is equal for kernels that differ in names alone", () => {
    verifyKernel(renamed);
    expect(kernelKey(renamed)).toBe(kernelKey(sum));
  });

  const changes: [string, Kernel][] = [
    ["the access of a buffer", { ...sum, buffers: sum.buffers.map(b => ({ ...b, access: "readwrite" })) }],
    ["the order of buffers", { ...sum, buffers: sum.buffers.toReversed() }],
    ["an extent", { ...sum, extents: ["n", "m"] }],
    ["a statement", { ...sum, body: sum.body.slice(1) }],
    ["a constant", { ...sum, body: [varStmt("s", splat(literal("f32", -1), 4)), ...sum.body.slice(1)] }],
    ["a parallel loop", { ...sum, body: sum.body.map(x => (x.op === "for" ? { ...x, parallel: true } : x)) }],
    ["a private buffer", { ...sum, buffers: sum.buffers.map(b => ({ ...b, private: true })) }],
    ["a barrier", { ...sum, body: [...sum.body, barrier] }],
    ["a lane count", { ...sum, body: [varStmt("s", splat(one, 2)), ...sum.body.slice(1)] }],
  ];
  test.each(changes)("differs in %s", (_, changed) => {
    expect(kernelKey(changed)).not.toBe(kernelKey(sum));
  });

  test("tells zeros apart", () => {
    const [plus, minus] = [0, -0].map(value => kernelKey(kernel([store("y", int(0), literal("f32", value))])));
    expect(plus).not.toBe(minus);
  });
});
