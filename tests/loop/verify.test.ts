import { describe, expect, test } from "vitest";
import {
  type AccessPattern,
  add,
  and,
  arrayStmt,
  assign,
  barrier,
  element,
  forStmt,
  int,
  letStmt,
  literal,
  load,
  lt,
  ramp,
  sameExpr,
  setElement,
  shuffle,
  splat,
  store,
  variable,
  varStmt,
} from "../../src/loop/build.ts";
import { freeVariables } from "../../src/loop/free-variables.ts";
import type { Expr, Kernel, Lanes, Stmt } from "../../src/loop/ir.ts";
import { kernelKey, printKernel } from "../../src/loop/print.ts";
import { renameStmts, substitute } from "../../src/loop/substitute.ts";
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
const read = (lanes: Lanes, access: AccessPattern): Stmt => letStmt("a", load("x", "f32", int(0), lanes, access));
const write = (lanes: Lanes, access: AccessPattern): Stmt => store("y", int(0), literal("f32", 1, lanes), access);
const yes = (lanes: Lanes): Expr => lt(literal("f32", 1, lanes), literal("f32", 2, lanes));
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
    ["a ramp of one lane", [letStmt("a", ramp(1))], "a ramp is i32 with several lanes"],
    ["a ramp of floats", [letStmt("a", raw({ ...ramp(4), dtype: "f32" }))], "a ramp is i32 with several lanes"],
    [
      "a shuffle of three lanes",
      [letStmt("a", shuffle(splat(one, 4), splat(one, 4), [0, 1, 2]))],
      "four of eight lanes",
    ],
    [
      "a lane that two vectors lack",
      [letStmt("a", shuffle(splat(one, 4), splat(one, 4), [0, 1, 2, 8]))],
      "four of eight lanes",
    ],
    ["a shuffle of scalars", [letStmt("a", shuffle(one, one, [0, 1, 2, 3]))], "four of eight lanes"],
    ["a stride of one lane", [read(1, { stride: int(2) })], "a stride of one lane"],
    ["a stored stride of one lane", [write(1, { stride: int(2) })], "a stride of one lane"],
    ["a stride that is no index", [read(4, { stride: literal("f32", 2) })], "a stride is i32 with one lane: 2.0"],
    ["a stride in lanes", [write(4, { stride: literal("i32", 2, 4) })], "a stride is i32 with one lane: 2.splat4"],
    ["a stride that is not defined", [write(4, { stride: variable("s") })], "s is not defined here"],
    ["a mask of other lanes", [read(4, { mask: yes(2) })], "a mask is a bool with the lanes of its access (4)"],
    ["a mask of one lane", [write(4, { mask: yes(1) })], "a mask is a bool with the lanes of its access (4)"],
    ["a mask of floats", [write(2, { mask: splat(one, 2) })], "a mask is a bool with the lanes of its access (2)"],
    ["a mask that is not defined", [read(1, { mask: variable("m", "bool") })], "m is not defined here"],
    [
      "a strided splat",
      [letStmt("a", { ...load("x", "f32", int(0), 4, { stride: int(2) }), splat: true })],
      "a splat load with a stride or mask",
    ],
    [
      "a masked splat",
      [letStmt("a", { ...load("x", "f32", int(0), 4, { mask: yes(4) }), splat: true })],
      "a splat load with a stride or mask",
    ],
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
    [
      "a grain of a loop without a named end",
      [forStmt("i", int(0), int(6), [], { parallel: true, step: 2, grain: 1 })],
      "a grain without a named end",
    ],
    [
      "a grain that does not fill the step",
      [forStmt("i", int(0), variable("n"), [], { parallel: true, step: 3, grain: 2 })],
      "a step that grains do not fill",
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

/** Elements a stride apart where they are below 2; the rest becomes 0. */
const lanes: Kernel = kernel([
  letStmt("v", load("x", "f32", int(9), 4, { stride: variable("n") })),
  letStmt("m", lt(variable("v", "f32", 4), literal("f32", 2, 4))),
  store("y", int(0), load("x", "f32", int(9), 4, { stride: variable("n"), mask: variable("m", "bool", 4) })),
  store("y", int(20), variable("v", "f32", 4), { mask: variable("m", "bool", 4) }),
  store("y", int(40), load("x", "f32", int(0), 1, { mask: lt(variable("n"), int(3)) }), { mask: yes(1) }),
]);

test("a ramp as text", () => {
  const named = kernel([letStmt("a", add(ramp(2), splat(variable("n"), 2)))]);
  verifyKernel(named);
  expect(printKernel(named)).toContain("let a = ramp2 + n.splat2");
});

test("accesses with strides and masks as text", () => {
  verifyKernel(lanes);
  expect(printKernel(lanes)).toBe(`kernel test(x: read f32, y: write f32; n) {
  let v = x[9 .. +4 by n]
  let m = v < 2.0.splat4
  y[0 .. +4] = x[9 .. +4 by n if m]
  y[20 .. +4 if m] = v
  y[40 if 1.0 < 2.0] = x[0 if n < 3]
}`);
});

test("strides of 1 and masks that are true are left out; a false one leaves zeros", () => {
  expect(load("x", "f32", int(0), 4, { stride: int(1), mask: literal("bool", 1, 4) })).toEqual(
    load("x", "f32", int(0), 4),
  );
  const masked = load("x", "f32", int(0), 4, { stride: variable("s"), mask: variable("m", "bool", 4) });
  const folded = (s: number, m: number): Expr =>
    substitute(masked, new Map([["s", int(s)], ["m", literal("bool", m, 4)]])); // biome-ignore format: pairs
  expect(folded(1, 1)).toEqual(load("x", "f32", int(0), 4));
  expect(folded(-1, 1)).toEqual(load("x", "f32", int(0), 4, { stride: int(-1) }));
  expect(folded(2, 0)).toEqual(literal("f32", 0, 4));
});

test("strides and masks are told apart, and count as uses of their variables", () => {
  const [s, m] = [variable("s"), variable("m", "bool", 4)];
  const patterns: AccessPattern[] = [{}, { stride: s }, { mask: m }, { stride: s, mask: m }, { stride: int(2) }];
  const loads = patterns.map(p => load("x", "f32", int(0), 4, p));
  for (const [k, a] of loads.entries()) {
    expect(loads.map(b => sameExpr(a, b))).toEqual(loads.map((_, other) => other === k));
    const used = Object.values(patterns[k]).flatMap(e => (e.op === "var" ? [e.name] : []));
    expect(freeVariables([letStmt("a", a)])).toEqual(used);
    expect(freeVariables([store("y", int(0), literal("f32", 1, 4), patterns[k])])).toEqual(used);
  }
});

describe("kernelKey", () => {
  const rename = (name: string): string => `other_${name}`;
  const renamed = (k: Kernel): Kernel => ({
    name: "other",
    buffers: k.buffers.map(b => ({ ...b, name: rename(b.name) })),
    extents: k.extents.map(rename),
    body: renameStmts(k.body, rename),
  });

  test.each([sum, lanes])("is equal for kernels that differ in names alone", one => {
    verifyKernel(renamed(one));
    expect(kernelKey(renamed(one))).toBe(kernelKey(one));
  });

  test("tells a mask of a mask from a mask of an operand", () => {
    const flag = (at: number, mask?: Expr) => load("b", "bool", int(at), 1, mask ? { mask } : {});
    const [inner, outer] = [and(flag(0, flag(1)), flag(2)), and(flag(0), flag(1, flag(2)))];
    expect(kernelKey(kernel([letStmt("a", inner)]))).not.toBe(kernelKey(kernel([letStmt("a", outer)])));
  });

  test("differs in which accesses have strides and masks", () => {
    const m = variable("m", "bool", 4);
    const patterns: AccessPattern[] = [
      {},
      { stride: int(2) },
      { stride: int(3) },
      { mask: m },
      { stride: int(2), mask: m },
    ];
    const reads = patterns.map(p => kernel([letStmt("m", yes(4)), read(4, p)]));
    const writes = patterns.map(p => kernel([letStmt("m", yes(4)), write(4, p)]));
    expect(new Set([...reads, ...writes].map(kernelKey)).size).toBe(2 * patterns.length);
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
