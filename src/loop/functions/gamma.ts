import type { FloatDType } from "../../shared/dtype.ts";
import { add, and, div, eq, ge, gt, le, lt, mul, neg, select, sub, unary } from "../build.ts";
import type { Expr, ScalarFunction } from "../ir.ts";
import { define, type FunctionScope } from "./define.ts";
import { fullLogOf } from "./logarithm.ts";

/** ln Γ(y) / ((y − 1)(y − 2)) in v = y − 3⁄2, 1 ≤ y ≤ 2. */
const LOG_GAMMA = {
  f32: [
    0.483128965, -0.14595969, 0.0629108101, -0.0313191637, 0.0168129541, -0.00927555747, 0.00529495487, -0.003974366,
    0.0025087581,
  ],
  f64: [
    0.4831289505409809, -0.1459598959143058, 0.06291140107458205, -0.03130848750108783, 0.016797098628943557,
    -0.009425622442398527, 0.005446457958458744, -0.003212074298354736, 0.0019229132099435676, -0.0011644100303875259,
    0.000711565406691961, -0.00043804886700434556, 0.00027089244137534026, -0.00016848749495255706,
    0.00010772568391542186, -6.824547935244856e-5, 3.4967159589896195e-5, -2.0871676344641833e-5, 2.8359913671673785e-5,
    -1.9046350093667076e-5,
  ],
};

/** sin(πr) / r in r², |r| ≤ ½. */
const SIN_TURNS = {
  f32: [Math.PI, -5.1677103, 2.55007744, -0.598291397, 0.0776576176],
  f64: [
    Math.PI,
    -5.167712780049969,
    2.5501640398773002,
    -0.5992645293189427,
    0.0821458865730658,
    -0.007370430505546707,
    0.0004662998141856229,
    -2.1903491516204216e-5,
    7.697764937088375e-7,
  ],
};

/** B₂, B₄, … B₂₀: Bernoulli's numbers. */
const BERNOULLI = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
];
const TERMS = { f32: 5, f64: 10 };

const sineOfTurns = (scope: FunctionScope, r: Expr): Expr =>
  mul(r, scope.polynomial(scope.let(mul(r, r)), scope.pick(SIN_TURNS)));

/** Stirling's series is used from here on. */
const STIRLING = 8;

/** ln Γ(a) for a ≥ 0. */
function logGamma(scope: FunctionScope, a: Expr): Expr {
  const num = (value: number): Expr => scope.num(value);
  // y = a − n in [1, 2) and p = (a − 1)(a − 2)…(a − n), for 2 ≤ a < 8.
  let y = a;
  let p: Expr = num(1);
  for (let step = 2; step < STIRLING; step++) {
    const down = scope.let(ge(y, num(2)));
    const lower = scope.let(sub(y, num(1)));
    p = scope.let(select(down, mul(p, lower), p));
    y = scope.let(select(down, lower, y));
  }
  // Below 1: ln Γ(a) = ln Γ(a + 1) − ln a. The factors y − 1 and y − 2 are exact.
  const below = scope.let(lt(a, num(1)));
  const first = scope.let(select(below, a, sub(y, num(1))));
  const second = select(below, sub(a, num(1)), sub(y, num(2)));
  const near = mul(mul(first, second), scope.polynomial(scope.let(sub(first, num(0.5))), scope.pick(LOG_GAMMA)));
  // ln Γ(a) = (a − ½) ln a − a + ½ ln 2π + Σ B₂ₖ / (2k(2k − 1)a²ᵏ⁻¹)
  const large = scope.let(ge(a, num(STIRLING)));
  const log = scope.let(fullLogOf(scope, scope.let(select(large, a, select(below, a, p)))));
  const inverse = scope.let(div(num(1), a));
  const series = BERNOULLI.slice(0, scope.pick(TERMS)).map((b, i) => b / ((2 * i + 2) * (2 * i + 1)));
  const rest = add(
    mul(inverse, scope.polynomial(scope.let(mul(inverse, inverse)), series)),
    num(0.5 * Math.log(2 * Math.PI)),
  );
  // (a − ½)(ln a − 1) − ½ + …, so that nothing large is subtracted; ∞ stays.
  const half = num(0.5);
  const stirling = add(mul(sub(a, half), sub(log, num(1))), sub(rest, half));
  return select(large, stirling, add(near, select(below, neg(log), log)));
}

/** ln |Γ(x)|. */
export const lgamma = define({
  name: "lgamma",
  ulp: { f32: 8, f64: 8 },
  build(scope, x) {
    const negative = scope.let(lt(x, scope.num(0)));
    const y = scope.let(logGamma(scope, scope.let(select(negative, sub(scope.num(1), x), x))));
    // ln |Γ(x)| = ln(π / |sin πx|) − ln Γ(1 − x)
    const r = scope.let(sub(x, unary("nearest", x)));
    const sine = unary("abs", sineOfTurns(scope, r));
    const mirror = sub(fullLogOf(scope, scope.let(div(scope.num(Math.PI), sine))), y);
    return select(and(negative, gt(x, scope.num(-Infinity))), mirror, y);
  },
});

/** Coefficients of the polynomial in c = cot πx that (d/dx)ⁿ π cot πx is: p ↦ −π(1 + c²)p′. */
export function cotangentDerivative(n: number): number[] {
  let p = [0, Math.PI];
  for (let step = 0; step < n; step++) {
    const slope = p.slice(1).map((c, i) => -Math.PI * c * (i + 1));
    p = Array.from({ length: slope.length + 2 }, (_, i) => (slope[i] ?? 0) + (slope[i - 2] ?? 0));
  }
  return p;
}

/** n (n − 1) … (n − k + 1) */
const falling = (n: number, k: number): number =>
  Array.from({ length: k }, (_, i) => n - i).reduce((product, factor) => product * factor, 1);

const power = (x: Expr, n: number): Expr => (n === 1 ? x : mul(power(x, n - 1), x));

/** (−1)ⁿ⁺¹ψ⁽ⁿ⁾(a) for a ≥ ½: n! Σ 1/(a + i)ⁿ⁺¹ up to where the asymptotic series takes over; −ψ for n = 0. */
function polygammaOf(scope: FunctionScope, n: number, a: Expr): Expr {
  const num = (value: number): Expr => scope.num(value);
  const shift = n + scope.pick({ f32: 6, f64: 10 });
  const small = scope.let(lt(a, num(shift)));
  let sum: Expr = num(0);
  for (let i = shift - 1; i >= 0; i--) {
    sum = scope.let(add(sum, div(num(1), power(scope.let(add(a, num(i))), n + 1))));
  }
  const y = scope.let(select(small, add(a, num(shift)), a));
  const v = scope.let(div(num(1), y));
  // (n − 1)!/yⁿ + n!/(2yⁿ⁺¹) + Σ B₂ₖ (2k + n − 1)!/((2k)! y²ᵏ⁺ⁿ); −ln y takes the place of the first term for n = 0
  const series = BERNOULLI.slice(0, scope.pick(TERMS)).map((b, i) => {
    const k = 2 * i + 2;
    return n === 0 ? b / k : b * falling(k + n - 1, n - 1);
  });
  const tail = mul(mul(v, v), scope.polynomial(scope.let(mul(v, v)), series));
  const middle = mul(v, num(falling(n, n) / 2));
  const asymptotic =
    n === 0
      ? sub(add(middle, tail), fullLogOf(scope, y))
      : mul(power(v, n), add(num(falling(n - 1, n - 1)), add(middle, tail)));
  return add(select(small, mul(sum, num(falling(n, n))), num(0)), asymptotic);
}

/** ψ⁽ⁿ⁾(x): ψ for n = 0, the logarithmic derivative of Γ. At 0 and below, NaN where the poles change sign, else ∞. */
function definePolygamma(name: string, n: number): Record<FloatDType, ScalarFunction> {
  const sign = n % 2 === 0 ? -1 : 1;
  return define({
    name,
    ulp: { f32: 8, f64: 8 },
    build(scope, x) {
      const num = (value: number): Expr => scope.num(value);
      const mirrored = scope.let(lt(x, num(0.5)));
      const y = scope.let(polygammaOf(scope, n, scope.let(select(mirrored, sub(num(1), x), x))));
      // ψ⁽ⁿ⁾(x) = (−1)ⁿψ⁽ⁿ⁾(1 − x) − (d/dx)ⁿ π cot πx
      const r = scope.let(sub(x, unary("nearest", x)));
      const quarter = sub(num(0.5), unary("abs", r));
      const cotangent = scope.let(div(sineOfTurns(scope, scope.let(quarter)), sineOfTurns(scope, r)));
      const reflected = sub(neg(y), scope.polynomial(cotangent, cotangentDerivative(n)));
      const pole = and(le(x, num(0)), eq(r, num(0)));
      const value = select(mirrored, reflected, sign < 0 ? neg(y) : y);
      return select(pole, num(n % 2 === 0 ? Number.NaN : Infinity), value);
    },
  });
}

export const digamma = definePolygamma("digamma", 0);
export const trigamma = definePolygamma("trigamma", 1);

const HIGHER = new Map<number, Record<FloatDType, ScalarFunction>>([
  [0, digamma],
  [1, trigamma],
]);

/** ψ⁽ⁿ⁾ in a dtype: one definition for each n. */
export function polygamma(n: number, dtype: FloatDType): ScalarFunction {
  const found = HIGHER.get(n) ?? definePolygamma(`polygamma${n}`, n);
  HIGHER.set(n, found);
  return found[dtype];
}
