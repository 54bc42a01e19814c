import { describe, expect, test } from "vitest";
import { lower } from "../../../src/compile.ts";
import type { Tensor } from "../../../src/graph/tensor.ts";
import * as g from "../../../src/index.ts";
import type { FloatDType } from "../../../src/shared/dtype.ts";
import { TARGETS } from "../../../src/targets.ts";
import { checkEverywhere } from "../../support/everywhere.ts";
import { matrices, noise } from "./matrices.ts";

type Real = Tensor<"f64">;
type Numbers = number | ArrayLike<number>;

const list = (x: Numbers): number[] => (typeof x === "number" ? [x] : Array.from(x));

/** Results as the reference and as WebAssembly have them, which must agree where they are finite. */
function both(outputs: Readonly<Record<string, Tensor>>): Record<string, number[]> {
  const net = g.compileSync(g.program("f", { f: { inputs: [], outputs } }), { target: "wasm" });
  const compiled = (net.f as unknown as (feeds: object) => Record<string, Numbers>)({});
  return Object.fromEntries(
    Object.entries(g.evaluate(outputs, {}) as Record<string, Numbers>).map(([name, value]) => {
      const [reference, own] = [list(value), list(compiled[name])];
      own.forEach((x, i) => {
        const same = Object.is(x, reference[i]) || Math.abs(x - reference[i]) <= 1e-9 * (1 + Math.abs(x));
        expect(same, `${name}: element ${i} is ${x}, reference ${reference[i]}`).toBe(true);
      });
      return [name, own];
    }),
  );
}

const constant = (shape: readonly number[], ...values: number[]): Real => g.constant(values, shape, "f64") as Real;
const transposed = (x: Real): Real => g.transpose(x, [1, 0]);
const near = (x: readonly number[], y: readonly number[]): void => {
  expect(x).toHaveLength(y.length);
  y.forEach((v, i) => {
    expect(x[i]).toBeCloseTo(v, 9);
  });
};

describe("every target computes the same", () => {
  test.each(["f32", "f64"] as const)("of size 9, two matrices at once, %s", (dtype: FloatDType) => {
    const feeds = {
      a: matrices(1, [2, 9, 9], dtype),
      b: matrices(2, [2, 9, 7], dtype),
      t: matrices(3, [2, 11, 9], dtype),
    };
    const [a, b, t] = Object.entries(feeds).map(([name, x]) => g.input(name, x.shape, dtype as "f64"));
    const spd = g.matmul(t, t.transpose([0, 2, 1]));
    const outputs = {
      ...g.lu(a),
      ...g.qr(t),
      ...g.eigh(a),
      ...g.svd(b),
      cholesky: g.cholesky(g.add(spd, g.matrixPower(spd, 0)) as Real),
      x: g.triangularSolve(a, b, { lower: true }),
      y: g.triangularSolve(a, b, { transpose: true, lower: true }),
    };
    const data = Object.fromEntries(Object.entries(feeds).map(([name, x]) => [name, x.data]));
    checkEverywhere([a, b, t], outputs, data, { tolerance: dtype === "f64" ? 1e-10 : 2e-4 });
  });
});

test("gradients in f32 are the same on every target", () => {
  const [a, b] = [matrices(4, [2, 8, 8], "f32"), matrices(5, [2, 8, 3], "f32")];
  const [x, y] = [g.input("x", a.shape), g.input("y", b.shape)];
  const unit = g.matrixPower(x, 0);
  const spd = g.add(g.matmul(x, g.transpose(x, [0, 2, 1])), unit) as Tensor<"f32">;
  const loss = g.add(g.sum(g.logdet(spd)), g.sum(g.choleskySolve(g.cholesky(spd), g.solve(x, y)))) as g.Scalar<"f32">;
  const values = g.add(loss, g.sum(g.eigh(x).values.mul(g.svd(y).s.sum()))) as g.Scalar<"f32">;
  const [gx, gy] = g.grad(values, [x, y]);
  checkEverywhere([x, y], { values, gx, gy }, { x: a.data, y: b.data }, { tolerance: 2e-3 });
});

describe("matrices that are not regular", () => {
  const singular = constant([2, 2], 1, 2, 2, 4);

  test("solve and inverse give no finite result for a singular matrix, det and slogdet say so", () => {
    const found = both({
      x: g.solve(singular, constant([2], 1, 1)),
      inverse: g.inverse(singular),
      det: g.det(singular),
      ...g.slogdet(singular),
      logdet: g.logdet(singular),
      negative: g.logdet(constant([2, 2], 0, 1, 1, 0)),
    });
    expect([...found.x, ...found.inverse].some(Number.isFinite)).toBe(false);
    expect([found.det, found.sign].flat().map(Math.abs)).toEqual([0, 0]);
    expect([found.logAbs, found.logdet].flat()).toEqual([-Infinity, -Infinity]);
    expect(found.negative).toEqual([Number.NaN]);
  });

  test("NaN is passed on", () => {
    const broken = constant([2, 2], 1, 2, Number.NaN, 4);
    const { lu, permutation, values, s, u } = both({ ...g.lu(broken), ...g.eigh(broken), ...g.svd(broken) });
    expect(permutation).toEqual([1, 0]);
    expect(lu[0]).toBeNaN();
    expect([...values, ...s, ...u].every(Number.isNaN)).toBe(true);
  });

  test("orthonormal factors of matrices without full rank, zero included", () => {
    for (const a of [
      g.zeros([4, 3], "f64"),
      g.ones([4, 3], "f64"),
      constant([4, 3], 0, 1, 2, 0, 1, 2, 0, 3, 6, 0, 0, 0),
    ]) {
      const { u, s, vt } = g.svd(a as Real);
      const { q, r } = g.qr(a as Real);
      const [scaled, ident] = [g.mul(u, g.expandDims(s, 0)) as Real, g.matrixPower(g.zeros([3, 3], "f64"), 0)];
      const found = both({
        a,
        ident,
        uu: g.matmul(transposed(u), u),
        vv: g.matmul(vt, transposed(vt)),
        qq: g.matmul(transposed(q), q),
        usv: g.matmul(scaled, vt),
        qr: g.matmul(q, r),
        s,
      });
      for (const name of ["uu", "vv", "qq"]) near(found[name], found.ident);
      near(found.usv, found.a);
      near(found.qr, found.a);
      near(found.s.slice(1), found.s[0] > 0 && found.s[1] > 1e-9 ? found.s.slice(1) : [0, 0]);
    }
  });

  test("equal eigenvalues and singular values: gradients of values stay, those of vectors do not", () => {
    const unit = constant([2, 2], 1, 0, 0, 1);
    const gradient = (y: Tensor, of: Real): Real => g.grad(g.sum(y as Real) as g.Scalar<"f64">, of) as Real;
    const found = both({
      values: gradient(g.eigh(unit).values, unit),
      s: gradient(g.svd(unit).s, unit),
      vectors: gradient(g.eigh(unit).vectors, unit),
      pinv: gradient(g.pinv(unit), unit),
      norm: gradient(g.matrixNorm(g.mul(unit, 0) as Real), unit),
    });
    near(found.values, [1, 0, 0, 1]);
    near(found.s, [1, 0, 0, 1]);
    expect(found.vectors.some(Number.isFinite)).toBe(false);
    near(found.pinv, [-1, -1, -1, -1]);
    near(found.norm, [0, 0, 0, 0]);
  });

  test("large and small numbers neither overflow nor vanish in svd", () => {
    const { s } = both({ s: g.svd(constant([2, 2], 3e100, 0, 4e100, 1e-40)).s });
    expect(s[0] / 5e100).toBeCloseTo(1, 12);
    expect(s[1] / 6e-41).toBeCloseTo(1, 12);
  });
});

describe("shapes", () => {
  const a = constant([2, 2], 2, 1, 4, 6);

  test("right sides: a vector, many for one matrix, batches that broadcast", () => {
    const b = g.constant(noise(5, [3, 1, 2, 2]), [3, 1, 2, 2], "f64") as Real;
    const two = g.stack([a, g.add(a, 1)]) as Real;
    const found = both({
      vector: g.matmul(a, g.solve(a, constant([2], 3, 5))),
      many: g.matmul(a, g.solve(a, b)),
      spread: g.matmul(two, g.solve(two, b)),
      b,
      twice: g.broadcastTo(b, [3, 2, 2, 2]),
    });
    near(found.vector, [3, 5]);
    near(found.many, found.b);
    near(found.spread, found.twice);
  });

  test("wider than high: reduced factors, and the shortest solution", () => {
    const wide = g.constant(noise(6, [2, 3, 5]), [2, 3, 5], "f64") as Real;
    const b = g.constant(noise(7, [2, 3, 1]), [2, 3, 1], "f64") as Real;
    const { q, r } = g.qr(wide);
    const { u, s, vt } = g.svd(wide);
    expect([q, r, u, s, vt].map(x => x.shape)).toEqual([
      [2, 3, 3],
      [2, 3, 5],
      [2, 3, 3],
      [2, 3],
      [2, 3, 5],
    ]);
    const found = both({
      wide,
      qr: g.matmul(q, r),
      usv: g.matmul(g.mul(u, g.expandDims(s, 1)) as Real, vt),
      x: g.lstsq(wide, b),
      shortest: g.matmul(g.pinv(wide), b),
    });
    near(found.qr, found.wide);
    near(found.usv, found.wide);
    near(found.x, found.shortest);
  });

  test("sizes that are known at the call", () => {
    const [B, N] = [g.dim("B", { max: 4 }), g.dim("N", { max: 6 })];
    const outputsOf = (x: Real): Record<string, Real> => {
      const spd = g.add(g.matmul(x, g.transpose(x, [0, 2, 1])), g.matrixPower(x, 0)) as Real;
      return { l: g.cholesky(spd), x: g.solve(spd, x), w: g.eigh(spd).values, d: g.logdet(spd) };
    };
    const [x, fixed] = [g.input("x", [B, N, N], "f64"), g.input("x", [3, 5, 5], "f64")];
    const net = g.compileSync(g.program("f", { f: { inputs: [x], outputs: outputsOf(x) } }), { target: "wasm" });
    const feeds = { x: matrices(8, [3, 5, 5]).data };
    const got = (net.f as unknown as (feeds: object) => Record<string, Numbers>)({ ...feeds, N: 5, B: 3 });
    const expected = g.evaluate(outputsOf(fixed), feeds as never) as Record<string, Numbers>;
    for (const name of Object.keys(expected)) near(list(got[name]), list(expected[name]));
  });
});

test("a gradient of solve uses the factors of the value", () => {
  const [x, b] = [g.input("x", [5, 5]), g.input("b", [5])];
  const loss = g.sum(g.solve(x, b)) as g.Scalar<"f32">;
  const { graph } = g.program("f", { f: { inputs: [x, b], outputs: { loss, gradient: g.grad(loss, x) } } });
  const { kernels } = lower(graph, TARGETS.wasm, "fast");
  expect(kernels.filter(k => k.name.endsWith("_lu"))).toHaveLength(1);
});
