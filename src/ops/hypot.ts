import { elementwise } from "../kinds/elementwise.ts";
import * as s from "../loop/build.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { divOp } from "./arithmetic.ts";
import { applyBroadcast, type Join, make, type Operand, type Tensor } from "./coerce.ts";
import { eqOp } from "./compare.ts";
import { where } from "./select.ts";

/** x / h, 0 at the origin. */
const share = (x: Tensor, h: Tensor): Tensor => make(divOp, x, where(make(eqOp, h, 0) as Tensor<"bool">, 1, h));

export const hypotOp = elementwise({
  name: "hypot",
  operands: ["x", "y"],
  dtypes: ["f32", "f64"],
  commutative: true,
  // b·√(1 + (a/b)²) with a ≤ b neither over- nor underflows.
  scalar: ([x, y]) => {
    const constant = (value: number) => s.literal(x.dtype, value);
    const [p, q] = [s.unary("abs", x), s.unary("abs", y)];
    const [a, b] = [s.min(p, q), s.max(p, q)];
    const ratio = s.div(a, b);
    const length = s.mul(b, s.unary("sqrt", s.add(constant(1), s.mul(ratio, ratio))));
    // 0/0 and ∞/∞; a NaN beside ∞ stays NaN.
    return s.select(s.or(s.eq(b, constant(0)), s.eq(b, constant(Infinity))), s.add(a, b), length);
  },
  reference: ([x, y]) => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.hypot(x, y)),
  partials: [({ x: [x], y: h }) => ({ times: share(x, h) }), ({ x: [, y], y: h }) => ({ times: share(y, h) })],
  equations: ["z̄·x / z, 0 where z = 0", "z̄·y / z, 0 where z = 0"],
  cost: 12,
});

/** √(x² + y²) without overflow, elementwise with broadcasting. Both gradients are 0 at the origin. */
export function hypot<A extends Operand<FloatDType>, B extends Operand<FloatDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(hypotOp, [x, y]) as Join<A, B>;
}
