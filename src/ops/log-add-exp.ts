import { elementwise } from "../kinds/elementwise.ts";
import * as s from "../loop/build.ts";
import { expNonPositive } from "../loop/functions/exponential.ts";
import { log1p as log1pFunction } from "../loop/functions/logarithm.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { subOp } from "./arithmetic.ts";
import { applyBroadcast, type Join, make, type Operand } from "./coerce.ts";
import { scalarCall } from "./float-function.ts";
import { sigmoidOp } from "./transcendental.ts";

export const logAddExpOp = elementwise({
  name: "logAddExp",
  operands: ["x", "y"],
  dtypes: ["f32", "f64"],
  commutative: true,
  // max + ln(1 + e^−|x − y|); where both are the same infinity, the difference is none.
  scalar: ([x, y]) => {
    const apart = s.select(s.eq(x, y), s.literal(x.dtype, 0), s.unary("abs", s.sub(x, y)));
    return s.add(s.max(x, y), scalarCall(log1pFunction)(scalarCall(expNonPositive)(s.neg(apart))));
  },
  reference: ([x, y]) => Math.max(x, y) + Math.log1p(Math.exp(x === y ? 0 : -Math.abs(x - y))),
  partials: [
    ({ x: [x, y] }) => ({ times: make(sigmoidOp, make(subOp, x, y)) }),
    ({ x: [x, y] }) => ({ times: make(sigmoidOp, make(subOp, y, x)) }),
  ],
  equations: ["z̄·sigmoid(x − y)", "z̄·sigmoid(y − x)"],
  cost: 26,
});

/** ln(eˣ + eʸ) without overflow, elementwise with broadcasting. NaN gradients where both are the same infinity. */
export function logAddExp<A extends Operand<FloatDType>, B extends Operand<FloatDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(logAddExpOp, [x, y]) as Join<A, B>;
}
