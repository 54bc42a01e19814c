import { describe, expect, it } from "vitest";
import {
  add,
  assign,
  binary,
  compare,
  forStmt,
  gt,
  guard,
  iadd,
  ifStmt,
  imul,
  int,
  isub,
  letStmt,
  literal,
  load,
  lt,
  min,
  mul,
  store,
  sub,
  variable,
  varStmt,
  whileStmt,
} from "../../src/loop/build.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { Kernel, Stmt } from "../../src/loop/ir.ts";
import { expectSame, kernelOf, type Placed, placesOf, runWasm, viewsOf } from "./wasm-support.ts";

function interpret(kernel: Kernel, buffers: readonly Placed[], extents: readonly number[]): number[][] {
  const { places, bytes } = placesOf(buffers);
  const memory = new ArrayBuffer(bytes);
  const views = viewsOf(memory, buffers, places);
  for (const [i, view] of views.entries()) view.set(buffers[i].values);
  compileKernel(kernel, memory, "reproducible")(places, extents);
  return views.map(v => Array.from(v));
}

/** Runs a kernel over i32 buffers in, out and w both ways; returns `out`. */
function both(
  body: readonly Stmt[],
  input: readonly number[],
  extents: Readonly<Record<string, number>> = {},
): number[] {
  const kernel = kernelOf("test", { in: "i32", out: "i32" }, body, Object.keys(extents));
  const buffers: Placed[] = [
    { dtype: "i32", values: input },
    { dtype: "i32", values: Array(16).fill(-1) },
  ];
  const sizes = Object.values(extents);
  const actual = runWasm(kernel, buffers, sizes)[1];
  expectSame(actual, interpret(kernel, buffers, sizes)[1], i => `out[${i}]`);
  return actual;
}

const i = variable("i");
const j = variable("j");
const s = variable("s");
const n = variable("n");

describe("statements", () => {
  it("for runs 0, 1 or many times, with steps and changing bounds", () => {
    const body = [
      varStmt("s", int(0)),
      forStmt("i", int(0), n, [
        forStmt("j", i, isub(n, int(1)), [assign("s", iadd(s, imul(j, int(10))))], { step: 2 }),
        assign("s", iadd(s, int(1))),
      ]),
      store("out", int(0), s),
    ];
    expect([0, 1, 2, 5].map(size => both(body, [0], { n: size })[0])).toEqual([0, 1, 2, 5 + 20 + 40 + 20 + 30 + 0]);
  });

  it("for with constant bounds that are empty, and a negative start", () => {
    const count = (from: number, to: number): Stmt[] => [
      varStmt("s", int(0)),
      forStmt("i", int(from), int(to), [assign("s", iadd(s, int(1)))]),
      store("out", int(0), s),
    ];
    expect(both(count(3, 3), [0])[0]).toBe(0);
    expect(both(count(-2, 3), [0])[0]).toBe(5);
  });

  it("while and if", () => {
    // The steps of the Collatz sequence.
    const even = compare("eq", binary("rem", s, int(2)), int(0));
    const body = [
      varStmt("s", load("in", "i32", int(0))),
      varStmt("steps", int(0)),
      whileStmt(gt(s, int(1)), [
        ifStmt(
          even,
          [letStmt("half", binary("div", s, int(2))), assign("s", variable("half"))],
          [letStmt("next", add(mul(s, int(3)), int(1))), assign("s", variable("next"))],
        ),
        assign("steps", add(variable("steps"), int(1))),
      ]),
      ifStmt(gt(variable("steps"), int(10)), [store("out", int(1), int(7))]),
      store("out", int(0), variable("steps")),
    ];
    expect(both(body, [27]).slice(0, 2)).toEqual([111, 7]);
    expect(both(body, [1]).slice(0, 2)).toEqual([0, -1]);
  });

  it("guard does not touch what it does not choose", () => {
    const far = load("in", "i32", int(1 << 28));
    const inside = lt(load("in", "i32", i), int(10));
    const body = [forStmt("i", int(0), int(4), [store("out", i, guard(inside, load("in", "i32", i), int(99)))])];
    expect(both(body, [1, 20, 3, 10]).slice(0, 4)).toEqual([1, 99, 3, 99]);
    const outside = [store("out", int(0), guard(gt(load("in", "i32", int(0)), int(5)), far, int(8)))];
    expect(both(outside, [1])[0]).toBe(8);
  });

  it("addresses with constants, downwards and with a load as index", () => {
    const body = [
      forStmt("i", int(0), int(4), [
        store("out", add(mul(i, int(-1)), int(3)), load("in", "i32", iadd(i, int(2)))),
        store("out", iadd(imul(iadd(i, int(1)), int(1)), int(4)), load("in", "i32", load("in", "i32", i))),
        store("out", sub(int(15), i), load("in", "i32", add(sub(i, int(4)), int(4)))),
      ]),
    ];
    const input = [3, 2, 1, 0, 40, 50, 60];
    expect(both(body, input)).toEqual([50, 40, 0, 1, -1, 0, 1, 2, 3, -1, -1, -1, 0, 1, 2, 3]);
  });

  it("addresses that are partly fixed in a loop, whose other parts change in every way", () => {
    const [p, q, w] = ["p", "q", "w"].map(name => variable(name));
    const body = [
      varStmt("p", int(0)),
      varStmt("q", int(2)),
      forStmt("i", int(0), int(2), [
        assign("q", iadd(q, int(1))), // fixed in the inner loop only
        forStmt("j", int(0), int(2), [
          ifStmt(gt(j, int(0)), [assign("p", iadd(p, int(1)))]), // changes in the inner loop
          varStmt("w", int(0)),
          whileStmt(lt(w, int(2)), [
            letStmt("u", iadd(w, int(1))),
            // 4i + 2j + w = 2(2i + j) + w: a product of a sum of which one part is fixed
            store(
              "out",
              iadd(imul(iadd(imul(i, int(2)), j), int(2)), w),
              load("in", "i32", iadd(iadd(p, q), variable("u"))),
            ),
            assign("w", iadd(w, int(1))),
          ]),
        ]),
      ]),
    ];
    const input = [0, 10, 20, 30, 40, 50, 60, 70, 80];
    // in[p + q + 1 + w]: p = 0, 1, 1, 2; q = 3, 3, 4, 4
    expect(both(body, input).slice(0, 8)).toEqual([40, 50, 50, 60, 60, 70, 70, 80]);
  });

  it("what is computed before a loop survives the intermediate values of its body", () => {
    const body = [
      forStmt("i", int(0), int(4), [
        store("out", i, min(load("in", "i32", i), int(25))),
        store("out", iadd(i, int(4)), load("in", "i32", iadd(n, i))),
      ]),
    ];
    expect(both(body, [10, 20, 30, 40, 50, 60], { n: 2 }).slice(0, 8)).toEqual([10, 20, 25, 25, 30, 40, 50, 60]);
  });

  it("a name may stand for something else in a block, and for the old thing after it", () => {
    const t = variable("t");
    const body = [
      letStmt("t", int(5)),
      forStmt("i", int(0), int(2), [letStmt("u", iadd(i, t)), store("out", i, variable("u"))]),
      forStmt("i", int(2), int(4), [letStmt("u", imul(i, t)), store("out", i, variable("u"))]),
      store("out", int(4), t),
    ];
    expect(both(body, [0]).slice(0, 5)).toEqual([5, 6, 10, 15, 5]);
  });

  it("vectors and scalars in loops over f64, f32, u32 and bool", () => {
    const body = [
      varStmt("acc", literal("f64", 0, 2)),
      forStmt("i", int(0), int(8), [assign("acc", add(variable("acc", "f64", 2), load("x", "f64", i, 2)))], {
        step: 2,
      }),
      store("y", int(0), variable("acc", "f64", 2)),
      store("m", int(0), compare("lt", load("x", "f64", int(0), 2), load("x", "f64", int(2), 2))),
      store("m", int(2), compare("ge", load("u", "u32", int(0)), literal("u32", 4000000000))),
      store("m", int(3), load("m", "bool", int(4))),
    ];
    const kernel = kernelOf("mixed", { x: "f64", y: "f64", m: "bool", u: "u32" }, body);
    const buffers: Placed[] = [
      { dtype: "f64", values: [1, 9, 3, 4, 5, 6, 7, 8] },
      { dtype: "f64", values: [0, 0] },
      { dtype: "bool", values: [0, 0, 0, 0, 1] },
      { dtype: "u32", values: [4100000000] },
    ];
    const actual = runWasm(kernel, buffers);
    expect(actual.slice(1, 3)).toEqual([
      [16, 27],
      [1, 0, 1, 1, 1],
    ]);
    expect(actual).toEqual(interpret(kernel, buffers, []));
  });

  it("a kernel with more than 127 parameters", () => {
    const names = Array.from({ length: 200 }, (_, k) => `n${k}`);
    const body = [
      store(
        "out",
        int(0),
        names.reduce((sum, name) => add(sum, variable(name)), int(0)),
      ),
    ];
    const sizes = Object.fromEntries(names.map((name, k) => [name, k]));
    expect(both(body, [0], sizes)[0]).toBe(19900);
  });
});
