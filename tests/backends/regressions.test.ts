import { it } from "vitest";
import * as g from "../../src/index.ts";
import { checkEverywhere } from "../support/everywhere.ts";

// What random graphs once found, at its smallest.

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
