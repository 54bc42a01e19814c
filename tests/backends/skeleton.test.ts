import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import { ALL_MODES, ALL_TARGETS, bitsOf, checkEverywhere } from "../support/everywhere.ts";
import { randomNumbers } from "../support/random-values.ts";

/** `n` numbers from −1 to 1. */
function numbers(n: number, seed = 1): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: n }, () => 2 * random() - 1);
}

describe("the walking skeleton, on every target and in both modes", () => {
  it.each([
    [1, 1, 1],
    [3, 5, 2],
    [13, 17, 11],
    [24, 64, 40],
  ])("multiplies %i×%i by %i columns, and both gradients", (m, k, n) => {
    const a = g.input("a", [m, k]);
    const b = g.input("b", [k, n]);
    const w = g.input("w", [m, n]);
    const c = g.matmul(a, b);
    const [da, db] = g.grad(g.sum(g.mul(c, w)), [a, b]);
    checkEverywhere([a, b, w], { c, da, db }, { a: numbers(m * k), b: numbers(k * n, 2), w: numbers(m * n, 3) });
  });

  it("multiplies batches in all four transposes", () => {
    const a = g.input("a", [2, 9, 10]);
    const at = g.input("at", [2, 10, 9]);
    const b = g.input("b", [2, 10, 12]);
    const bt = g.input("bt", [2, 12, 10]);
    const t = (x: g.Tensor<"f32">) => g.transpose(x, [0, 2, 1]);
    checkEverywhere(
      [a, at, b, bt],
      {
        nn: g.matmul(a, b),
        tn: g.matmul(t(at), b),
        nt: g.matmul(a, t(bt)),
        tt: g.matmul(t(at), t(bt)),
      },
      { a: numbers(180), at: numbers(180, 2), b: numbers(240, 3), bt: numbers(240, 4) },
    );
  });

  it("broadcasts elementwise, with gradients", () => {
    const x = g.input("x", [4, 7]);
    const row = g.input("row", [7]);
    const column = g.input("column", [4, 1]);
    const y = g.tanh(g.add(g.mul(x, row), g.exp(column)));
    const [dx, drow, dcolumn] = g.grad(g.sum(y), [x, row, column]);
    checkEverywhere(
      [x, row, column],
      { y, dx, drow, dcolumn },
      { x: numbers(28), row: numbers(7, 2), column: numbers(4, 3) },
    );
  });

  it("reduces with an epilogue: softmax of long rows, with its gradient", () => {
    const x = g.input("x", [5, 37]);
    const w = g.input("w", [5, 37]);
    const y = g.softmax(x, -1);
    const [dx] = g.grad(g.sum(g.mul(y, w)), [x]);
    checkEverywhere([x, w], { y, dx, mean: g.mean(x), top: g.max(x, [1]) }, { x: numbers(185), w: numbers(185, 2) });
  });

  it("scans, and the gradient of a scan is a scan", () => {
    const w = g.input("w", [3, 3]);
    const xs = g.input("xs", [6, 2, 3]);
    const h0 = g.input("h0", [2, 3]);
    const { carry, out } = g.scan(
      (h: g.Tensor<"f32">, x: g.Tensor<"f32">) => {
        const next = g.tanh(g.add(g.matmul(h, w), x));
        return { carry: next, out: g.mul(next, 2) };
      },
      h0,
      xs,
    );
    const loss = g.add(g.sum(g.mul(carry, carry)), g.sum(out));
    const [dw, dxs, dh0] = g.grad(loss, [w, xs, h0]);
    checkEverywhere(
      [w, xs, h0],
      { carry, out, dw, dxs, dh0 },
      { w: numbers(9), xs: numbers(36, 2), h0: numbers(6, 3) },
    );
  });

  it("has operations with two outputs: topK and its gradient", () => {
    const x = g.input("x", [3, 8]);
    const { values, indices } = g.topK(x, 3);
    const [dx] = g.grad(g.sum(g.mul(values, values)), [x]);
    checkEverywhere([x], { values, indices, dx }, { x: numbers(24) });
  });

  it("gathers, and the gradient scatters", () => {
    const table = g.input("table", [5, 4]);
    const at = g.input("at", [2, 3], "i32");
    const rows = g.gather(table, at);
    const [dtable] = g.grad(g.sum(g.mul(rows, rows)), [table]);
    checkEverywhere([table, at], { rows, dtable }, { table: numbers(20), at: [0, 4, 4, 2, 0, 4] });
  });

  it.each([1, 2, 7, 8])("takes a batch size known at the call: %i of 8", B => {
    const batch = g.dim("B", { max: 8 });
    const x = g.input("x", [batch, 5]);
    const w = g.input("w", [5, 3]);
    const y = g.relu(g.matmul(x, w));
    const loss = g.mean(g.mul(y, y));
    const [dw, dx] = g.grad(loss, [w, x]);
    checkEverywhere([x, w], { loss, y, dw, dx, flat: g.reshape(y, [-1]) }, { x: numbers(5 * B), w: numbers(15, 2) });
  });

  it.each(ALL_TARGETS.flatMap(target => ALL_MODES.map(mode => ({ target, mode }))))(
    "shares parameters and a random key between functions on $target, $mode",
    ({ target, mode }) => {
      const key = g.state("key", g.key(7));
      const w = g.param("w", [4], g.zerosInit());
      const [next, draw] = g.splitKey(key, 2);
      const noise = g.uniform(draw, [4]);
      const net = g.compileSync(
        g.program("p", {
          step: { inputs: [], outputs: { noise }, updates: [g.set(key, next), g.set(w, g.add(w, noise))] },
          read: { inputs: [], outputs: { w: g.mul(w, 1) } },
        }),
        { target, mode },
      );
      const a = net.step().noise;
      const b = net.step().noise;
      expect(bitsOf(a)).not.toBe(bitsOf(b));
      const total = Array.from(a, (x, i) => Math.fround(x + b[i]));
      expect(bitsOf(net.read().w)).toBe(bitsOf(total));
      net.reset();
      expect(bitsOf(net.step().noise)).toBe(bitsOf(a));
    },
  );

  it.each(ALL_TARGETS)("updates in place, and every right-hand side sees the old values, on %s", target => {
    const a = g.param("a", [3], g.constantInit(1));
    const b = g.param("b", [3], g.constantInit(2));
    const c = g.param("c", [3], g.constantInit(5));
    const net = g.compileSync(
      g.program("p", {
        swap: { inputs: [], outputs: { sum: g.sum(g.add(a, b)) }, updates: [g.set(a, b), g.set(b, a)] },
        mix: {
          inputs: [],
          outputs: { old: g.mul(c, 1) },
          updates: [g.set(c, g.add(c, g.flip(g.mul(a, g.cast(g.arange(3), "f32")), [0]))), g.set(a, g.add(c, a))],
        },
      }),
      { target },
    );
    expect(net.swap().sum).toBe(9);
    expect(Array.from(net.variables.a.get())).toEqual([2, 2, 2]);
    expect(Array.from(net.variables.b.get())).toEqual([1, 1, 1]);
    expect(Array.from(net.mix().old)).toEqual([5, 5, 5]);
    expect(Array.from(net.variables.c.get())).toEqual([9, 7, 5]);
    expect(Array.from(net.variables.a.get())).toEqual([7, 7, 7]);
  });
});
