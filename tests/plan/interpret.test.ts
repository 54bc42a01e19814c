import { describe, expect, test } from "vitest";
import {
  add,
  compare,
  forStmt,
  iadd,
  imul,
  int,
  literal,
  load,
  select,
  store,
  variable,
} from "../../src/loop/build.ts";
import type { Expr, Kernel } from "../../src/loop/ir.ts";
import { instantiateInterpreter } from "../../src/plan/interpret.ts";
import type { LoweredProgram, PlanStmt } from "../../src/plan/ir.ts";
import { printPlan } from "../../src/plan/print.ts";
import { verifyPlan } from "../../src/plan/verify.ts";
import { InternalError } from "../../src/shared/errors.ts";

const i = variable("i");

/** y[i] = x[i] + 1, i < n */
const increment: Kernel = {
  name: "increment",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "y", dtype: "f32", access: "write" },
  ],
  extents: ["n"],
  body: [forStmt("i", int(0), variable("n"), [store("y", i, add(load("x", "f32", i), literal("f32", 1)))])],
};

/** flag[0] = x[0] < limit */
const below: Kernel = {
  name: "below",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "flag", dtype: "bool", access: "write" },
  ],
  extents: [],
  body: [store("flag", int(0), compare("lt", load("x", "f32", int(0)), literal("f32", 5)))],
};

const call = (kernel: Kernel, places: readonly Expr[]): PlanStmt => ({
  op: "call",
  kernel,
  places,
  extents: kernel.extents.map(() => variable("B")),
  origins: [],
});

const B = { name: "B", max: 4 };

/** Memory: x at 0, y at 16, flag at 32, z (three rows) at 48. */
function program(body: readonly PlanStmt[]): LoweredProgram {
  const slot = (name: string, offset: number) => ({ name, dtype: "f32", shape: [4], offset }) as const;
  return {
    name: "test",
    mode: "reproducible",
    profile: {
      name: "interpret",
      lanes: { f32: 1, f64: 1, i32: 1, u32: 1, bool: 1 },
      fma: false,
      tile: { rows: 1, vectors: 1 },
    },
    kernels: [increment, below],
    functions: [{ name: "f", dims: [B], body }],
    interfaces: [{ name: "f", dims: [B], inputs: [slot("x", 0)], outputs: [slot("y", 16)] }],
    variables: [],
    memory: { bytes: 112, data: [{ offset: 0, bytes: new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer) }] },
    reports: [],
    origins: [],
  };
}

function run(body: readonly PlanStmt[], size = 4): number[] {
  const lowered = program(body);
  verifyPlan(lowered);
  const { memory, functions } = instantiateInterpreter(lowered);
  functions.f(size);
  return [...new Float32Array(memory)];
}

describe("plan interpreter", () => {
  test("calls a kernel at its places with the dimensions of the call", () => {
    expect(run([call(increment, [int(0), int(16)])], 3).slice(4, 8)).toEqual([2, 3, 4, 0]);
  });

  test("swapped places: three increments, forth and back", () => {
    const body: PlanStmt[] = [
      { op: "place", name: "a", value: int(0) },
      { op: "place", name: "b", value: int(16) },
      {
        op: "for",
        name: "t",
        count: int(3),
        body: [call(increment, [variable("a"), variable("b")]), { op: "swap", a: "a", b: "b" }],
      },
    ];
    expect(run(body).slice(0, 8)).toEqual([3, 4, 5, 6, 4, 5, 6, 7]);
  });

  test("loops run forwards or backwards", () => {
    // Copies x to row t of z; the row that is written last is then copied to y.
    const rows = (reverse: boolean): PlanStmt[] => [
      {
        op: "for",
        name: "t",
        count: int(3),
        reverse,
        body: [
          call(increment, [int(0), int(0)]),
          {
            op: "copy",
            from: int(0),
            to: iadd(int(48), imul(variable("t"), int(16))),
            bytes: imul(variable("B"), int(4)),
          },
        ],
      },
    ];
    const first = (values: number[]): number[] => [12, 16, 20].map(at => values[at]);
    expect(first(run(rows(false)))).toEqual([2, 3, 4]);
    expect(first(run(rows(true)))).toEqual([4, 3, 2]);
  });

  test("while and if look at a byte", () => {
    const again = call(below, [int(0), int(32)]);
    const body: PlanStmt[] = [
      again,
      { op: "while", condition: int(32), body: [call(increment, [int(0), int(0)]), again] },
      { op: "if", condition: int(32), then: [], otherwise: [call(increment, [int(0), int(16)])] },
      { op: "if", condition: int(32), then: [call(increment, [int(16), int(16)])], otherwise: [] },
      { op: "barrier" },
    ];
    expect(run(body).slice(0, 8)).toEqual([5, 6, 7, 8, 6, 7, 8, 9]);
  });

  test("loops end where a byte says so, or after as many rounds as lie in memory", () => {
    const rounds = (rest: object): PlanStmt => ({
      op: "for",
      name: "t",
      count: int(3),
      ...rest,
      body: [call(increment, [int(0), int(0)]), call(below, [int(0), int(32)])],
    });
    const start = call(below, [int(0), int(32)]);
    expect(run([start, rounds({ goesOn: int(32) })])[0]).toBe(4);
    expect(run([start, rounds({ goesOn: int(32) }), rounds({ goesOn: int(32) })])[0]).toBe(5);
    // The flag at byte 32 is 1 as an i32.
    expect(run([start, rounds({ atMost: int(32) })])[0]).toBe(2);
    expect(run([rounds({ atMost: int(32), reverse: true })])[0]).toBe(1);
    expect(run([start, rounds({ atMost: int(0), goesOn: int(32) })])[0]).toBe(4);
    const text = printPlan(program([rounds({ atMost: int(4), goesOn: int(32), reverse: true })]));
    expect(text).toContain("for t = min(3, i32[4]) - 1 .. 0 while byte[32] {");
  });

  test("a copy that leaves the memory or overlaps fails", () => {
    const copy = (to: number): PlanStmt[] => [{ op: "copy", from: int(0), to: int(to), bytes: int(16) }];
    expect(() => run(copy(104))).toThrow("plan: copy of 16 bytes from 0 to 104 leaves the memory of 112");
    expect(() => run(copy(8))).toThrow("plan: the ranges of a copy overlap");
  });
});

describe("plan verifier", () => {
  const wrong: [string, PlanStmt[], string][] = [
    ["a missing place", [call(increment, [int(0)])], "plan of f: increment: 1 places"],
    ["an unknown name", [call(increment, [int(0), variable("q")])], "plan of f: q is not defined here"],
    ["a swap of no place", [{ op: "swap", a: "B", b: "B" }], "plan of f: swap of B, which is not a place"],
    ["a load", [call(increment, [int(0), load("x", "i32", int(0))])], "plan of f: load has no meaning above kernels"],
    [
      "a place out of scope",
      [
        { op: "for", name: "t", count: int(1), body: [{ op: "place", name: "p", value: int(0) }] },
        call(increment, [int(0), variable("p")]),
      ],
      "plan of f: p is not defined here",
    ],
    ["a float", [{ op: "place", name: "p", value: literal("f32", 0) }], "plan of f: 0.0 is not an i32"],
    [
      "a kernel that is not listed",
      [call({ ...below, name: "other" }, [int(0), int(32)])],
      "kernel other is not listed",
    ],
  ];
  test.each(wrong)("finds %s", (_, body, message) => {
    expect(() => verifyPlan(program(body))).toThrow(InternalError);
    expect(() => verifyPlan(program(body))).toThrow(message);
  });

  test("finds slots that overlap or leave the memory", () => {
    const good = program([]);
    const at = (name: string, offset: number) => ({ name, dtype: "f64", shape: [2], offset, role: "param" }) as const;
    verifyPlan({ ...good, variables: [at("v", 16), at("w", 32)] });
    expect(() => verifyPlan({ ...good, variables: [at("v", 16), at("w", 16)] })).toThrow("v overlaps w");
    expect(() => verifyPlan({ ...good, variables: [at("v", 112)] })).toThrow("v ends at byte 128 of 112");
    expect(() => verifyPlan({ ...good, variables: [at("v", 8)] })).toThrow("v at byte 8 is not aligned");
  });
});

test("a plan as text", () => {
  const chosen = select(compare("lt", variable("B"), int(2)), int(0), int(16));
  const text = printPlan(
    program([
      { op: "place", name: "a", value: chosen },
      { op: "for", name: "t", count: variable("B"), reverse: true, body: [call(increment, [variable("a"), int(16)])] },
      { op: "if", condition: int(32), then: [{ op: "barrier" }], otherwise: [{ op: "swap", a: "a", b: "a" }] },
    ]),
  );
  expect(text).toBe(`program test for interpret, reproducible, 112 bytes

function f(B <= 4) {
  input x: f32[4] at 0
  output y: f32[4] at 16
  place a = select(B < 2, 0, 16)
  for t = B - 1 .. 0 {
    call increment(x: a, y: 16; n = B)
  }
  if byte[32] {
    barrier
  } else {
    swap a, a
  }
}
`);
});
