import { add, div, eq, gt, lt, mul, neg, or, select, sub, unary } from "../build.ts";
import type { Expr } from "../ir.ts";
import { define, type FunctionScope } from "./define.ts";

/** (atan z − z) / z³ in u = z², |z| ≤ tan(π/8). */
const ATAN = {
  f32: [-0.333333313, 0.199995592, -0.142644867, 0.107486568, -0.0646622851],
  f64: [
    -0.3333333333333333, 0.19999999999995766, -0.14285714284713402, 0.11111111018740143, -0.09090904709688716,
    0.07692186045187614, -0.0666454915301792, 0.058584572228915825, -0.05086973338996779, 0.039273347143973736,
    -0.019225370567715314,
  ],
};

/** What π/2 as a number of the dtype lacks. */
const HALF_PI_REST = { f32: Math.PI / 2 - Math.fround(Math.PI / 2), f64: 6.123233995736766e-17 };

/** atan a for a ≥ 0: that of a, π/4 + atan (a − 1)/(a + 1), or π/2 − atan 1/a. */
function atanOf(scope: FunctionScope, a: Expr): Expr {
  const [zero, one] = [scope.num(0), scope.num(1)];
  const large = scope.let(gt(a, scope.num(Math.SQRT2 + 1)));
  const middle = scope.let(gt(a, scope.num(Math.SQRT2 - 1)));
  const choose = (big: Expr, mid: Expr, small: Expr): Expr => select(large, big, select(middle, mid, small));
  const z = scope.let(div(choose(scope.num(-1), sub(a, one), a), choose(a, add(a, one), one)));
  const u = scope.let(mul(z, z));
  const tail = mul(mul(z, u), scope.polynomial(u, scope.pick(ATAN)));
  const rest = scope.pick(HALF_PI_REST);
  const low = choose(scope.num(rest), scope.num(rest / 2), zero);
  return add(choose(scope.num(Math.PI / 2), scope.num(Math.PI / 4), zero), add(z, add(tail, low)));
}

/** y with the sign of x; keeps −0. */
const odd = (scope: FunctionScope, x: Expr, y: Expr): Expr =>
  select(eq(x, scope.num(0)), x, select(lt(x, scope.num(0)), neg(y), y));

export const atan = define({
  name: "atan",
  host: "atan",
  ulp: { f32: 2, f64: 2 },
  build: (scope, x) => odd(scope, x, scope.let(atanOf(scope, scope.let(unary("abs", x))))),
});

/** (1 + x)(1 − x), which cancels nowhere. */
const complement = (scope: FunctionScope, x: Expr): Expr => mul(add(scope.num(1), x), sub(scope.num(1), x));

/** asin x = atan(x / √(1 − x²)) */
export const asin = define({
  name: "asin",
  host: "asin",
  ulp: { f32: 3, f64: 3 },
  build: (scope, x) => {
    const a = scope.let(unary("abs", x));
    return odd(scope, x, scope.let(atanOf(scope, scope.let(div(a, unary("sqrt", complement(scope, a)))))));
  },
});

/** acos x = 2 atan √((1 − x)/(1 + x)) */
export const acos = define({
  name: "acos",
  host: "acos",
  ulp: { f32: 3, f64: 3 },
  build: (scope, x) => {
    const one = scope.num(1);
    const half = atanOf(scope, scope.let(unary("sqrt", div(sub(one, x), add(one, x)))));
    return mul(half, scope.num(2));
  },
});

/** The angle of the point (x, y), by quadrants of IEEE 754. */
export const atan2 = define({
  name: "atan2",
  params: ["y", "x"],
  host: "atan2",
  ulp: { f32: 3, f64: 3 },
  build(scope, y, x) {
    const [zero, one] = [scope.num(0), scope.num(1)];
    const minus = (v: Expr): Expr => scope.let(or(lt(v, zero), lt(div(one, v), zero)));
    const [a, b] = [scope.let(unary("abs", y)), scope.let(unary("abs", x))];
    // 0/0 counts as 0, ∞/∞ as 1.
    const ratio = select(eq(a, zero), select(eq(b, b), zero, b), select(eq(a, b), one, div(a, b)));
    const first = scope.let(atanOf(scope, scope.let(ratio)));
    const rest = scope.num(2 * scope.pick(HALF_PI_REST));
    const angle = scope.let(select(minus(x), sub(scope.num(Math.PI), sub(first, rest)), first));
    return select(minus(y), neg(angle), angle);
  },
});
