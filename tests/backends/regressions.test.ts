import { it } from "vitest";
import * as g from "../../src/index.ts";
import { checkEverywhere } from "../support/everywhere.ts";

// What random graphs and searches once found, at its smallest.

it("reads at an index that becomes a number only when it is clamped, outside all loops", () => {
  const first = g.input("first", [2]);
  const x = g.input("x", [9]);
  const n = g.input("n", [], "i32");
  const y = g.add(g.gather(x, g.sub(n, n) as g.Tensor<"i32">), g.sum(first));
  checkEverywhere([first, x, n], { y }, { first: [1, 2], x: [7, 1, 1, 1, 1, 1, 1, 1, 1], n: 3 });
});

it("guards branches of nested conditions that depend on what they guard", () => {
  const x = g.input("x", [4]);
  const n = g.input("n", [4], "i32");
  const y = g.mod(x, 0.75);
  const dx = g.grad(g.sum(g.mul(y, y)), x);
  checkEverywhere([x, n], { y, dx, m: g.mod(n, n) }, { x: [0.5, -0.5, 2, -3.1], n: [1, -2, 0, 5] });
});

it("takes the sizes of the call where kernels of other dimensions are shared", () => {
  const x = g.input("x", [g.dim("B", { max: 9 })]);
  const y = g.input("y", [g.dim("C", { max: 9 })]);
  checkEverywhere([x, y], { x: g.exp(x), y: g.exp(y) }, { x: [1, 2, 3], y: [1, 2, 3, 4, 5] });
});

it("keeps names of dimensions apart from names in kernels and of objects", () => {
  for (const name of ["in0", "out0", "i", "t", "K0", "Math", "constructor"]) {
    const x = g.input("x", [g.dim(name, { max: 9 }), 2]);
    checkEverywhere([x], { sums: g.cumsum(x, 0), y: g.exp(x) }, { x: [1, 2, 3, 4, 5, 6] });
  }
});

it("evaluates extrema of rows longer than a call has arguments", () => {
  const x = g.input("x", [200_000]);
  const outputs = { max: g.max(x), at: g.argmin(x, 0), lse: g.logSumExp(x) };
  checkEverywhere([x], outputs, { x: Array.from({ length: 200_000 }, (_, i) => Math.sin(i)) }, { tolerance: 1e-4 });
});

it("evaluates shapes of two symbols once others have told one", () => {
  const x = g.input("x", [g.dim("B", { max: 4 }), g.dim("C", { max: 4 })]);
  const y = g.input("y", [g.dim("C", { max: 4 })]);
  checkEverywhere([y, x], { z: g.add(g.sum(x, [0]), y) }, { x: [1, 2, 3, 4, 5, 6], y: [1, 2, 3] });
});

it("compares what was stored with what was not, and numbers that f32 rounds", () => {
  const x = g.input("x", [2, 3]);
  const y = g.max(g.mul(g.sin(x), 1.1), 1);
  checkEverywhere([x], { dx: g.grad(g.sum(y), x), y }, { x: [0.1, 0.2, 0.3, 0.7, -0.3, 0.9] });
  const a = g.input("a", [2]);
  checkEverywhere([a], { equal: g.eq(a, 0.1), less: g.le(a, 0.1) }, { a: [0.1, 0.2] });
});
