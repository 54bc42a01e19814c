import { describe, expect, test } from "vitest";
import { expandRequests, jacobian } from "../../src/autodiff/index.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import * as g from "../../src/index.ts";
import { dependenceOf } from "../../src/kinds/sparsity.ts";
import { CATALOGUE } from "../../src/ops/index.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { INSTANCES, Random } from "../ops/instances.ts";
import { applied } from "../ops/support.ts";

type X = g.Tensor<"f64">;

/** The matrix that the entries are of. */
function filled({ rows, cols, shape: [m, n] }: g.SparseJacobian, values: ArrayLike<number>): number[] {
  const dense = new Array<number>(m * n).fill(0);
  rows.forEach((row, e) => {
    dense[row * n + cols[e]] = values[e];
  });
  return dense;
}

const vector = (n: number, phase = 0): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + phase));
const x = g.input("x", [6], "f64");
const image = g.input("image", [1, 6, 1], "f64");
const cameras = g.input("cameras", [3, 2], "f64");
const observed = g.constant([0, 2, 1, 2], [4], "i32") as g.Tensor<"i32">;
const between = (x: X, from: number, to: number): X => g.slice(x, [from], [to]);

/** Function, target, most entries, most directions. */
const CASES: Readonly<Record<string, readonly [() => g.Tensor, X, number, number]>> = {
  "a stencil": [() => g.mul(g.exp(between(x, 1, 6)), between(x, 0, 5)), x, 10, 2],
  "a diagonal": [() => g.tanh(x), x, 6, 1],
  "one row": [() => g.expandDims(g.sum(g.square(x)), 0), x, 6, 1],
  "a column and a diagonal": [() => g.mul(x, g.indexAt(x, 0)), x, 11, 2],
  "rows of a softmax": [() => g.softmax(g.reshape(x, [3, 2])), x, 12, 2],
  "a convolution": [() => g.conv(image, g.constant(vector(3), [3, 1, 1], "f64"), { padding: "same" }), image, 16, 3],
  "constant indices": [() => g.square(g.sum(g.gather(cameras, observed), 1)), cameras, 8, 2],
  "a loop": [() => g.scan((c, s) => ({ carry: s, out: g.mul(c, s) }), g.zeros([], "f64"), x).out as X, x, 11, 2],
  "views around": [() => g.flip(g.pad(g.concat([between(x, 0, 2), g.neg(between(x, 4, 6))]), 1)), x, 4, 1],
  "per example": [() => g.vmap((row: X) => g.grad(g.sum(g.exp(row)), row))(cameras), cameras, 6, 1],
};

describe("sparseJacobian", () => {
  test.each(Object.entries(CASES))("of %s", (_name, [make, target, entries, directions]) => {
    const y = make();
    const feeds = { [g.nameOf(target) as string]: vector(6, 0.3) };
    const { values: expected } = g.evaluate({ values: g.jacobian(y, target) }, feeds);
    const sparse = g.sparseJacobian(y, target);
    expect([sparse.rows.length, sparse.directions]).toEqual([entries, directions]);
    for (const mode of ["forward", "reverse"] as const) {
      const one = g.sparseJacobian(y, target, { mode });
      expect(Array.from(one.cols)).toEqual(Array.from(sparse.cols));
      const dense = filled(one, g.evaluate(one.values, feeds) as Float64Array);
      dense.forEach((v, i) => {
        expect(v).toBeCloseTo((expected as Float64Array)[i], 12);
      });
    }
    const { values } = sparse;
    const net = g.compileSync(g.program("p", { f: { inputs: [target as g.Input], outputs: { values } } }), {
      target: "js",
    });
    const compiled = filled(sparse, net.f(feeds as never).values as Float64Array);
    compiled.forEach((v, i) => {
      expect(v).toBeCloseTo((expected as Float64Array)[i], 12);
    });
  });

  test("a pattern that the caller knows", () => {
    const indices = g.input("indices", [3], "i32");
    const y = g.gather(x, indices);
    expect(g.sparseJacobian(y, x).directions).toBe(3);
    const sparse = g.sparseJacobian(y, x, { pattern: { rows: [2, 0, 1, 0], cols: [5, 1, 3, 1] } });
    expect([sparse.directions, Array.from(sparse.rows), Array.from(sparse.cols)]).toEqual([1, [0, 1, 2], [1, 3, 5]]);
    expect(g.evaluate(sparse.values, { x: vector(6), indices: [1, 3, 5] })).toEqual(Float64Array.of(1, 1, 1));
    expect(() => g.sparseJacobian(y, x, { pattern: { rows: [3], cols: [0] } })).toThrow(/pattern does not fit/);
  });

  test("sizes must be known", () => {
    const s = g.input("s", [g.dim("B", { max: 3 })], "f64");
    expect(() => g.sparseJacobian(g.exp(s), s)).toThrow(/known at the call only/);
  });
});

test("sparseHessian of a chain is three diagonals in three directions", () => {
  const [a, b] = [between(x, 0, 5), between(x, 1, 6)];
  const y = g.sum(g.add(g.mul(g.square(g.sub(b, g.square(a))), 100), g.square(g.sub(1, a))));
  const sparse = g.sparseHessian(y, x);
  expect([sparse.rows.length, sparse.directions]).toEqual([16, 3]);
  const [values, expected] = g.evaluate([sparse.values, g.hessian(y, x)] as const, { x: vector(6, 0.3) });
  filled(sparse, values as Float64Array).forEach((v, i) => {
    expect(v).toBeCloseTo((expected as Float64Array)[i], 9);
  });
});

/** No entry of the Jacobian lies outside the pattern. */
describe.each(CATALOGUE.filter(op => op.derivative).map(op => [op.name, op] as const))(
  "the pattern of %s",
  (name, op) => {
    test("holds every entry that is not zero", () => {
      for (let round = 0; round < 3; round++) {
        const { operands, attrs, regions } = INSTANCES[name](new Random(round * 65537 + name.length));
        const { x, y } = applied(op, operands, attrs, regions);
        const feeds = new Map(x.map((t, i) => [t, operands[i]]));
        for (const target of x.filter(t => isFloat(t.dtype))) {
          for (const result of y.filter(t => isFloat(t.dtype))) {
            const dense = jacobian(result, target, { disconnected: "zeros" });
            const [{ data }] = evaluateGraph(expandRequests([dense]), feeds);
            const pattern = dependenceOf(result, target);
            const n = data.length / pattern.length;
            data.forEach((v, i) => {
              if (v !== 0) expect(pattern[Math.floor(i / n)], `entry ${i}`).toContain(i % n);
            });
          }
        }
      }
    });
  },
);
