import { describe, expect, it } from "vitest";
import { expandRequests, grad, hvp } from "../../src/autodiff/index.ts";
import { Interner, withInterner } from "../../src/graph/node.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import { mergeScans } from "../../src/kinds/merge-scans.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { matmul } from "../../src/ops/contraction.ts";
import { sum } from "../../src/ops/reduce.ts";
import { scan } from "../../src/ops/scan.ts";
import { array, checkDerivatives, input, run } from "./b-support.ts";

/** A smooth squashing made of what every catalogue has: x / (1 + x²) has bounded slope. */
const bend = <T extends Tensor<"f64">>(x: T): Tensor<"f64"> => mul(x, add(1, mul(-0.1, mul(x, x))));

describe("scan", () => {
  it("threads the carry and stacks", () => {
    const x = input("x", [4]);
    const start = input("start", []);
    const { carry, out } = scan((c, v) => ({ carry: add(c, v), out: c }), start, x);
    const feeds = new Map([
      [x, array("f64", [4], [1, 2, 3, 4])],
      [start as Tensor, array("f64", [], [10])],
    ]);
    expect(run([carry, out], feeds)).toEqual([[20], [10, 11, 13, 16]]);
    const backward = scan((c, v) => ({ carry: add(c, v), out: c }), start, x, { reverse: true });
    expect(run([backward.carry, backward.out], feeds)).toEqual([[20], [19, 17, 14, 10]]);
  });

  it("takes trees, captures and loops without sequences", () => {
    const w = input("w", [2, 2]);
    const init = { h: input("h", [2]), n: input("n", [], "i32") };
    const { carry, out } = scan(
      ({ h, n }) => ({ carry: { h: matmul(h, w), n: add(n, 1) }, out: [n, { h }] as const }),
      init,
      null,
      { length: 3 },
    );
    const feeds = new Map<Tensor, ReturnType<typeof array>>([
      [w, array("f64", [2, 2], [0, 1, 2, 0])],
      [init.h, array("f64", [2], [1, 10])],
      [init.n, array("i32", [], [5])],
    ]);
    expect(run([carry.h, carry.n, out[0], out[1].h], feeds)).toEqual([[40, 2], [8], [5, 6, 7], [1, 10, 20, 1, 2, 20]]);
  });

  it("computes what does not vary once, outside", () => {
    const w = input("w", [3]);
    const x = input("x", [5, 3]);
    const { carry } = scan((c, v) => ({ carry: add(c, mul(v, mul(w, w))) }), input("c", [3]), x);
    const [region] = carry.node.regions;
    expect(topological(region.results).filter(n => n.op.name === "mul")).toHaveLength(1);
    expect(carry.node.operands[2].node.op.name).toBe("mul");
  });

  it("differentiates a recurrence with weights, in both directions", () => {
    for (const options of [{}, { reverse: true }, { checkpoint: true }]) {
      const w = input("w", [3, 3]);
      const b = input("b", [3]);
      const h = input("h", [2, 3]);
      const x = input("x", [4, 2, 3]);
      const loop = scan(
        (c, v) => {
          const next = bend(add(add(matmul(c, w), v), b));
          return { carry: next, out: mul(next, c) };
        },
        h,
        x,
        options,
      );
      checkDerivatives(loop.out, [w, b, h, x]);
      checkDerivatives(loop.carry, [w, b, h, x]);
      checkDerivatives(add(sum(loop.out, 0), loop.carry), [w, x]);
    }
  });

  it("differentiates nested loops, with integers carried along", () => {
    const w = input("w", [2]);
    const x = input("x", [3, 2]);
    const count = input("count", [], "i32");
    const outer = scan(
      (c, v) => {
        const inner = scan((d, scale) => ({ carry: bend(add(mul(d, w), mul(scale, c.h))), out: mul(d, v) }), v, w);
        return { carry: { h: add(c.h, inner.carry), n: add(c.n, 1) }, out: inner.out };
      },
      { h: input("h", [2]), n: count },
      x,
    );
    const given = new Map([[count as Tensor, array("i32", [], [0])]]);
    checkDerivatives(outer.carry.h, [w, x], given);
    checkDerivatives(outer.out, [w, x], given);
  });

  it("differentiates inside the body, with respect to what the body closes over", () => {
    const w = input("w", [2]);
    const square = mul(w, w);
    const { carry } = scan(
      c => {
        const energy = sum(mul(mul(c, square), c));
        const force = add(grad(energy, c) as Tensor<"f64">, grad(energy, w) as Tensor<"f64">);
        return { carry: add(c, mul(-0.1, force)) };
      },
      input("c", [2]),
      null,
      { length: 2 },
    );
    checkDerivatives(carry, [w, carry.node.operands[0] as Tensor<"f64">]);
    // One step by hand: ∂/∂c = 2·c·w², ∂/∂w = 2·w·c².
    const c0 = input("c0", [2]);
    const one = scan(c => ({ carry: grad(sum(mul(mul(c, square), c)), w) as Tensor<"f64"> }), c0, null, { length: 1 });
    const feeds = new Map([
      [w as Tensor, array("f64", [2], [3, 5])],
      [c0 as Tensor, array("f64", [2], [2, 1])],
    ]);
    expect(run([one.carry], feeds)).toEqual([[24, 10]]);
  });

  it("leaves zeros symbolic and runs the forward loop once", () => {
    const w = input("w", [2]);
    const x = input("x", [3, 2]);
    const loop = scan(
      (c, v) => ({ carry: { used: bend(mul(c.used, w)), unused: add(c.unused, v) }, out: c.used }),
      { used: input("u", [2]), unused: input("v", [2]) },
      x,
    );
    const loss = sum(loop.out);
    const roots = mergeScans(expandRequests([loss, grad(loss, w)]));
    const loops = topological(roots).filter(n => n.op.name === "scan");
    expect(loops).toHaveLength(2);
    // The cotangent of `used` and the sum of w's.
    expect(loops[1].attrs.carries).toBe(2);
  });

  it("saves the carries only where checkpoints are asked for", () => {
    const w = input("w", [2]);
    const saved = [false, true].map(checkpoint => {
      const loop = scan((c, v) => ({ carry: bend(bend(add(mul(c, w), v))) }), input("c", [2]), input("x", [3, 2]), {
        checkpoint,
      });
      const [forward] = topological(expandRequests([grad(sum(loop.carry), w)])).filter(n => n.op.name === "scan");
      return forward.outputs.length - 1;
    });
    expect(saved[0]).toBeGreaterThan(1);
    expect(saved[1]).toBe(1);
  });

  it("runs each loop of a Hessian–vector product once", () => {
    const w = input("w", [2]);
    const loop = scan((c, v) => ({ carry: bend(add(mul(c, w), v)), out: c }), input("c", [2]), input("x", [3, 2]));
    const loss = sum(mul(loop.out, loop.out));
    const values = [loss, grad(loss, w), hvp(loss, w, input("v", [2]))] as Tensor[];
    const count = (roots: readonly Tensor[]): number => topological(roots).filter(n => n.op.name === "scan").length;
    withInterner(new Interner(), () => {
      const expanded = expandRequests(values);
      // Forward, backward and the tangents of both.
      expect(count(expanded)).toBeGreaterThan(4);
      expect(count(mergeScans(expanded))).toBe(4);
    });
  });

  it("says what does not fit", () => {
    const x = input("x", [3, 2]);
    const c = input("c", [2], "f32");
    const matrix = input("m", [2, 2], "f32");
    expect(() => scan(h => ({ carry: matmul(h, matrix) }), c, x)).not.toThrow();
    expect(() => scan(h => ({ carry: sum(h) }), c, x)).toThrow(
      /changes the type of carry[\s\S]*f32 \[2\][\s\S]*f32 \[\]/,
    );
    expect(() => scan(h => ({ carry: h }), c, [x, input("y", [4])])).toThrow(/lengths: 3 and 4[\s\S]*x\.1 f64 \[4\]/);
    expect(() => scan(h => ({ carry: h }), c)).toThrow(/number of steps/);
    expect(() => scan(h => ({ carry: h }), c, input("s", []))).toThrow(/no axis/);
    expect(() => scan(h => ({ carry: [h] }), c, x)).toThrow(/another structure[\s\S]*b-scan\.test\.ts/);
    // @ts-expect-error not a tensor
    expect(() => scan(_ => ({ carry: 3 }), c, x)).toThrow(/carry is not a tensor/);
  });
});
