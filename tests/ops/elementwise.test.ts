import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as g from "../../src/index.ts";
import { checkDerivatives, input } from "./b-support.ts";
import { array } from "./instances.ts";
import { evaluate } from "./support.ts";

type X = g.Tensor<"f64">;
type Nested = number | readonly Nested[];

interface Case {
  readonly inputs: readonly Nested[];
  readonly y: Nested;
  readonly w: Nested;
  readonly gradients: readonly Nested[];
}

/** Recorded by tests/oracle/elementwise.py. */
const golden: { readonly cases: Readonly<Record<string, Case>> } = JSON.parse(
  readFileSync(new URL("../oracle/elementwise.json", import.meta.url), "utf8"),
);

const FUNCTIONS: Readonly<Record<string, (...x: X[]) => X>> = {
  atan2: (y, x) => g.atan2(y, x),
  hypot: (x, y) => g.hypot(x, y),
  logAddExp: (x, y) => g.logAddExp(x, y),
  prelu: (x, slope) => g.prelu(x, slope),
  norm1: x => g.norm(x, 1, { order: 1 }),
  norm2: x => g.norm(x, 1),
  norm3: x => g.norm(x, 0, { order: 3 }),
  "norm2.5": x => g.norm(x, 0, { order: 2.5 }),
  normInfinity: x => g.norm(x, 1, { order: Infinity }),
  tril: x => g.tril(x, 1),
  triu: x => g.triu(x, -1),
  diag: v => g.diag(v, 1),
  diagBelow: v => g.diag(v, -2),
  diagonal: x => g.diagonal(x),
  diagonalAbove: x => g.diagonal(x, 2),
  diagonalBelow: x => g.diagonal(x, -1),
  trace: x => g.trace(x),
  kron: (a, b) => g.kron(a, b),
  kronVector: (a, b) => g.kron(a, b),
  tile: x => g.tile(x, [2, 1, 3]),
  tileLast: x => g.tile(x, [2]),
  roll: x => g.roll(x, [1, -6], [0, 1]),
  moveAxis: x => g.moveAxis(x, [0, -1], [-1, 1]),
};

const sizes = (x: Nested): number[] => (typeof x === "number" ? [] : [x.length, ...sizes(x[0])]);
const flat = (x: Nested): number[] => (typeof x === "number" ? [x] : x.flatMap(flat));

test("every recorded case is tested", () => {
  expect(Object.keys(FUNCTIONS).sort()).toEqual(Object.keys(golden.cases).sort());
});

describe.each(Object.entries(golden.cases))("%s", (name, { inputs, y: want, w, gradients }) => {
  const x = inputs.map((data, i) => input(`x${i}`, sizes(data)));
  const y = FUNCTIONS[name](...x);

  test("and its gradients equal JAX's or PyTorch's", () => {
    expect(y.shape).toEqual(sizes(want));
    const cotangent = g.constant(flat(w), sizes(w), "f64");
    const all = [y, ...(g.vjp(y, x, cotangent) as X[])];
    const data = inputs.map(values => array("f64", sizes(values), flat(values)));
    const results = evaluate(all, x, data);
    [want, ...gradients].forEach((expected, k) => {
      flat(expected).forEach((value, i) => {
        expect(Math.abs(results[k][i] - value), `result ${k}, element ${i}`).toBeLessThan(
          1e-12 * (1 + Math.abs(value)),
        );
      });
    });
  });

  test("has derivatives of both orders", () => {
    checkDerivatives(y, x, new Map(), 1e-5);
  });
});

test.each(["js", "wasm"] as const)("all of them, compiled for %s in both modes", target => {
  for (const mode of ["fast", "reproducible"] as const) {
    const feeds: Record<string, number[]> = {};
    const outputs: Record<string, g.Tensor> = {};
    const declared: g.Input[] = [];
    for (const [name, { inputs, w }] of Object.entries(golden.cases)) {
      const x = inputs.map((data, i) => g.input(`${name.replace(".", "_")}_${i}`, sizes(data), "f64"));
      const y = FUNCTIONS[name](...x);
      const slopes = g.vjp(y, x, g.constant(flat(w), sizes(w), "f64")) as X[];
      [y, ...slopes].forEach((value, k) => {
        outputs[`${name.replace(".", "_")}_y${k}`] = value;
      });
      x.forEach((t, i) => {
        feeds[String(g.nameOf(t))] = flat(inputs[i]);
      });
      declared.push(...(x as unknown as g.Input[]));
    }
    const net = g.compileSync(g.program("all", { f: { inputs: declared, outputs } }), { target, mode });
    const results = (net.f as unknown as (feeds: object) => Record<string, number | Float64Array>)(feeds);
    for (const [name, { y, gradients }] of Object.entries(golden.cases)) {
      [y, ...gradients].forEach((expected, k) => {
        const got = results[`${name.replace(".", "_")}_y${k}`];
        const list = typeof got === "number" ? [got] : Array.from(got);
        flat(expected).forEach((value, i) => {
          expect(Math.abs(list[i] - value), `${name}, result ${k}, element ${i}`).toBeLessThan(
            1e-12 * (1 + Math.abs(value)),
          );
        });
      });
    }
  }
});

describe("matrices", () => {
  const numbers = (x: g.Tensor): number[] => evaluate([x], [], [])[0];

  test("of symbolic sizes", () => {
    const B = g.dim("B", { max: 4 });
    const batch = g.input("x", [B, 2, 2]);
    expect(String(g.diagonal(batch).shape)).toBe("B,2");
    expect(String(g.trace(batch).shape)).toBe("B");
    const square = g.input("x", [B, B]);
    const feeds = { x: [1, 2, 3, 4, 5, 6, 7, 8, 9] };
    expect(g.evaluate(g.diagonal(square), feeds)).toEqual(Float32Array.of(1, 5, 9));
    expect(g.evaluate(g.trace(square), feeds)).toBe(15);
    expect(g.evaluate(g.tril(square, -1), feeds)).toEqual(Float32Array.of(0, 0, 0, 4, 0, 0, 7, 8, 0));
    expect(g.evaluate(g.tile(g.input("v", [B]), [2]), { v: [1, 2] })).toEqual(Float32Array.of(1, 2, 1, 2));
    expect(g.evaluate(g.roll(g.input("v", [B]), 1), { v: [1, 2, 3] })).toEqual(Float32Array.of(3, 1, 2));
    expect(() => g.diagonal(g.input("x", [B, 3]))).toThrow(/matrices of symbolic sizes must be square/);
    expect(() => g.unstack(g.input("v", [B]))).toThrow(/the number of parts is not known/);
  });

  test("of no elements, and diagonals outside", () => {
    const x = g.constant([[1, 2, 3]]);
    expect(numbers(g.diagonal(x, 5))).toEqual([]);
    expect(numbers(g.diagonal(x, -5))).toEqual([]);
    expect(numbers(g.trace(x, -1))).toEqual([0]);
    expect(numbers(g.diagonal(x, 2))).toEqual([3]);
    expect(numbers(g.eye(2, 3))).toEqual([1, 0, 0, 0, 1, 0]);
    expect(g.eye(2, undefined, "i32").dtype).toBe("i32");
    expect(numbers(g.diag(g.constant([true, true])))).toEqual([1, 0, 0, 1]);
  });

  test("unstack undoes stack", () => {
    const parts = [g.constant([1, 2]), g.constant([3, 4])];
    expect(g.unstack(g.stack(parts, 1), 1).map(numbers)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

describe("kinks", () => {
  const at = (f: (x: g.Tensor<"f32">) => g.Tensor<"f32">, values: number[]) => {
    const x = g.input("x", [values.length]);
    const y = f(x);
    return g.evaluate({ y, slope: g.grad(g.sum(y), x) }, { x: values }) as { y: Float32Array; slope: Float32Array };
  };

  test.each<[string, (x: g.Tensor<"f32">) => g.Tensor<"f32">, number[], number[]]>([
    ["softsign at 0", g.softsign, [0], [1]],
    ["elu at 0", x => g.elu(x, 2), [0], [2]],
    ["celu at 0", x => g.celu(x, 2), [0], [1]],
    ["hardSigmoid at its corners", x => g.hardSigmoid(x, 0.25), [-2, 2], [0.125, 0.125]],
    ["hardSwish at its corners", g.hardSwish, [-3, 3], [-0.25, 1.25]],
    ["prelu at 0", x => g.prelu(x, 0.25), [0], [0.25]],
    ["norm of zeros", x => g.norm(x, 0, { order: 4, keepDims: true }), [0, 0], [0, 0]],
    ["maximum norm with ties", x => g.norm(x, 0, { order: Infinity, keepDims: true }), [2, -2], [0.5, -0.5]],
    ["maxout with ties", x => g.maxout(x, 2), [3, 3, 1, 2], [0.5, 0.5, 0, 1]],
    ["hypot at the origin", x => g.hypot(x, g.zerosLike(x)), [0], [0]],
    ["atan2 at the origin", x => g.atan2(x, g.zerosLike(x)), [0], [0]],
  ])("%s", (_name, f, x, slope) => {
    expect(Array.from(at(f, x).slope)).toEqual(slope);
  });

  test("infinities", () => {
    const x = g.constant([Infinity, -Infinity, 3, Number.NaN]);
    expect(Array.from(g.evaluate(g.isInfinite(x)) as Uint8Array)).toEqual([1, 1, 0, 0]);
    expect(Array.from(g.evaluate(g.logAddExp(x, x)) as Float32Array).slice(0, 2)).toEqual([Infinity, -Infinity]);
    expect(Array.from(g.evaluate(g.hypot(x, 4)) as Float32Array)).toEqual([Infinity, Infinity, 5, Number.NaN]);
    expect(g.evaluate(g.hypot(g.constant(3e30), 4e30))).toBeCloseTo(5e30, -24);
  });
});

describe("mistakes", () => {
  const x = g.input("x", [2, 3]);
  test.each<[RegExp, () => unknown]>([
    [/norm: there is no norm of this order/, () => g.norm(x, 0, { order: 0 })],
    [/maxout: the pieces do not divide axis 1/, () => g.maxout(x, 2)],
    [/polygamma: the order is not one of a derivative/, () => g.polygamma(x, -1)],
    [/tril: there is no matrix/, () => g.tril(g.input("v", [3]))],
    [/diag: a scalar is no diagonal/, () => g.diag(g.input("s", []))],
    [/moveAxis: an axis is named twice/, () => g.moveAxis(x, [0, 0], [0, 1])],
    [/roll: lists of different lengths/, () => g.roll(x, [1, 2], 0)],
    [/unstack: axis out of range/, () => g.unstack(x, 2)],
  ])("%s", (message, mistake) => {
    expect(mistake).toThrow(message);
  });
});
