import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/graph/tensor.ts";
import * as g from "../../src/index.ts";
import { checkEverywhere } from "../support/everywhere.ts";
import { checkDerivatives, input } from "./b-support.ts";

type F64 = Tensor<"f64">;

describe("map", () => {
  it("applies its body to every slice, on every target", () => {
    const rows = g.input("rows", [3, 2]);
    const w = g.input("w", [2]);
    const { norm, scaled } = g.map(row => ({ norm: g.sqrt(g.sum(g.mul(row, row))), scaled: g.mul(row, w) }), rows);
    const [dRows, dW] = g.grad(g.add(g.sum(norm), g.sum(scaled)), [rows, w]);
    const feeds = { rows: [3, 4, 6, 8, 0, 2], w: [2, 10] };
    checkEverywhere([rows, w], { norm, scaled, dRows, dW }, feeds);
    expect(norm.shape).toEqual([3]);
    expect(g.evaluate({ norm, scaled, dW }, feeds)).toEqual({
      norm: Float32Array.of(5, 10, 2),
      scaled: Float32Array.of(6, 40, 12, 80, 0, 20),
      dW: Float32Array.of(9, 14),
    });
  });

  it("has derivatives of any order, of several sequences and loops inside", () => {
    const at = input("x", [3, 2]);
    const by = input("y", [3]);
    const w = input("w", [2]);
    for (const checkpoint of [false, true]) {
      const y = g.map(
        ({ x, s }: { x: F64; s: F64 }) => {
          const end = g.scan((c: F64) => ({ carry: g.tanh(g.add(g.mul(c, w), x)) as F64 }), x, null, { length: 2 });
          return g.mul(end.carry, s) as F64;
        },
        { x: at, s: by } as never,
        { checkpoint },
      ) as F64;
      checkDerivatives(y, [at, by, w]);
    }
  });

  it("says what does not fit", () => {
    const rows = g.input("rows", [3, 2]);
    expect(() => g.map(r => r, [rows, g.input("b", [4])])).toThrow(/lengths: 3 and 4/);
    // @ts-expect-error not a tensor
    expect(() => g.map(() => 1, rows)).toThrow(/out is not a tensor/);
    expect(() => g.map(r => r, g.input("s", []))).toThrow(/no axis/);
  });
});
