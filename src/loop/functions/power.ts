import {
  add,
  and,
  binary,
  bitcast,
  cast,
  compare,
  div,
  eq,
  gt,
  int,
  literal,
  lt,
  mul,
  ne,
  neg,
  or,
  select,
  sub,
  unary,
} from "../build.ts";
import type { Expr } from "../ir.ts";
import { define, type FunctionScope } from "./define.ts";
import { clamp } from "./exponential.ts";
import { splitBinary } from "./logarithm.ts";

/** (3·atanh(s)/s − 3 − z) / z² in z = s², z ≤ (√2 − 1)⁴. */
const TAIL = {
  f32: [0.600000203, 0.428432733, 0.345750928],
  f64: [
    0.6000000000000004, 0.428571428570064, 0.3333333340719596, 0.2727271229209938, 0.23078367424572477,
    0.1992877700160973, 0.1937224276459596,
  ],
};

/** 2 / (3 ln 2) in two parts, and as one number. */
const SCALE = {
  f32: { high: 0.9616699219, low: 0.000126772051, all: 0.961796701 },
  f64: { high: 0.9617966413497925, low: 5.2576183124437864e-8, all: 0.9617966939259756 },
};

/** (2ʳ − 1) / r on |r| ≤ ½. */
const EXP2 = {
  f32: [Math.LN2, 0.240226507, 0.0555035658, 0.00961803365, 0.00133910845, 0.000154689551],
  f64: [
    Math.LN2,
    0.240226506959101,
    0.05550410866482166,
    0.009618129107606545,
    0.001333355814639686,
    0.00015403530442313922,
    1.525273385233461e-5,
    1.321544223595858e-6,
    1.0178052154454344e-7,
    7.072656269722538e-9,
    4.4566082426744657e-10,
  ],
};

/** A number and what it lacks: their exact sum has about one and a half times the digits of one. */
interface Pair {
  readonly high: Expr;
  readonly low: Expr;
}

/** The first half of the digits, so that products of two such are exact. */
export function head(scope: FunctionScope, x: Expr): Expr {
  if (scope.dtype === "f64") return scope.let(cast("f64", cast("f32", x)));
  return scope.let(bitcast("f32", and(bitcast("i32", x), int(-4096))));
}

/** log₂ x for finite x > 0 to about 2⁻³² (f32) or 2⁻⁶² (f64) of its value. */
function log2Pair(scope: FunctionScope, x: Expr): Pair {
  const num = (value: number): Expr => scope.num(value);
  const split = splitBinary(scope, x);
  const k = scope.let(split.k);
  const f = scope.let(sub(split.m, num(1)));
  // s = f / (2 + f) in two parts
  const t = scope.let(add(f, num(2)));
  const s = scope.let(div(f, t));
  const sHigh = head(scope, s);
  const tHigh = head(scope, t);
  const tLow = sub(split.m, sub(tHigh, num(1)));
  const sLow = scope.let(div(sub(sub(f, mul(sHigh, tHigh)), mul(sHigh, tLow)), t));
  // 3 atanh(s)/s = 3 + s² + z² TAIL(z)
  const z = scope.let(mul(s, s));
  const square = scope.let(mul(sHigh, sHigh));
  const rest = scope.let(add(mul(sLow, add(sHigh, s)), mul(mul(z, z), scope.polynomial(z, scope.pick(TAIL)))));
  const pHigh = head(scope, add(num(3), add(square, rest)));
  const pLow = sub(rest, sub(sub(pHigh, num(3)), square));
  // w = s · that
  const u = scope.let(mul(sHigh, pHigh));
  const v = scope.let(add(mul(sLow, pHigh), mul(pLow, s)));
  const wHigh = head(scope, add(u, v));
  const wLow = sub(v, sub(wHigh, u));
  // log₂ m = 2/(3 ln 2) · w
  const scale = scope.pick(SCALE);
  const gHigh = scope.let(mul(num(scale.high), wHigh));
  const gLow = scope.let(add(mul(num(scale.low), wHigh), mul(wLow, num(scale.all))));
  const high = head(scope, add(k, add(gHigh, gLow)));
  return { high, low: scope.let(sub(gLow, sub(sub(high, k), gHigh))) };
}

/** aʸ for finite a > 0; y may be infinite. */
function powerOf(scope: FunctionScope, a: Expr, y: Expr): Expr {
  const log = log2Pair(scope, a);
  // Beyond the bound every a but 1 over- or underflows.
  const bound = scope.pick({ f32: 2 ** 33, f64: 2 ** 65 });
  const exponent = clamp(scope, y, -bound, bound);
  const yHigh = head(scope, exponent);
  const high = scope.let(mul(yHigh, log.high));
  const low = scope.let(add(mul(sub(exponent, yHigh), log.high), mul(exponent, log.low)));
  const total = clamp(
    scope,
    scope.let(add(high, low)),
    scope.pick({ f32: -152, f64: -1080 }),
    scope.pick({ f32: 129, f64: 1025 }),
  );
  const n = scope.let(unary("nearest", total));
  // Where `total` was clamped, r would be far off; any r near ±½ keeps the overflow or underflow.
  const r = clamp(scope, scope.let(add(sub(high, n), low)), -0.51, 0.51);
  const m = add(scope.num(1), mul(r, scope.polynomial(r, scope.pick(EXP2))));
  const power = scope.let(cast("i32", n));
  if (scope.dtype === "f64") return binary("ldexp", m, power);
  const half = scope.let(binary("shr", power, int(1)));
  return mul(mul(m, scope.power2(half)), scope.power2(sub(power, half)));
}

const bothNumbers = (x: Expr, y: Expr): Expr => and(eq(x, x), eq(y, y));

/**
 * xʸ with the special cases of IEEE 754 and C, which differ from Math.pow in two: 1ʸ = 1 for every y, NaN too, and
 * (−1)^±∞ = 1. (A JavaScript backend that calls Math.pow in fast mode has NaN there.)
 */
export const pow = define({
  name: "pow",
  params: ["x", "y"],
  ulp: { f32: 2, f64: 3 },
  host: "pow",
  build(scope, x, y) {
    const [zero, one, infinity, nan] = [0, 1, Infinity, NaN].map(n => literal(scope.dtype, n));
    const a = scope.let(unary("abs", x));
    // 0 and ∞ go to 0 or ∞.
    const isZero = scope.let(eq(a, zero));
    const edge = scope.let(or(isZero, eq(a, infinity)));
    const vanishes = compare("ne", cast("i32", isZero), cast("i32", lt(y, zero)));
    const magnitude = scope.let(select(edge, select(vanishes, zero, infinity), powerOf(scope, a, y)));
    // The sign of negative x, −0 too, is that of an odd power; other powers must be whole.
    const half = scope.let(mul(y, scope.num(0.5)));
    const whole = scope.let(eq(unary("trunc", y), y));
    const odd = and(whole, ne(unary("trunc", half), half));
    const negative = or(lt(x, zero), lt(div(one, x), zero));
    const signed = select(and(negative, odd), neg(magnitude), magnitude);
    const real = or(whole, or(gt(x, zero), edge));
    const value = select(and(real, bothNumbers(x, y)), signed, nan);
    return select(or(eq(x, one), eq(y, zero)), one, value);
  },
});
