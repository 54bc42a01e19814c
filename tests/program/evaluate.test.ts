import { describe, expect, it } from "vitest";
import {
  add,
  constant,
  constantInit,
  dim,
  evaluate,
  grad,
  input,
  mul,
  param,
  state,
  sum,
  type Tensor,
} from "../../src/index.ts";
import { errorOf } from "./lines.ts";

const B = dim("B", { max: 8 });

describe("evaluate", () => {
  it("gives a number for a scalar and a typed array of the dtype for a tensor, in the tree of the outputs", () => {
    const x = input("x", [3]);
    const y = evaluate({ total: sum(x), parts: [mul(x, 2), constant([1, 2], [2], "i32")] }, { x: [1, 2, 3] });
    expect(y).toEqual({ total: 6, parts: [Float32Array.of(2, 4, 6), Int32Array.of(1, 2)] });
    expect(evaluate(sum(x), { x: [1, 2, 3] })).toBe(6);
  });

  it("expands derivatives, of any order", () => {
    const x = input("x", []);
    const first = grad(mul(mul(x, x), x), x);
    expect(evaluate([first, grad(first, x)], { x: 2 })).toEqual([12, 12]);
  });

  it("finds symbolic sizes from flat and from nested arrays", () => {
    const x = input("x", [B, 2]);
    const y = sum(x, 1);
    expect(evaluate(y, { x: [1, 2, 3, 4, 5, 6] })).toEqual(Float32Array.of(3, 7, 11));
    expect(
      evaluate(y, {
        x: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).toEqual(Float32Array.of(3, 7));
    expect(evaluate(y, { x: new Float64Array(16) })).toEqual(new Float32Array(8));
  });

  it("uses defaults, first values of variables, and what is fed instead of them", () => {
    const rate = input("rate", [], "f32", { default: 0.5 });
    const w = param("w", [2], constantInit([2, 4]));
    const s = state("s", constant([1, 1]));
    const y = add(mul(w, rate), s);
    expect(evaluate(y)).toEqual(Float32Array.of(2, 3));
    expect(evaluate(y, { rate: 1, w: [0, 0], s: [5, 6] })).toEqual(Float32Array.of(5, 6));
  });

  const x = input("x", [B, 2]);
  const z = input("z", [B]);
  const n = input("n", [2], "i32");
  const s = input("s", []);
  const wrong: Record<string, [Tensor, Record<string, unknown>, string]> = {
    "a missing input": [x, {}, "missing-input"],
    "a feed that nothing reads": [s, { s: 1, t: 2 }, "unknown-name"],
    "a length that fills no rows": [x, { x: [1, 2, 3] }, "input-length"],
    "more rows than the bound": [x, { x: new Float32Array(18) }, "input-length"],
    "no rows at all": [x, { x: [] }, "input-length"],
    "rows of different lengths": [x, { x: [[1, 2], [3]] }, "input-length"],
    "nested arrays of another shape": [x, { x: [[1, 2, 3]] }, "input-length"],
    "two inputs that disagree about a size": [sum(add(sum(x, 1), z)), { x: [1, 2], z: [1, 2] }, "input-length"],
    "text for an array": [x, { x: "12" }, "input-type"],
    "text in an array": [x, { x: [1, "2"] }, "input-type"],
    "a fraction for an integer": [n, { n: [1, 2.5] }, "input-type"],
    "an integer out of the dtype": [n, { n: [1, 2 ** 31] }, "input-type"],
    "a number for an array": [n, { n: 1 }, "input-type"],
    "nothing but null": [n, { n: null }, "input-type"],
  };
  for (const [what, [y, feeds, code]] of Object.entries(wrong)) {
    it(`reports ${what}`, () => {
      expect(errorOf(() => evaluate(y, feeds as Parameters<typeof evaluate>[1])).code).toBe(code);
    });
  }
});
