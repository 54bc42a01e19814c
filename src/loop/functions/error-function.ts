import { add, div, gt, lt, mul, neg, select, sub, unary } from "../build.ts";
import type { Expr } from "../ir.ts";
import { define, type FunctionScope } from "./define.ts";
import { clamp, expOf, expOfAny } from "./exponential.ts";
import { head } from "./power.ts";

/** erf(x)/x − 1 in x², |x| ≤ 1. */
const SMALL = {
  f32: [0.128379166, -0.37612626, 0.112836003, -0.0268544387, 0.0051895231, -0.000802073278, 7.88876205e-5],
  f64: [
    0.12837916709551256, -0.3761263890318355, 0.11283791670945245, -0.026866170643274925, 0.005223977607413488,
    -0.0008548325989245598, 0.00012055295307739071, -1.4924744431117065e-5, 1.644751495573515e-6,
    -1.6209156057778263e-7, 1.3722894290212712e-8, -7.801042485945627e-10,
  ],
};

/** ln erfc(a), 1 ≤ a ≤ 4 (f64: 6), such that erfc(a) is right to the last place of 1 − erfc(a). */
const LOG_ERFC = {
  f32: [-0.00035402432, -1.12703872, -0.638228178, -0.103034906, 0.0218039565, -0.00293921307, 0.000185527606],
  f64: [
    -1.083111096305761e-6, -1.1283685367543426, -0.6366683079356992, -0.10263579026506765, 0.01886212784264341,
    0.0005882163614506195, -0.002102763030711387, 0.0009228859375013734, -0.0002323336256616483, 2.8749842455234505e-5,
    3.3510012184556226e-6, -2.6040606399572076e-6, 6.740108394282713e-7, -1.0622908620696185e-7, 1.0705335932772605e-8,
    -6.397529249525039e-10, 1.736502369539534e-11,
  ],
};

/** (1 + 2a) e^(a²) erfc(a) in q = (a − 4) / (a + 4), for a from ½ to where erfc vanishes. */
const TAIL_ERFC = {
  f32: [
    1.23299515, -0.139621079, 0.015379657, 0.0680945739, -0.10104055, 0.0937712416, -0.0662905201, 0.0369468182,
    -0.0165218804, 0.00541932043, 7.78124595e-5,
  ],
  f64: [
    1.2329951186255526, -0.13962111684056167, 0.015379652102613021, 0.06809705425458555, -0.10103906603588599,
    0.09373283500235659, -0.06633036582229337, 0.0371675154686109, -0.01619773393457225, 0.005031970630351491,
    -0.0007577741567927434, -0.00019926042157408588, 0.00015062542872878505, -2.4385804086508e-5,
    -1.1232231460098887e-5, 5.679026028665763e-6, 3.1111218327890954e-7, -7.817032792785554e-7, 5.719131587892882e-8,
    7.409669171947916e-8, -8.674609602567585e-9,
  ],
};

const smallErf = (scope: FunctionScope, x: Expr): Expr =>
  add(x, mul(x, scope.polynomial(scope.let(mul(x, x)), scope.pick(SMALL))));

export const erf = define({
  name: "erf",
  ulp: { f32: 2, f64: 2 },
  build(scope, x) {
    const one = scope.num(1);
    const bound = scope.num(scope.pick({ f32: 4, f64: 6 }));
    const a = scope.let(unary("abs", x));
    const small = smallErf(scope, x);
    const clamped = scope.let(select(gt(a, bound), bound, a));
    const large = scope.let(sub(one, expOf(scope, scope.let(scope.polynomial(clamped, scope.pick(LOG_ERFC))))));
    return select(lt(a, one), small, select(lt(x, scope.num(0)), neg(large), large));
  },
});

/** e^(−a²) = e^(−s)·(1 − e), s = a² rounded and e what s lacks. */
function gaussian(scope: FunctionScope, a: Expr): Expr {
  const s = scope.let(mul(a, a));
  const high = head(scope, a);
  const low = scope.let(sub(a, high));
  const lack = add(add(sub(mul(high, high), s), mul(mul(high, low), scope.num(2))), mul(low, low));
  return mul(expOfAny(scope, scope.let(neg(s))), sub(scope.num(1), lack));
}

/** 1 − erf(x), with all digits in the tail. */
export const erfc = define({
  name: "erfc",
  ulp: { f32: 4, f64: 4 },
  build(scope, x) {
    const [one, two, four] = [1, 2, 4].map(n => scope.num(n));
    const a = clamp(scope, scope.let(unary("abs", x)), 0, scope.pick({ f32: 10.19, f64: 27.3 }));
    const q = scope.let(div(sub(a, four), add(a, four)));
    const scaled = div(scope.polynomial(q, scope.pick(TAIL_ERFC)), add(add(a, a), one));
    const tail = scope.let(mul(gaussian(scope, a), scaled));
    const far = select(lt(x, scope.num(0)), sub(two, tail), tail);
    return select(lt(a, scope.num(0.5)), sub(one, smallErf(scope, x)), far);
  },
});
