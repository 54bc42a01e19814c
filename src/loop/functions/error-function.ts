import { add, gt, lt, mul, neg, select, sub, unary } from "../build.ts";
import { define } from "./define.ts";
import { expOf } from "./exponential.ts";

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

export const erf = define({
  name: "erf",
  ulp: { f32: 2, f64: 2 },
  build(scope, x) {
    const one = scope.num(1);
    const bound = scope.num(scope.pick({ f32: 4, f64: 6 }));
    const a = scope.let(unary("abs", x));
    const z = scope.let(mul(x, x));
    const small = add(x, mul(x, scope.polynomial(z, scope.pick(SMALL))));
    const clamped = scope.let(select(gt(a, bound), bound, a));
    const large = scope.let(sub(one, expOf(scope, scope.let(scope.polynomial(clamped, scope.pick(LOG_ERFC))))));
    return select(lt(a, one), small, select(lt(x, scope.num(0)), neg(large), large));
  },
});
