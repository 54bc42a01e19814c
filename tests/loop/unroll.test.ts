import { describe, expect, test } from "vitest";
import {
  add,
  arrayStmt,
  assign,
  cast,
  element,
  forStmt,
  iadd,
  ifStmt,
  imul,
  int,
  letStmt,
  literal,
  load,
  lt,
  mul,
  setElement,
  splat,
  store,
  variable,
  varStmt,
} from "../../src/loop/build.ts";
import { compileKernel } from "../../src/loop/interpret.ts";
import type { Kernel, Stmt } from "../../src/loop/ir.ts";
import { printKernel } from "../../src/loop/print.ts";
import { unroll } from "../../src/loop/unroll.ts";
import { verifyKernel } from "../../src/loop/verify.ts";

const kernel = (body: readonly Stmt[]): Kernel => ({
  name: "tile",
  buffers: [
    { name: "x", dtype: "f32", access: "read" },
    { name: "y", dtype: "f32", access: "write" },
  ],
  extents: ["n"],
  body,
});

const [r, c, k] = [variable("r"), variable("c"), variable("k")];
const value = variable("v", "f32");

/** A 2×3 register tile, summed over k, with a local `let`, a local `var` and a condition on the unrolled index. */
const tile = kernel([
  arrayStmt("acc", 6, literal("f32", 0)),
  forStmt("k", int(0), variable("n"), [
    forStmt(
      "r",
      int(0),
      int(2),
      [
        letStmt("row", imul(r, int(4))),
        letStmt("v", load("x", "f32", add(variable("row"), k))),
        forStmt(
          "c",
          int(0),
          int(3),
          [
            varStmt("w", mul(value, cast("f32", c))),
            ifStmt(lt(c, int(1)), [assign("w", literal("f32", 1))]),
            setElement(
              "acc",
              iadd(imul(r, int(3)), c),
              add(element("acc", "f32", iadd(imul(r, int(3)), c)), variable("w", "f32")),
            ),
          ],
          { unroll: true },
        ),
      ],
      { unroll: true },
    ),
  ]),
  forStmt("r2", int(0), int(6), [store("y", variable("r2"), element("acc", "f32", variable("r2")))], { unroll: true }),
]);

function run(k: Kernel): number[] {
  const memory = new ArrayBuffer(96);
  new Float32Array(memory).set([1, 2, 3, 4, 5, 6, 7, 8]);
  compileKernel(k, memory)([0, 64], [4]);
  return [...new Float32Array(memory, 64, 6)];
}

describe("unroll", () => {
  const flat = unroll(tile);

  test("keeps the meaning", () => {
    // Row sums of [1 2 3 4] and [5 6 7 8], times c; column 0 counts.
    expect(run(tile)).toEqual([4, 10, 20, 4, 26, 52]);
    expect(run(flat)).toEqual(run(tile));
  });

  test("leaves no unrolled loops and no arrays, and is well formed", () => {
    verifyKernel(tile);
    verifyKernel(flat);
    const text = printKernel(flat);
    expect(text).not.toContain("unroll");
    expect(text).not.toContain("acc[");
    expect(text).toContain("acc_5");
    // Conditions on the unrolled index and indices made of it are gone.
    expect(text).not.toContain("if");
    expect(text).not.toContain("row");
  });

  test("strides and masks of the unrolled index become constants, or nothing", () => {
    const lane = int(0);
    const stride = iadd(c, int(1));
    const value = load("x", "f32", int(0), 2, { stride, mask: splat(lt(c, int(2)), 2) });
    const body = [
      forStmt("c", int(0), int(2), [store("y", imul(c, int(2)), value, { stride })], { unroll: true }),
      forStmt("r", int(0), int(2), [store("y", iadd(r, int(6)), cast("f32", lane), { mask: lt(r, int(1)) })], {
        unroll: true,
      }),
    ];
    const expanded = unroll(kernel(body));
    verifyKernel(expanded);
    expect(printKernel(expanded)).toBe(`kernel tile(x: read f32, y: write f32; n) {
  y[0 .. +2] = x[0 .. +2 if true.splat2]
  y[2 .. +2 by 2] = x[0 .. +2 by 2 if true.splat2]
  y[6] = f32(0)
}`);
  });

  test("loops of one round are their body", () => {
    const at = (from: number, to: number, step: number): Stmt =>
      forStmt(
        "r",
        int(from),
        int(to),
        [letStmt("i", iadd(r, int(1))), store("y", variable("i"), load("x", "f32", r))],
        {
          step,
        },
      );
    const text = (s: Stmt): string => printKernel(unroll(kernel([s])));
    for (const s of [at(3, 4, 1), at(3, 7, 4), at(3, 5, 4)]) {
      expect(text(s)).toBe("kernel tile(x: read f32, y: write f32; n) {\n  y[4] = x[3]\n}");
    }
    for (const s of [at(3, 5, 1), at(3, 8, 4), at(3, 3, 1)]) expect(text(s)).toContain("for r = 3");
  });

  test("a kernel without such loops is returned as it is", () => {
    expect(unroll(flat)).toBe(flat);
  });

  test("bounds that are not constant are an internal error", () => {
    const body = [forStmt("i", int(0), variable("n"), [], { unroll: true })];
    expect(() => unroll(kernel(body))).toThrow("kernel tile, i: unrolled without constant bounds");
  });
});
