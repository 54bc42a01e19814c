import { add, and, binary, cast, div, eq, int, mul, ne, neg, select, sub, unary } from "../build.ts";
import type { Expr } from "../ir.ts";
import { define, type FunctionScope } from "./define.ts";
import { clamp } from "./exponential.ts";

/**
 * π/2 in parts: products with a quadrant number below 2¹⁶ (f32: |x| ≤ 10⁵) or 2²⁰ (f64: |x| ≤ 10⁶) are exact but for the
 * last part. Beyond, the phase is lost and only the bounds of the result are kept.
 */
const HALF_PI = {
  f32: [1.5703125, 0.000482559204, 1.2665987e-6, 9.89530236e-10, 2.55795385e-12, 5.39030295e-15],
  f64: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
};

/** (sin r − r) / r³ in z = r², |r| ≤ π/4 (f32: 0.796, as n is off by up to 0.006 where x is large). */
const SIN = {
  f32: [-0.166666642, 0.00833271537, -0.000195808461],
  f64: [
    -0.16666666666666666, 0.008333333333330948, -0.00019841269836757245, 2.7557316101715257e-6, -2.5051131646649254e-8,
    1.591811362844923e-10,
  ],
};

/** (cos r − 1 + r²/2) / r⁴ in z = r². */
const COS = {
  f32: [0.0416666642, -0.00138882699, 2.4540861e-5],
  f64: [
    0.041666666666666664, -0.0013888888888887398, 2.4801587298764696e-5, -2.7557317271134207e-7, 2.0876146131001286e-9,
    -1.1382621761401825e-11,
  ],
};

/** (tan r − r) / r³ in z = r². */
const TAN = {
  f32: [0.333333343, 0.133331925, 0.0540021658, 0.0215641819, 0.0101513015, 0.000897247461, 0.00400691852],
  f64: [
    0.33333333333333326, 0.13333333333337935, 0.05396825396349866, 0.021869488729536077, 0.008863231432585186,
    0.003592179917990819, 0.0014554102232339976, 0.0005923699967387394, 0.00023017555203727635, 0.0001207748687330859,
    -4.614853405176235e-6, 6.98332619180029e-5, -3.449234320540099e-5, 1.8414624509526066e-5,
  ],
};

/** x = q·π/2 + r with |r| about π/4 at most. */
function reduced(scope: FunctionScope, x: Expr): { readonly q: Expr; readonly r: Expr; readonly z: Expr } {
  const n = scope.let(unary("nearest", mul(x, scope.num(2 / Math.PI))));
  const parts = scope.pick(HALF_PI).map(part => mul(n, scope.num(part)));
  // x minus the first parts is exact; the error of the next step joins the tail, so that one rounding remains.
  const [next, ...tail] = parts.slice(-3);
  const exact = scope.let(parts.slice(0, -3).reduce(sub, x));
  const step = scope.let(next);
  const rest = scope.let(sub(exact, step));
  const error = sub(sub(exact, rest), step);
  const r = clamp(scope, scope.let(add(rest, sub(error, tail.reduce(add)))), -0.796, 0.796);
  return { q: scope.let(cast("i32", n)), r, z: scope.let(mul(r, r)) };
}

const bit = (q: Expr, mask: number): Expr => ne(and(q, int(mask)), int(0));

/** sin(x + turn·π/2) */
function sine(scope: FunctionScope, x: Expr, turn: number): Expr {
  const { q, r, z } = reduced(scope, x);
  const quadrant = turn === 0 ? q : scope.let(binary("add", q, int(turn)));
  const sin = add(r, mul(mul(r, z), scope.polynomial(z, scope.pick(SIN))));
  const half = mul(z, scope.num(0.5));
  const cos = sub(scope.num(1), sub(half, mul(mul(z, z), scope.polynomial(z, scope.pick(COS)))));
  const y = scope.let(select(bit(quadrant, 1), cos, sin));
  return select(bit(quadrant, 2), neg(y), y);
}

export const sin = define({
  name: "sin",
  host: "sin",
  ulp: { f32: 2.5, f64: 3 },
  // Keeps −0.
  build: (scope, x) => select(eq(x, scope.num(0)), x, sine(scope, x, 0)),
});

export const cos = define({
  name: "cos",
  host: "cos",
  ulp: { f32: 2.5, f64: 3 },
  build: (scope, x) => sine(scope, x, 1),
});

export const tan = define({
  name: "tan",
  host: "tan",
  ulp: { f32: 3.5, f64: 4 },
  build(scope, x) {
    const { q, r, z } = reduced(scope, x);
    const t = scope.let(add(r, mul(mul(r, z), scope.polynomial(z, scope.pick(TAN)))));
    return select(eq(x, scope.num(0)), x, select(bit(q, 1), div(scope.num(-1), t), t));
  },
});
