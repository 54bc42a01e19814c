import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/graph/tensor.ts";
import { topological } from "../../src/graph/traverse.ts";
import * as g from "../../src/index.ts";
import { checkEverywhere } from "../support/everywhere.ts";
import { array, checkDerivatives, input } from "./b-support.ts";

type F32 = g.Tensor<"f32">;

const x = () => g.input("x", [3]);

/** √x where all are positive, else x·w. */
function choice(at: F32, w: F32) {
  return g.cond(
    g.all(g.gt(at, 0)) as g.Scalar<"bool">,
    () => g.sqrt(at) as F32,
    () => g.mul(at, w) as F32,
  );
}

describe("cond", () => {
  it("computes the chosen body, with gradients, on every target", () => {
    const at = x();
    const w = g.input("w", [3]);
    const y = choice(at, w);
    const [dx, dw] = g.grad(g.sum(g.mul(y, y)), [at, w]);
    const outputs = { y, dx, dw };
    checkEverywhere([at, w], outputs, { x: [4, 9, 0.25], w: [2, 3, 4] });
    checkEverywhere([at, w], outputs, { x: [4, -9, 0.25], w: [2, 3, 4] });
    expect(g.evaluate(outputs, { x: [4, 9, 0.25], w: [2, 3, 4] })).toEqual({
      y: Float32Array.of(2, 3, 0.5),
      dx: Float32Array.of(1, 1, 1),
      dw: new Float32Array(3),
    });
    // (x·w)²: 2·x·w² and 2·x²·w.
    expect(g.evaluate(outputs, { x: [1, -1, 2], w: [2, 3, 4] })).toEqual({
      y: Float32Array.of(2, -3, 8),
      dx: Float32Array.of(8, -18, 64),
      dw: Float32Array.of(4, 6, 32),
    });
  });

  it("leaves what its bodies make inside, and computes nothing of the other body", () => {
    const at = x();
    const outside = g.exp(at);
    const y = g.cond(
      g.gt(g.sum(at), 0),
      () => g.log(outside),
      () => g.tanh(g.sin(at)),
    );
    const names = (k: number) => topological(y.node.regions[k].results).map(n => n.op.name);
    expect(names(0)).toContain("log");
    expect(names(1)).toEqual(expect.arrayContaining(["sin", "tanh"]));
    expect(topological([y]).map(n => n.op.name)).not.toContain("sin");
    // What was made before is captured as it is.
    expect(y.node.operands).toContain(outside);
    // 1/x of the body that does not run would be infinite: neither it nor its derivative is computed.
    const safe = g.cond(
      g.ne(g.sum(at), 0),
      () => g.div(1, at) as F32,
      () => g.zerosLike(at) as F32,
    );
    const made = g.evaluate({ safe, slope: g.grad(g.sum(safe), at) }, { x: [0, 0, 0] });
    expect(made).toEqual({ safe: new Float32Array(3), slope: new Float32Array(3) });
  });

  it("differentiates twice, nested, inside loops and around them", () => {
    const w = input("w", [2]);
    const at = input("x", [4, 2]);
    const loop = g.scan(
      (c: Tensor<"f64">, v: Tensor<"f64">) => {
        const next = g.cond(
          g.gt(g.sum(g.mul(v, w)), 0),
          () => {
            const inner = g.cond(
              g.gt(g.sum(c), 0),
              () => g.mul(g.mul(c, w), v),
              () => g.sub(v, g.mul(c, c)),
            );
            return g.mul(inner, g.tanh(w)) as Tensor<"f64">;
          },
          () => g.scan((d: Tensor<"f64">) => ({ carry: g.tanh(g.mul(d, w)) as Tensor<"f64"> }), c, v).carry,
        );
        return { carry: next as Tensor<"f64">, out: g.mul(next, c) as Tensor<"f64"> };
      },
      input("c", [2]),
      at,
    );
    const c = loop.carry.node.operands[0] as Tensor<"f64">;
    checkDerivatives(loop.out as Tensor<"f64">, [w, c, at]);
    const flag = input("flag", [], "bool");
    const around = g.cond(
      flag,
      () => loop.carry,
      () => g.mul(c, w) as Tensor<"f64">,
    ) as Tensor<"f64">;
    for (const value of [0, 1]) {
      checkDerivatives(around, [w, c], new Map([[flag as Tensor, array("bool", [], [value])]]));
    }
  });

  it("takes derivatives inside a body", () => {
    const at = x();
    const energy = g.sum(g.mul(g.mul(at, at), at));
    const y = g.cond(
      g.lt(g.sum(at), 100),
      () => g.grad(energy, at),
      () => g.zerosLike(at),
    );
    const second = g.grad(g.sum(y), at);
    checkEverywhere([at], { y, second }, { x: [1, 2, 3] });
    expect(g.evaluate({ y, second }, { x: [1, 2, 3] })).toEqual({
      y: Float32Array.of(3, 12, 27),
      second: Float32Array.of(6, 12, 18),
    });
  });

  it("takes trees, integers and values that are given", () => {
    const at = x();
    const i = g.input("i", [], "i32");
    const y = g.cond(
      g.gt(i, 3),
      () => ({ v: at, more: [g.add(i, 1), g.constant([1, 2])] as const }),
      () => ({ v: g.neg(at), more: [i, g.constant([3, 4])] as const }),
    );
    const outputs = { v: y.v, n: y.more[0], c: y.more[1] };
    checkEverywhere([at, i], outputs, { x: [1, 2, 3], i: 3 });
    checkEverywhere([at, i], outputs, { x: [1, 2, 3], i: 4 });
  });

  it("chooses what variables become, while others still read what they were", () => {
    for (const target of ["interpret", "js", "wasm"] as const) {
      const at = x();
      const flag = g.input("flag", [], "bool");
      const w = g.param("w", [3], g.constantInit(2));
      const s = g.state("s", g.zeros([3]));
      const next = g.cond(
        flag,
        () => g.sub(w, g.mul(at, s)) as F32,
        () => s as F32,
      ) as F32;
      const updates = [
        g.set(w, next),
        g.set(
          s,
          g.cond(
            flag,
            () => w as F32,
            () => g.add(s, at) as F32,
          ) as F32,
        ),
      ];
      const declared = { f: { inputs: [at, flag], outputs: { old: g.mul(w, 1) }, updates } };
      const net = g.compileSync(g.program("p", declared), { target });
      const call = net.f as unknown as (f: object) => { old: Float32Array };
      const state = (name: string) => [...(net.variables as Record<string, { get(): Float32Array }>)[name].get()];
      expect([...call({ x: [1, 2, 3], flag: false }).old]).toEqual([2, 2, 2]);
      expect([state("w"), state("s")]).toEqual([
        [0, 0, 0],
        [1, 2, 3],
      ]);
      expect([...call({ x: [1, 2, 3], flag: true }).old]).toEqual([0, 0, 0]);
      expect([state("w"), state("s")]).toEqual([
        [-1, -4, -9],
        [0, 0, 0],
      ]);
    }
  });

  it("says what does not fit", () => {
    const at = x();
    const zeros = () => g.zeros([3]);
    expect(() => g.cond(g.gt(at, 0) as g.Tensor<"bool">, zeros, zeros)).toThrow(/bool \[\][\s\S]*bool \[3\]/);
    const yes = g.gt(g.sum(at), 0);
    expect(() => g.cond(yes, zeros, () => g.zeros([2]))).toThrow(/two types for value[\s\S]*f32 \[3\][\s\S]*f32 \[2\]/);
    expect(() => g.cond(yes, zeros, () => [g.zeros([3])])).toThrow(/another structure/);
    // @ts-expect-error not a tensor
    expect(() => g.cond(yes, () => 3, zeros)).toThrow(/value is not a tensor/);
  });
});
