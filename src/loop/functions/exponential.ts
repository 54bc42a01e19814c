import { add, binary, bitcast, cast, eq, fma, gt, int, lt, mul, select, sub, unary } from "../build.ts";
import type { Expr } from "../ir.ts";
import { define, type FunctionScope } from "./define.ts";

/** ln 2 in two parts; the first has so few bits that its product with any exponent is exact. */
export const LN2 = {
  f32: { high: 0.693145752, low: 1.42860677e-6 },
  f64: { high: 0.6931471805592082, low: 7.371002565167799e-13 },
};

/** (eʳ − 1 − r) / r² on |r| ≤ ½ ln 2. */
const Q = {
  f32: [0.5, 0.166665763, 0.0416663848, 0.0083632879, 0.00139403809],
  f64: [
    0.5, 0.16666666666666674, 0.041666666666623484, 0.008333333333322554, 0.0013888888917534543, 0.0001984126988556527,
    2.4801520797558296e-5, 2.7557243459726533e-6, 2.7620325359675456e-7, 2.5109640189092713e-8,
  ],
};

/** min(max(x, low), high) that keeps NaN. */
export function clamp(scope: FunctionScope, x: Expr, low: number, high: number): Expr {
  const [l, h] = [scope.num(low), scope.num(high)];
  const above = scope.let(select(lt(x, l), l, x));
  return scope.let(select(gt(above, h), h, above));
}

/** x − n ln 2 */
function remainder(scope: FunctionScope, x: Expr, n: Expr): Expr {
  const { high, low } = scope.pick(LN2);
  return scope.let(fma(n, scope.num(-low), fma(n, scope.num(-high), x)));
}

/** eʳ − 1 */
function smallExpm1(scope: FunctionScope, r: Expr): Expr {
  const square = scope.let(mul(r, r));
  return scope.let(fma(square, scope.pairs(r, square, scope.pick(Q)), r));
}

/** Numbers from here to twice it have the unit as their last place: 1.5·2²³ plus n ends in the bits of n. */
const UNITS = 1.5 * 2 ** 23;

/**
 * f32: n = nearest(x / ln 2) and, as the last nine bits of an integer, n + bias: both from a sum whose last place is the
 * unit, which costs neither rounding nor conversion. And r = x − n ln 2.
 */
function reducedF32(
  scope: FunctionScope,
  x: Expr,
  bias: number,
  rest = remainder,
): { readonly bits: Expr; readonly r: Expr } {
  const offset = scope.num(UNITS + bias);
  const bits = scope.let(bitcast("i32", fma(x, scope.num(Math.LOG2E), offset)));
  const n = scope.let(sub(bitcast("f32", bits), offset));
  return { bits, r: rest(scope, x, n) };
}

/** x − n ln 2 with 2·10⁻⁹·n too much, where the product is exact: ln 2 happens to be that close to an f32. */
const nearRemainder = (scope: FunctionScope, x: Expr, n: Expr): Expr =>
  scope.isFused ? scope.let(fma(n, scope.num(-Math.LN2), x)) : remainder(scope, x, n);

/** Of the powers of two that expOf makes in f32. */
const LEAST_EXPONENT = -126;

/** The f32 whose exponent bits are the last eight of an integer; the ninth is 0. */
const powerOf = (exponent: Expr): Expr => bitcast("f32", binary("shl", exponent, int(23)));

/** f64: n = nearest(x / ln 2) and eʳ − 1 for r = x − n ln 2. */
function reducedF64(scope: FunctionScope, x: Expr): { readonly n: Expr; readonly p: Expr } {
  const n = scope.let(unary("nearest", mul(x, scope.num(Math.LOG2E))));
  return { n: scope.let(cast("i32", n)), p: smallExpm1(scope, remainder(scope, x, n)) };
}

/**
 * eˣ = 2ⁿ·eʳ. f32: as 2ⁿ⁻¹·2eʳ with n from −126, where the factor's exponent bits are those of 0, to 128: what is less
 * than 2⁻¹²⁵ is 0. One power of two instead of two makes this a third faster. f64: as two powers that it has, of which
 * the first product is exact, where the result over- or underflows by less than its precision.
 */
export function expOf(scope: FunctionScope, x: Expr): Expr {
  if (scope.dtype === "f64") {
    const { n, p } = reducedF64(scope, x);
    const half = scope.let(binary("shr", n, int(1)));
    return mul(mul(add(p, scope.num(1)), scope.power2(half)), scope.power2(sub(n, half)));
  }
  const { bits, r } = reducedF32(scope, x, 126);
  return mul(scope.polynomial(r, [2, 2, ...Q.f32.map(c => 2 * c)]), powerOf(bits));
}

/**
 * (eˣ − 1) / 2ᵏ = 2ⁿ⁻ᵏ·(eʳ − 1) + (2ⁿ⁻ᵏ − 2⁻ᵏ) for x in a range where n is at least −60 (f32: −26) and 2ⁿ⁻ᵏ no more than
 * the dtype has.
 */
export function expm1Over(scope: FunctionScope, x: Expr, k: number): Expr {
  const over = (power: Expr, p: Expr): Expr => {
    const part = scope.let(power);
    return fma(part, p, sub(part, scope.num(2 ** -k)));
  };
  if (scope.dtype === "f64") {
    const { n, p } = reducedF64(scope, x);
    return over(scope.power2(sub(n, int(k))), p);
  }
  const { bits, r } = reducedF32(scope, x, 127 - k);
  return over(powerOf(bits), smallExpm1(scope, r));
}

/** eˣ for any x. */
export function expOfAny(scope: FunctionScope, x: Expr): Expr {
  const [low, high] = scope.pick({ f32: [LEAST_EXPONENT * Math.LN2, 89], f64: [-746, 710] });
  return expOf(scope, clamp(scope, x, low, high));
}

export const exp = define({ name: "exp", host: "exp", ulp: { f32: 1.1, f64: 2 }, build: expOfAny });

/** 2eʳ on |r| ≤ ½ ln 2 to 1.6 parts in 2²⁴: the polynomial of degree 5 with the least relative error that is 2 at 0. */
const TWICE_EXP = [2, 0.9999997, 0.49999148, 0.16667654, 0.041898206, 0.008289112].map((c, i) => (i === 0 ? c : 2 * c));

/**
 * eˣ for x ≤ 0, as of differences from a maximum: what exp spends on overflow and on its last bit is saved. Above 0 it may
 * be anything where eˣ is not finite. (With fused multiply-adds the error grows to 6 ulp at −86.)
 */
export const expNonPositive = define({
  name: "expNonPositive",
  host: "exp",
  ulp: { f32: 3, f64: 2 },
  build(scope, x) {
    if (scope.dtype === "f64") return expOfAny(scope, x);
    const low = scope.num(LEAST_EXPONENT * Math.LN2);
    const { bits, r } = reducedF32(scope, scope.let(select(lt(x, low), low, x)), 126, nearRemainder);
    return mul(scope.polynomial(r, TWICE_EXP), powerOf(bits));
  },
});

export const expm1 = define({
  name: "expm1",
  host: "expm1",
  ulp: { f32: 2, f64: 3 },
  build(scope, x) {
    const [low, high] = scope.pick({ f32: [-18, 89], f64: [-38, 710] });
    const y = scope.let(expm1Over(scope, clamp(scope, x, low, high), 1));
    // Keeps −0.
    return select(eq(x, scope.num(0)), x, add(y, y));
  },
});
