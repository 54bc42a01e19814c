import { add, binary, cast, eq, fma, gt, int, lt, mul, select, sub, unary } from "../build.ts";
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

/** n = nearest(x / ln 2) and eʳ − 1 for r = x − n ln 2. */
function reduced(scope: FunctionScope, x: Expr): { readonly n: Expr; readonly p: Expr } {
  const { high, low } = scope.pick(LN2);
  const n = scope.let(unary("nearest", mul(x, scope.num(Math.LOG2E))));
  const r = scope.let(fma(n, scope.num(-low), fma(n, scope.num(-high), x)));
  return {
    n: scope.let(cast("i32", n)),
    p: scope.let(fma(mul(r, r), scope.polynomial(r, scope.pick(Q)), r)),
  };
}

/** eˣ = 2ⁿ·eʳ for x in a range where the result over- or underflows by less than the dtype's precision. */
export function expOf(scope: FunctionScope, x: Expr): Expr {
  const { n, p } = reduced(scope, x);
  const y = add(p, scope.num(1));
  // Two factors, each a power that the dtype has; the first product is exact.
  const half = scope.let(binary("shr", n, int(1)));
  return mul(mul(y, scope.power2(half)), scope.power2(sub(n, half)));
}

/** eˣ − 1 = 2ⁿ·((eʳ − 1) + (1 − 2⁻ⁿ)) for x in a range where n is at least −60 (f32: −26). */
export function expm1Of(scope: FunctionScope, x: Expr): Expr {
  const { n, p } = reduced(scope, x);
  // The greatest n, and its negative, are no powers that the dtype has: half and twice their neighbours are.
  const inverse = mul(scope.power2(sub(int(1), n)), scope.num(0.5));
  return mul(mul(add(p, sub(scope.num(1), inverse)), scope.power2(sub(n, int(1)))), scope.num(2));
}

export const exp = define({
  name: "exp",
  host: "exp",
  ulp: { f32: 1, f64: 2 },
  build: (scope, x) =>
    expOf(scope, clamp(scope, x, scope.pick({ f32: -104, f64: -746 }), scope.pick({ f32: 89, f64: 710 }))),
});

export const expm1 = define({
  name: "expm1",
  host: "expm1",
  ulp: { f32: 2, f64: 3 },
  build(scope, x) {
    const y = expm1Of(scope, clamp(scope, x, scope.pick({ f32: -18, f64: -38 }), scope.pick({ f32: 89, f64: 710 })));
    // Keeps −0.
    return select(eq(x, scope.num(0)), x, y);
  },
});
