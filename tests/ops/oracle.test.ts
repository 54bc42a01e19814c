import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { grad } from "../../src/autodiff/index.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import * as a from "../../src/ops/activation.ts";
import { cast } from "../../src/ops/cast.ts";
import { digamma, lgamma, polygamma } from "../../src/ops/gamma.ts";
import * as h from "../../src/ops/hyperbolic.ts";
import { pow, reciprocal, rsqrt, sqrt, square } from "../../src/ops/power.ts";
import { sum } from "../../src/ops/reduce.ts";
import * as t from "../../src/ops/transcendental.ts";
import * as trig from "../../src/ops/trigonometric.ts";
import "../../src/ops/index.ts";
import { array } from "./instances.ts";
import { evaluate, leaf } from "./support.ts";

type X = Tensor<"f64">;

const FUNCTIONS: Readonly<Record<string, (x: X) => X>> = {
  exp: x => t.exp(x),
  expm1: x => t.expm1(x),
  log: x => t.log(x),
  log1p: x => t.log1p(x),
  sin: x => t.sin(x),
  cos: x => t.cos(x),
  tan: x => t.tan(x),
  tanh: x => t.tanh(x),
  sigmoid: x => t.sigmoid(x),
  softplus: x => t.softplus(x),
  logSigmoid: x => a.logSigmoid(x),
  erf: x => t.erf(x),
  erfinv: x => t.erfinv(x),
  erfc: x => t.erfc(x),
  logit: x => t.logit(x),
  lgamma: x => lgamma(x),
  digamma: x => digamma(x),
  trigamma: x => polygamma(x, 1),
  asin: x => trig.asin(x),
  acos: x => trig.acos(x),
  atan: x => trig.atan(x),
  sinh: x => h.sinh(x),
  cosh: x => h.cosh(x),
  asinh: x => h.asinh(x),
  acosh: x => h.acosh(x),
  atanh: x => h.atanh(x),
  softsign: x => a.softsign(x),
  celu: x => a.celu(x, 1.3),
  hardSigmoid: x => a.hardSigmoid(x),
  hardSwish: x => a.hardSwish(x),
  sqrt: x => sqrt(x),
  rsqrt: x => rsqrt(x),
  relu: x => a.relu(x),
  relu6: x => a.relu6(x),
  leakyRelu: x => a.leakyRelu(x),
  elu: x => a.elu(x),
  selu: x => a.selu(x),
  silu: x => a.silu(x),
  mish: x => a.mish(x),
  gelu: x => a.gelu(x),
  geluTanh: x => a.gelu(x, { approximate: true }),
  reciprocal: x => reciprocal(x),
  square: x => square(x),
  cubed: x => pow(x, 3),
  "power2.5": x => pow(x, 2.5),
  "power-2": x => pow(x, -2),
};

interface Row {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly first: readonly number[];
  readonly second: readonly number[];
}

/** Recorded by tests/oracle/functions.py. */
const golden: { readonly functions: Readonly<Record<string, Row>> } = JSON.parse(
  readFileSync(new URL("../oracle/functions.json", import.meta.url), "utf8"),
);

test("every recorded function is tested", () => {
  expect(Object.keys(FUNCTIONS).sort()).toEqual(Object.keys(golden.functions).sort());
});

test.each(Object.entries(golden.functions))("%s and its derivatives equal JAX's", (name, row) => {
  const x = leaf({ dtype: "f64", shape: [row.x.length] }) as X;
  const y = FUNCTIONS[name](x);
  const first = grad(sum(y), x) as X;
  const second = grad(sum(first), x, { disconnected: "zeros" });
  const results = evaluate([y, first, second], [x], [array("f64", x.shape as readonly number[], row.x)]);
  [row.y, row.first, row.second].forEach((expected, order) => {
    expected.forEach((want, i) => {
      const got = results[order][i];
      const tolerance = 1e-11 * Math.abs(want) + 1e-12;
      expect(Math.abs(got - want), `derivative ${order} at ${row.x[i]}: ${got}, JAX ${want}`).toBeLessThan(tolerance);
    });
  });
});

test("the tails of sigmoid and softplus are accurate in f32", () => {
  const x = leaf({ dtype: "f32", shape: [4] }) as Tensor<"f32">;
  const data = [array("f32", [4], [-80, -30, 30, 100])];
  const [s, p] = evaluate([t.sigmoid(x), t.softplus(x)], [x], data);
  expect(s[0]).toBeCloseTo(Math.exp(-80), 40);
  expect(s[1] / Math.exp(-30)).toBeCloseTo(1, 6);
  expect(p[1] / Math.exp(-30)).toBeCloseTo(1, 6);
  expect(p.slice(2)).toEqual([30, 100]);
  expect(evaluate([cast(x, "f64")], [x], data)[0]).toEqual([-80, -30, 30, 100]);
});
