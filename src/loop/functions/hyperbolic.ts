import { add, cast, div, eq, gt, literal, lt, mul, select, sub, unary } from "../build.ts";
import type { Expr } from "../ir.ts";
import { define, type FunctionScope, odd } from "./define.ts";
import { clamp, expm1Over } from "./exponential.ts";
import { log1pOf } from "./logarithm.ts";

/** From here on tanh x is 1 in f32. */
const TANH_BOUND = 8.8;

/**
 * tanh x = x·p(x²) / q(x²) up to the bound: the quotient of two polynomials of degree 4 with the least relative error
 * (0.7 parts in 2²⁴), rounded so that the result at the bound is 1, with and without fused multiply-adds.
 */
const ABOVE = [1, 0.13403257727622986, 0.003521584440022707, 2.1018297047703527e-5, 1.388248982436835e-8];
const BELOW = [1, 0.46736595034599304, 0.025976959615945816, 0.0003327376616653055, 8.001097739906982e-7];

/** f32: a quotient of polynomials, which takes two thirds of the time of what f64 is: h / (h + 1), h = ½(e²ˣ − 1). */
export const tanh = define({
  name: "tanh",
  host: "tanh",
  ulp: { f32: 5.5, f64: 4 },
  build(scope, x) {
    if (scope.dtype === "f32") {
      const within = clamp(scope, x, -TANH_BOUND, TANH_BOUND);
      const square = scope.let(mul(within, within));
      const above = mul(within, scope.polynomial(square, ABOVE));
      return clamp(scope, scope.let(div(above, scope.polynomial(square, BELOW))), -1, 1);
    }
    // At the bounds the result has long been ±1.
    const within = clamp(scope, x, -20, 20);
    const h = scope.let(expm1Over(scope, scope.let(add(within, within)), 1));
    return select(eq(x, scope.num(0)), x, div(h, add(h, scope.num(1))));
  },
});

/** h = (e^|x| − 1) / 2, which overflows no sooner than sinh and cosh do. */
function half(scope: FunctionScope, x: Expr): Expr {
  const a = clamp(scope, scope.let(unary("abs", x)), 0, scope.pick({ f32: 90, f64: 711 }));
  return scope.let(mul(expm1Over(scope, a, 3), scope.num(4)));
}

const twicePlusOne = (scope: FunctionScope, h: Expr): Expr => add(add(h, h), scope.num(1));

/** sinh |x| = h + h / (2h + 1) */
export const sinh = define({
  name: "sinh",
  host: "sinh",
  ulp: { f32: 3, f64: 3 },
  build(scope, x) {
    const h = half(scope, x);
    const rest = select(gt(h, scope.num(2 ** 60)), scope.num(0), div(h, twicePlusOne(scope, h)));
    // Where x² is nothing beside 1, sinh x = x; the parts of h would be denormal numbers before x is.
    const tiny = lt(unary("abs", x), scope.num(scope.pick({ f32: 2 ** -13, f64: 2 ** -27 })));
    return select(tiny, x, odd(scope, x, scope.let(add(h, rest))));
  },
});

/** cosh x = h + ½ + ½ / (2h + 1) */
export const cosh = define({
  name: "cosh",
  host: "cosh",
  ulp: { f32: 2, f64: 3 },
  build(scope, x) {
    const h = half(scope, x);
    const point = scope.num(0.5);
    return add(add(h, point), div(point, twicePlusOne(scope, h)));
  },
});

/** From here on a + 1 = a to the last place. */
const LARGE = { f32: 2 ** 25, f64: 2 ** 54 };

/** ln(1 + small), or ln(1 + a) + ln 2 where a is large. */
function logOrTwice(scope: FunctionScope, a: Expr, small: Expr): Expr {
  const large = scope.let(gt(a, scope.num(scope.pick(LARGE))));
  const y = log1pOf(scope, scope.let(select(large, a, small)));
  return add(y, mul(cast(scope.dtype, cast("i32", large)), scope.num(Math.LN2)));
}

/** asinh a = ln(1 + a + a² / (1 + √(1 + a²))) */
export const asinh = define({
  name: "asinh",
  host: "asinh",
  ulp: { f32: 3, f64: 3 },
  build(scope, x) {
    const one = scope.num(1);
    const a = scope.let(unary("abs", x));
    const square = scope.let(mul(a, a));
    const small = add(a, div(square, add(one, unary("sqrt", add(one, square)))));
    return odd(scope, x, scope.let(logOrTwice(scope, a, small)));
  },
});

/** acosh x = ln(1 + t + √(2t + t²)), t = x − 1 */
export const acosh = define({
  name: "acosh",
  host: "acosh",
  ulp: { f32: 3, f64: 3 },
  build(scope, x) {
    const t = scope.let(sub(x, scope.num(1)));
    const small = add(t, unary("sqrt", mul(t, add(t, scope.num(2)))));
    return select(lt(x, scope.num(1)), literal(scope.dtype, NaN), logOrTwice(scope, x, small));
  },
});

/** atanh a = ½ ln(1 + 2a / (1 − a)) */
export const atanh = define({
  name: "atanh",
  host: "atanh",
  ulp: { f32: 3, f64: 3 },
  build(scope, x) {
    const a = scope.let(unary("abs", x));
    const t = scope.let(add(a, a));
    const rest = scope.let(sub(scope.num(1), a));
    const ratio = select(lt(a, scope.num(0.5)), add(t, div(mul(t, a), rest)), div(t, rest));
    return odd(scope, x, scope.let(mul(scope.num(0.5), log1pOf(scope, scope.let(ratio)))));
  },
});
