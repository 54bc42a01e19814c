import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/graph/tensor.ts";
import * as g from "../../src/index.ts";
import { checkEverywhere } from "../support/everywhere.ts";
import { checkDerivatives, input } from "./b-support.ts";

type F32 = g.Scalar<"f32">;
type F64 = Tensor<"f64">;

/** √a by Newton's method. */
const root = (a: F32, options?: { max?: number; checkpoint?: boolean }) =>
  g.whileLoop(
    x => g.gt(g.abs(g.sub(g.mul(x, x), a)), 1e-5),
    x => g.mul(0.5, g.add(x, g.div(a, x))),
    a,
    options,
  );

describe("whileLoop", () => {
  it("runs while its condition holds, on every target", () => {
    const a = g.input("a", []);
    const y = root(a) as F32;
    const tangent = g.jvp(y, a, g.ones([]) as F32);
    checkEverywhere([a], { y, tangent }, { a: 2 });
    checkEverywhere([a], { y, tangent }, { a: 1 });
    const { y: at49, tangent: slope } = g.evaluate({ y, tangent }, { a: 49 }) as unknown as {
      y: number;
      tangent: number;
    };
    expect(at49).toBeCloseTo(7, 5);
    expect(slope).toBeCloseTo(1 / 14, 5);
  });

  it("has gradients of any order where it is bounded", () => {
    const a = g.input("a", []);
    for (const checkpoint of [false, true]) {
      const y = root(a, { max: 40, checkpoint }) as F32;
      const first = g.grad(y, a);
      const second = g.grad(first, a);
      const along = g.jvp(y, a, g.ones([]) as F32);
      checkEverywhere([a], { y, first, second, along }, { a: 2 });
      const values = g.evaluate({ y, first, second, along }, { a: 4 }) as unknown as Record<string, number>;
      expect(values.y).toBeCloseTo(2, 5);
      expect(values.first).toBeCloseTo(0.25, 5);
      expect(values.along).toBeCloseTo(0.25, 5);
      expect(values.second).toBeCloseTo(-1 / 32, 4);
      // No step: the result is a itself.
      const none = g.evaluate({ y, first, second, along }, { a: 1 });
      expect(none).toEqual({ y: 1, first: 1, second: 0, along: 1 });
    }
  });

  it("has a third derivative", () => {
    const a = g.input("a", [], "f64");
    const y = g.whileLoop(
      x => g.gt(g.abs(g.sub(g.mul(x, x), a)), 1e-12),
      x => g.mul(0.5, g.add(x, g.div(a, x))),
      a,
      { max: 20 },
    );
    const third = g.grad(g.grad(g.grad(y, a), a), a);
    // d³√a/da³ = 3/8·a^(−5/2).
    expect(g.evaluate(third, { a: 4 })).toBeCloseTo(3 / 256, 9);
    const net = g.compileSync(g.program("p", { f: { inputs: [a], outputs: { third } } }));
    expect(net.f({ a: 4 }).third).toBeCloseTo(3 / 256, 9);
  });

  it("asks by loops and choices of its own", () => {
    const x = g.input("x", [2]);
    const w = g.input("w", [2]);
    const y = g.whileLoop(
      c => {
        const { carry } = g.scan((d: g.Tensor<"f32">) => ({ carry: g.mul(d, w) as g.Tensor<"f32"> }), c, null, {
          length: 3,
        });
        return g.cond(
          g.lt(g.sum(c), 20),
          () => g.lt(g.sum(carry), 1e3),
          () => g.lt(g.sum(c), 25),
        );
      },
      c => g.add(c, 1),
      x,
      { max: 40 },
    );
    checkEverywhere([x, w], { y, dx: g.grad(g.sum(g.mul(y, y)), x) }, { x: [1, 2], w: [2, 3] });
    checkEverywhere([x, w], { y }, { x: [1, 2], w: [1, 1] });
  });

  it("stops at its bound", () => {
    const x = g.input("x", [2]);
    const y = g.whileLoop(
      () => g.constant(true, [], "bool"),
      (c: g.Tensor<"f32">) => g.mul(c, x),
      x,
      { max: 3 },
    );
    checkEverywhere([x], { y, slope: g.grad(g.sum(y), x) }, { x: [2, 3] });
    expect(g.evaluate({ y }, { x: [2, 3] })).toEqual({ y: Float32Array.of(16, 81) });
  });

  it("takes sizes that a call tells, of its carries and as its bound", () => {
    const [rows, most] = [g.dim("B", { max: 4 }), g.dim("T", { max: 5 })];
    const x = g.input("x", [rows, 2]);
    const t = g.input("t", [most]);
    const y = g.whileLoop(
      c => g.lt(g.sum(c), 40),
      c => g.add(g.mul(c, 2), g.mul(x, 0.5)),
      x,
      { max: most },
    );
    const outputs = { y, dx: g.grad(g.sum(g.mul(y, y)), x), s: g.sum(t) };
    checkEverywhere([x, t], outputs, { x: [1, 2, 3, 4, 5, 6], t: [0, 0] });
    checkEverywhere([x, t], outputs, { x: [1, 2], t: [0, 0, 0, 0, 0] });
  });

  it("differentiates trees, captures, loops and choices inside, inside loops", () => {
    const w = input("w", [2]);
    const at = input("x", [3, 2]);
    const { carry, out } = g.scan(
      (c: F64, v: F64) => {
        const { h } = g.whileLoop(
          ({ h: state, n }) => g.and(g.lt(n, 4), g.lt(g.sum(g.mul(state, state)), 3)),
          ({ h: state, n }) => ({
            h: g.cond(
              g.gt(n, 1),
              () => g.add(state, g.mul(v, w)) as F64,
              () =>
                g.scan((d: F64) => ({ carry: g.tanh(g.add(g.mul(d, w), v)) as F64 }), state, null, { length: 2 }).carry,
            ) as F64,
            n: g.add(n, 1),
          }),
          { h: c, n: g.constant(0, [], "i32") },
          { max: 6 },
        );
        return { carry: h as F64, out: g.mul(h as F64, v) as F64 };
      },
      input("c", [2]),
      at,
    );
    const c = carry.node.operands[0] as F64;
    checkDerivatives(out as F64, [w, c, at]);
    checkDerivatives(carry as F64, [w, c, at]);
  });

  it("takes tangents of gradients and gradients of tangents", () => {
    const w = input("w", [2]);
    const loop = g.whileLoop(
      (c: F64) => g.lt(g.sum(g.mul(c, c)), 50),
      (c: F64) => g.add(g.mul(c, 1.5), g.mul(w, g.sin(c))) as F64,
      input("c", [2]),
      { max: 20 },
    ) as F64;
    checkDerivatives(loop, [w, loop.node.operands[0] as F64]);
    checkDerivatives(g.jvp(loop, w, g.onesLike(w)) as F64, [w]);
  });

  it("refuses gradients without a bound, and what does not fit", () => {
    const a = g.input("a", []);
    expect(() => g.evaluate(g.grad(root(a) as F32, a), { a: 2 })).toThrow(/without a bound[\s\S]*while-loop\.test\.ts/);
    const x = g.input("x", [2]);
    const less = (c: g.Tensor<"f32">) => g.lt(g.sum(c), 1);
    expect(() =>
      g.whileLoop(
        c => g.lt(c, 1),
        c => c,
        x,
      ),
    ).toThrow(/truth value[\s\S]*bool \[2\]/);
    expect(() => g.whileLoop(less, c => g.sum(c), x)).toThrow(/type of carry[\s\S]*f32 \[2\][\s\S]*f32 \[\]/);
    expect(() => g.whileLoop(less, c => [c], x)).toThrow(/another structure/);
  });
});
