import { add, binary, bitcast, cast, div, eq, fma, gt, int, literal, lt, mul, select, sub, unary } from "../build.ts";
import type { Expr } from "../ir.ts";
import { define, type FunctionScope } from "./define.ts";
import { LN2 } from "./exponential.ts";

/** (2 atanh s − 2s) / s³ in z = s², for z ≤ (√2 − 1)⁴. */
const ATANH = {
  f32: [0.666666865, 0.399887174, 0.295821041],
  f64: [
    0.666666666666667, 0.39999999999898506, 0.2857142862637479, 0.22222211076470177, 0.1818289297659538,
    0.1533160437723918, 0.14617787711406305,
  ],
};

const SQRT_HALF_BITS = 0x3f3504f3;

/** x = m·2ᵏ with √½ ≤ m < √2, for finite x > 0. */
export function splitBinary(scope: FunctionScope, x: Expr): { readonly m: Expr; readonly k: Expr } {
  if (scope.dtype === "f64") {
    const half = scope.let(unary("mantissa", x));
    const small = scope.let(lt(half, scope.num(Math.SQRT1_2)));
    return {
      m: scope.let(select(small, add(half, half), half)),
      k: cast("f64", sub(unary("exponent", x), cast("i32", small))),
    };
  }
  // A denormal is scaled up by 2²⁴; then the exponent is taken from the bits.
  const denormal = scope.let(lt(x, scope.num(2 ** -126)));
  const bits = scope.let(bitcast("i32", select(denormal, mul(x, scope.num(2 ** 24)), x)));
  const k = scope.let(binary("shr", sub(bits, int(SQRT_HALF_BITS)), int(23)));
  return {
    m: scope.let(bitcast("f32", sub(bits, binary("shl", k, int(23))))),
    k: cast("f32", sub(k, select(denormal, int(24), int(0)))),
  };
}

/** ln x + c for finite x > 0 and a small c. */
export function logOf(scope: FunctionScope, x: Expr, c?: Expr): Expr {
  const { high, low } = scope.pick(LN2);
  const split = splitBinary(scope, x);
  const k = scope.let(split.k);
  const f = scope.let(sub(split.m, scope.num(1)));
  const s = scope.let(div(f, add(f, scope.num(2))));
  const z = scope.let(mul(s, s));
  const half = scope.let(mul(mul(f, f), scope.num(0.5)));
  const tail = mul(k, scope.num(low));
  // ln(1 + f) = 2 atanh s = f − (f²/2 − s(f²/2 + R)), R = 2 atanh(s)/s − 2
  const correction = add(
    mul(s, add(half, mul(z, scope.polynomial(z, scope.pick(ATANH))))),
    c === undefined ? tail : add(tail, c),
  );
  return add(mul(k, scope.num(high)), sub(f, sub(half, correction)));
}

/** y for finite x > 0; ∞, −∞ and NaN where the logarithm has them. */
const guarded = (scope: FunctionScope, x: Expr, y: Expr): Expr =>
  select(
    gt(x, scope.num(0)),
    select(lt(x, literal(scope.dtype, Infinity)), y, x),
    select(eq(x, scope.num(0)), scope.num(-Infinity), scope.num(NaN)),
  );

/** ln x with its special values. */
export const fullLogOf = (scope: FunctionScope, x: Expr): Expr => guarded(scope, x, logOf(scope, x));

export const log = define({ name: "log", host: "log", ulp: { f32: 1, f64: 2 }, build: fullLogOf });

/** ln(1 + x) as the logarithm has it, special values too. */
export function log1pOf(scope: FunctionScope, x: Expr): Expr {
  const one = scope.num(1);
  const u = scope.let(add(one, x));
  // 1 + x = u + error, and ln(u + error) = ln u + error / u.
  const error = select(gt(x, one), sub(one, sub(u, x)), sub(x, sub(u, one)));
  const y = guarded(scope, u, logOf(scope, u, scope.let(div(error, u))));
  return select(eq(x, scope.num(0)), x, y);
}

export const log1p = define({
  name: "log1p",
  host: "log1p",
  ulp: { f32: 1, f64: 2 },
  build: log1pOf,
});

/** (2 atanh s − 2s) / s³ in z = s², for z ≤ 1/9. */
const WIDE_ATANH = [0.66666412, 0.400217, 0.27999127, 0.28024533];

/** ln(1 + x) for 0 ≤ x ≤ 1: 2 atanh s for s = x / (2 + x). f64 takes log1p itself. */
export const log1pSmall = define({
  name: "log1pSmall",
  host: "log1p",
  ulp: { f32: 2, f64: 2 },
  build(scope, x) {
    if (scope.dtype === "f64") return log1pOf(scope, x);
    const s = scope.let(div(x, add(x, scope.num(2))));
    const z = scope.let(mul(s, s));
    return fma(s, mul(z, scope.polynomial(z, WIDE_ATANH)), add(s, s));
  },
});
