import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { expandRequests } from "../../../src/autodiff/index.ts";
import { evaluateGraph } from "../../../src/graph/evaluate.ts";
import type { Input } from "../../../src/graph/leaves.ts";
import type { NdArray } from "../../../src/graph/op.ts";
import type { Scalar, Tensor } from "../../../src/graph/tensor.ts";
import * as g from "../../../src/index.ts";
import { constantOf } from "../../../src/ops/source.ts";
import { array } from "../b-support.ts";
import { matrices, noise } from "./matrices.ts";

type Real = Tensor<"f64">;

const adjoint = (x: Real): Real => g.transpose(x, [...x.shape.slice(2).keys(), x.rank - 1, x.rank - 2]);
const unit = (x: Real): Real => g.matrixPower(x, 0);
const positive = (a: Real): Real => g.add(g.matmul(a, adjoint(a)), unit(a)) as Real;
const scaled = (a: Real): Real => g.div(a, 3) as Real;

/** The functions of tests/oracle/linalg.py. */
const FUNCTIONS: Readonly<Record<string, (a: Real, b: Real) => readonly Real[]>> = {
  cholesky: a => [g.cholesky(positive(a))],
  lu: a => [g.lu(a).lu],
  qr: a => Object.values(g.qr(a)),
  eigh: a => Object.values(g.eigh(a)),
  svd: a => Object.values(g.svd(a)),
  solve: (a, b) => [g.solve(a, b)],
  solveTransposed: (a, b) => [g.solve(a, b, { transpose: true })],
  upper: (a, b) => [g.triangularSolve(a, b)],
  lowerTransposed: (a, b) => [g.triangularSolve(a, b, { lower: true, transpose: true, unitDiagonal: true })],
  det: a => [g.det(scaled(a))],
  slogdet: a => Object.values(g.slogdet(a)),
  inverse: a => [g.inverse(a)],
  choleskySolve: (a, b) => [g.choleskySolve(g.cholesky(positive(a)), b)],
  lstsq: (a, b) => [g.lstsq(a, b)],
  lstsqWide: (a, b) => [g.lstsq(adjoint(a), g.matmul(adjoint(a), b))],
  pinv: a => [g.pinv(a)],
  nuclear: a => [g.matrixNorm(a, "nuclear")],
  spectral: a => [g.matrixNorm(a, "spectral")],
  frobenius: a => [g.matrixNorm(a)],
  power: a => [g.matrixPower(scaled(a), 3)],
};
const TALL = ["qr", "svd", "lstsq", "lstsqWide", "pinv", "nuclear", "spectral", "frobenius"];

interface Case {
  readonly n: number;
  readonly batch: readonly number[];
  /** Σ weights·results, and its first and second derivative along a direction. */
  readonly phi: readonly number[];
  readonly results?: readonly (readonly number[])[];
}
const RECORDED: Readonly<Record<string, readonly Case[]>> = JSON.parse(
  readFileSync(new URL("../../oracle/linalg.json", import.meta.url), "utf8"),
);

const fixed = (seed: number, shape: readonly number[]): Real =>
  constantOf("f64", shape, array("f64", shape, noise(seed, shape)).data) as Real;

/** The recorded numbers, once by the gradient and once by tangents. */
function graphOf(name: string, { n, batch }: Case): { x: Input<string, "f64">[]; feeds: NdArray[]; values: Tensor[] } {
  const m = TALL.includes(name) ? n + 2 : n;
  const feeds = [matrices(n, [...batch, m, n]), array("f64", [...batch, m, 2], noise(n + 1, [...batch, m, 2]))];
  const x = feeds.map((f, k) => g.input(`x${k}`, f.shape, "f64"));
  const along = feeds.map((f, k) => fixed(n + 2 + k, f.shape));
  const results = FUNCTIONS[name](x[0], x[1]);
  const parts = results.map((y, k) => g.sum(g.mul(y, fixed(n + 4 + k, y.shape as number[]))) as Scalar<"f64">);
  const phi = parts.reduce((total, part) => g.add(total, part) as Scalar<"f64">);
  const options = { disconnected: "zeros" } as const;
  const gradients = g.grad(phi, x, options);
  const slope = gradients.map((d, k) => g.sum(g.mul(d, along[k]))).reduce((s, t) => g.add(s, t) as typeof s);
  const forward = g.jvp(phi, x, along, options);
  return { x, feeds, values: [phi, slope, g.jvp(slope, x, along, options), forward, ...results] };
}

function expectNear(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(actual, what).toHaveLength(expected.length);
  expected.forEach((y, i) => {
    const close = Math.abs(actual[i] - y) <= 1e-8 * (1 + Math.abs(y));
    expect(close, `${what}: ${i} is ${actual[i]}, recorded ${y}`).toBe(true);
  });
}

describe("values and derivatives recorded from JAX", () => {
  test("are there for every function", () => {
    expect(Object.keys(RECORDED).sort()).toEqual(Object.keys(FUNCTIONS).sort());
  });

  const small = Object.entries(RECORDED).flatMap(([name, cases]) =>
    cases.filter(c => c.n < 33).map(c => [name, c.n, c] as const),
  );
  test.each(small)("%s of size %i", (name, _n, recorded) => {
    const { x, feeds, values } = graphOf(name, recorded);
    const numbers = evaluateGraph(expandRequests(values), new Map(x.map((t, k) => [t, feeds[k]])));
    const [phi, slope, curvature, forward, ...results] = numbers.map(y => Array.from(y.data));
    expectNear([...phi, ...slope, ...curvature], recorded.phi, "phi");
    expectNear(forward, slope, "jvp against vjp");
    recorded.results?.forEach((y, k) => {
      expectNear(results[k], y, `result ${k}`);
    });
  });

  test.each(["cholesky", "upper", "lu", "qr", "eigh", "svd", "pinv"])("%s of size 33, as WebAssembly", name => {
    const [recorded] = RECORDED[name].filter(c => c.n === 33);
    const { x, feeds, values } = graphOf(name, recorded);
    const outputs = Object.fromEntries(values.slice(0, 4).map((y, k) => [`y${k}`, y]));
    const net = g.compileSync(g.program("f", { f: { inputs: x, outputs } }), { target: "wasm" });
    const call = net.f as unknown as (feeds: object) => Record<string, number>;
    const { y0, y1, y2, y3 } = call(Object.fromEntries(x.map((_, k) => [`x${k}`, feeds[k].data])));
    expectNear([y0, y1, y2, y3], [...recorded.phi, recorded.phi[1]], "phi");
  });
});
