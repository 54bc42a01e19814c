import { describe, expect, test } from "vitest";
import { generateJs, generateKernel, jsTarget } from "../../codegen/js/index.ts";
import {
  add,
  arrayStmt,
  assign,
  call,
  cast,
  element,
  forStmt,
  gt,
  guard,
  iadd,
  idiv,
  ifStmt,
  imul,
  int,
  irem,
  isub,
  letStmt,
  literal,
  load,
  lt,
  mul,
  ramp,
  setElement,
  store,
  sub,
  variable,
  varStmt,
  whileStmt,
} from "../../src/loop/build.ts";
import { scalarFunction } from "../../src/loop/functions/index.ts";
import type { Kernel, Stmt } from "../../src/loop/ir.ts";
import type { LoweredProgram, PlanStmt } from "../../src/plan/ir.ts";
import { runBoth } from "./js-support.ts";

const v = variable;
const f32 = (name: string) => variable(name, "f32");

const kernel = (body: readonly Stmt[], ...extents: string[]): Kernel => ({
  name: "k",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "i", dtype: "i32", access: "read" },
    { name: "y", dtype: "f32", access: "write" },
  ],
  extents,
  body,
});

const x = Float32Array.from({ length: 48 }, (_, k) => Math.sin(k) * 3);
const i = Int32Array.from({ length: 48 }, (_, k) => (k * 7) % 48);

/** Matrix product 4×6 · 6×2 with a row of accumulators, unrolled. */
const product: readonly Stmt[] = [
  forStmt("r", int(0), v("n"), [
    arrayStmt("acc", 2, literal("f32", 0)),
    forStmt("k", int(0), int(6), [
      letStmt("a", load("x", "f32", iadd(imul(v("r"), int(6)), v("k")))),
      forStmt(
        "c",
        int(0),
        int(2),
        [
          setElement(
            "acc",
            v("c"),
            add(
              element("acc", "f32", v("c")),
              mul(f32("a"), load("x", "f32", iadd(iadd(imul(v("k"), int(2)), v("c")), int(24)))),
            ),
          ),
        ],
        { unroll: true },
      ),
    ]),
    forStmt("c2", int(0), int(2), [store("y", iadd(imul(v("r"), int(2)), v("c2")), element("acc", "f32", v("c2")))], {
      unroll: true,
    }),
  ]),
];

const CASES: readonly { what: string; body: readonly Stmt[]; extents: Record<string, number> }[] = [
  { what: "register arrays in unrolled loops", body: product, extents: { n: 4 } },
  {
    what: "loops with steps and computed bounds, gathers, guards",
    body: [
      forStmt(
        "a",
        int(1),
        isub(imul(v("n"), int(2)), int(1)),
        [
          letStmt("j", load("i", "i32", v("a"))),
          store(
            "y",
            v("a"),
            guard(lt(iadd(v("j"), int(5)), int(48)), load("x", "f32", iadd(v("j"), int(5))), literal("f32", -0)),
          ),
          store("y", iadd(idiv(v("a"), int(4)), int(30)), cast("f32", irem(v("a"), int(5)))),
        ],
        { step: 3 },
      ),
    ],
    extents: { n: 8 },
  },
  {
    what: "while, if, else and assignments",
    body: [
      varStmt("s", literal("f32", 0)),
      varStmt("k", int(0)),
      whileStmt(lt(f32("s"), literal("f32", 20)), [
        ifStmt(
          gt(load("x", "f32", v("k")), literal("f32", 0)),
          [assign("s", add(f32("s"), load("x", "f32", v("k"))))],
          [assign("s", sub(f32("s"), literal("f32", 0.125)))],
        ),
        store("y", v("k"), f32("s")),
        assign("k", iadd(v("k"), int(1))),
      ]),
      ifStmt(gt(v("k"), int(100)), [store("y", int(40), literal("f32", 1))]),
    ],
    extents: {},
  },
  {
    what: "integers that wrap, as data and through a name",
    body: [
      forStmt("a", int(0), v("n"), [
        letStmt("h", add(mul(v("a"), int(2147483629)), int(2147483647))),
        ifStmt(gt(v("h"), int(0)), [store("y", v("a"), cast("f32", v("h")))]),
        letStmt("g", add(mul(v("a"), int(2147483629)), int(2147483647))),
        store("y", iadd(v("a"), int(20)), literal("f32", 1), { mask: gt(v("g"), int(0)) }),
      ]),
    ],
    extents: { n: 20 },
  },
  {
    what: "masked elements, some far outside",
    body: [
      forStmt("a", int(0), v("n"), [
        letStmt("far", imul(v("a"), int(9))),
        letStmt("double", mul(literal("f32", 2), load("x", "f32", v("a")))),
        store("y", iadd(v("a"), int(20)), f32("double"), { mask: gt(f32("double"), literal("f32", 1)) }),
        letStmt("near", load("x", "f32", v("far"), 1, { mask: lt(v("far"), int(48)) })),
        store("y", v("a"), add(f32("near"), literal("f32", 1)), {
          mask: gt(load("x", "f32", v("a")), literal("f32", 0)),
        }),
      ]),
    ],
    extents: { n: 20 },
  },
  {
    what: "a bound that the body changes is read once",
    body: [
      varStmt("m", int(5)),
      forStmt("a", int(0), v("m"), [store("y", v("a"), literal("f32", 1)), assign("m", int(9))]),
    ],
    extents: {},
  },
];

describe("kernels do what the interpreter does", () => {
  test.each(CASES)("$what", ({ body, extents }) => {
    const k = kernel(body, ...Object.keys(extents));
    const { js, interpret } = runBoth(k, [x, i, new Float32Array(48)], Object.values(extents));
    expect(js[2]).toEqual(interpret[2]);
    expect(js[2].some(value => value !== 0)).toBe(true);
  });

  test("vectors are refused, strided and masked ones too", () => {
    const wide = load("x", "f32", int(0), 4, { stride: int(2) });
    expect(() => generateKernel(kernel([store("y", int(0), wide)]), "fast")).toThrow("has no vectors");
    expect(() => generateKernel(kernel([letStmt("r", ramp(4))]), "fast")).toThrow("has no vectors");
    const mask = lt(literal("f32", 1, 4), literal("f32", 2, 4));
    expect(() => generateKernel(kernel([store("y", int(0), literal("f32", 1), { mask })]), "fast")).toThrow(
      "has no vectors",
    );
  });

  test("the text of a matrix product", () => {
    expect(generateKernel(kernel(product, "n"), "fast")).toMatchSnapshot();
  });
});

/** y[a] = x[a] + 1 for a < n */
const increment: Kernel = {
  name: "increment",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "y", dtype: "f32", access: "write" },
  ],
  extents: ["n"],
  body: [forStmt("a", int(0), v("n"), [store("y", v("a"), add(load("x", "f32", v("a")), literal("f32", 1)))])],
};

/** flag = value(0) < limit */
const below: Kernel = {
  name: "below",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "flag", dtype: "bool", access: "write" },
  ],
  extents: ["limit"],
  body: [store("flag", int(0), lt(load("x", "f32", int(0)), cast("f32", v("limit"))))],
};

function program(body: readonly PlanStmt[], mode: LoweredProgram["mode"] = "reproducible"): LoweredProgram {
  return {
    name: "p",
    mode,
    profile: jsTarget.profile(mode),
    kernels: [increment, below],
    functions: [{ name: "f", dims: [{ name: "B", max: 8 }], body }],
    interfaces: [],
    variables: [],
    memory: { bytes: 1000, data: [{ offset: 256, bytes: new Uint8Array(Float32Array.of(5, 6, 7).buffer) }] },
    reports: [],
    origins: [],
  };
}

const step = (from: number, to: number): PlanStmt => ({
  op: "call",
  kernel: increment,
  places: [int(from), int(to)],
  extents: [int(1)],
  origins: [],
});

function run(body: readonly PlanStmt[], dim = 3): Float32Array {
  const { memory, functions } = jsTarget.instantiate(program(body));
  functions.f(dim);
  return new Float32Array(memory as ArrayBuffer);
}

describe("plans", () => {
  test("constants, calls with dims, copies", () => {
    const all = run([
      { op: "call", kernel: increment, places: [int(256), int(0)], extents: [v("B")], origins: [] },
      { op: "copy", to: int(64), from: int(0), bytes: imul(v("B"), int(4)) },
      { op: "barrier" },
    ]);
    expect([...all.subarray(0, 3)]).toEqual([6, 7, 8]);
    expect([...all.subarray(16, 20)]).toEqual([6, 7, 8, 0]);
  });

  test("carries that swap in a loop, forwards and backwards", () => {
    for (const reverse of [false, true]) {
      const all = run([
        { op: "place", name: "a", value: int(0) },
        { op: "place", name: "b", value: int(16) },
        {
          op: "for",
          name: "t",
          count: iadd(v("B"), int(2)),
          reverse,
          body: [
            { op: "call", kernel: increment, places: [v("a"), v("b")], extents: [int(1)], origins: [] },
            { op: "swap", a: "a", b: "b" },
            { op: "copy", to: iadd(int(512), imul(v("t"), int(4))), from: v("a"), bytes: int(4) },
          ],
        },
      ]);
      const expected = [1, 2, 3, 4, 5];
      expect([...all.subarray(128, 133)]).toEqual(reverse ? expected.reverse() : expected);
    }
  });

  test("while and if", () => {
    const test: PlanStmt = {
      op: "call",
      kernel: below,
      places: [int(0), int(100)],
      extents: [v("B")],
      origins: [],
    };
    const all = run(
      [
        test,
        { op: "while", condition: int(100), body: [step(0, 0), test] },
        { op: "if", condition: int(100), then: [step(0, 32)], otherwise: [step(0, 36)] },
      ],
      7,
    );
    expect([all[0], all[8], all[9]]).toEqual([7, 0, 8]);
  });

  test("long plans are split into functions that V8 optimises", () => {
    const count = 5000;
    const inner = Array.from({ length: count }, (): PlanStmt => step(0, 0));
    const body: PlanStmt[] = [
      { op: "place", name: "p", value: int(0) },
      ...inner,
      {
        op: "for",
        name: "t",
        count: v("B"),
        body: [
          { op: "call", kernel: increment, places: [v("p"), v("p")], extents: [iadd(v("t"), int(1))], origins: [] },
          ...inner,
        ],
      },
    ];
    expect(run(body, 2)[0]).toBe(count + 2 * (count + 1));
    const text = generateJs(program(body));
    for (const part of text.split(/(?=function )/)) expect(part.length).toBeLessThan(20_000);
    expect(/P\d+\(N,i\)/.test(text)).toBe(true);
  });

  test("names of functions are strings, never code", () => {
    const named = { ...program([]), functions: [{ name: 'x"]:alert(1),["__proto__', dims: [], body: [] }] };
    const { functions } = jsTarget.instantiate(named);
    expect(Object.keys(functions)).toEqual(['x"]:alert(1),["__proto__']);
    const odd = { ...program([]), functions: [{ name: "__proto__", dims: [], body: [] }] };
    expect(Object.hasOwn(jsTarget.instantiate(odd).functions, "__proto__")).toBe(true);
  });

  test("equal kernels and scalar functions stand in the text once", () => {
    const exp = (name: string): Kernel => ({
      ...increment,
      name,
      body: [store("y", int(0), call(scalarFunction("exp", "f32"), load("x", "f32", int(0))))],
    });
    const calls = ["one", "two"].map(
      (name): PlanStmt => ({ op: "call", kernel: exp(name), places: [int(0), int(0)], extents: [int(1)], origins: [] }),
    );
    const text = generateJs(program(calls));
    expect(text.match(/function K/g)?.length).toBe(1);
    expect(text.match(/function S/g)?.length).toBe(1);
    expect(generateJs(program(calls, "fast"))).toContain("Math.exp(");
  });
});

test("a host that forbids code from strings is a GradcError", () => {
  const original = globalThis.Function;
  globalThis.Function = class {
    constructor() {
      throw new EvalError("Code generation from strings disallowed for this context");
    }
  } as unknown as FunctionConstructor;
  try {
    expect(() => jsTarget.instantiate(program([]))).toThrow("this host forbids generating JavaScript");
  } finally {
    globalThis.Function = original;
  }
});

test("more memory than there is", () => {
  const huge = { ...program([]), memory: { bytes: 2 ** 40, data: [] } };
  expect(() => jsTarget.instantiate(huge)).toThrow("p needs 1099511627776 bytes of memory");
});
