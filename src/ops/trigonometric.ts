import { elementwise } from "../kinds/elementwise.ts";
import {
  acos as acosFunction,
  asin as asinFunction,
  atan2 as atan2Function,
  atan as atanFunction,
} from "../loop/functions/inverse-trigonometric.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { addOp, divOp, mulOp, negOp, subOp } from "./arithmetic.ts";
import { applyBroadcast, type Join, type Like, make, type Operand, type Tensor } from "./coerce.ts";
import { eqOp } from "./compare.ts";
import { floatFunction, scalarCall } from "./float-function.ts";
import { sqrtOp } from "./power.ts";
import { where } from "./select.ts";

/** 1 − x², without cancellation near ±1. */
const complement = (x: Tensor): Tensor => make(mulOp, make(subOp, 1, x), make(addOp, x, 1));

export const asinOp = floatFunction({
  name: "asin",
  scalar: scalarCall(asinFunction),
  reference: Math.asin,
  partial: x => ({ over: make(sqrtOp, complement(x)) }),
  rule: "ȳ / √(1 − x²)",
  safe: 0,
  cost: 24,
});

export const acosOp = floatFunction({
  name: "acos",
  scalar: scalarCall(acosFunction),
  reference: Math.acos,
  partial: x => ({ over: make(negOp, make(sqrtOp, complement(x))) }),
  rule: "−ȳ / √(1 − x²)",
  safe: 0,
  cost: 24,
});

export const atanOp = floatFunction({
  name: "atan",
  scalar: scalarCall(atanFunction),
  reference: Math.atan,
  partial: x => ({ over: make(addOp, make(mulOp, x, x), 1) }),
  rule: "ȳ / (1 + x²)",
  cost: 16,
});

/** x / (x² + y²), 0 at the origin. */
function overSquare(numerator: Tensor, x: Tensor, y: Tensor): Tensor {
  const square = make(addOp, make(mulOp, x, x), make(mulOp, y, y));
  return make(divOp, numerator, where(make(eqOp, square, 0) as Tensor<"bool">, 1, square));
}

export const atan2Op = elementwise({
  name: "atan2",
  operands: ["y", "x"],
  dtypes: ["f32", "f64"],
  scalar: args => scalarCall(atan2Function)(...args),
  reference: ([y, x]) => Math.atan2(y, x),
  partials: [
    ({ x: [y, x] }) => ({ times: overSquare(x, x, y) }),
    ({ x: [y, x] }) => ({ times: make(negOp, overSquare(y, x, y)) }),
  ],
  equations: ["z̄·x / (x² + y²)", "−z̄·y / (x² + y²)"],
  cost: 24,
});

/** The angle in −π/2 … π/2 whose sine is x; NaN outside −1 … 1. */
export function asin<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(asinOp, [x]) as Like<X>;
}
/** The angle in 0 … π whose cosine is x; NaN outside −1 … 1. */
export function acos<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(acosOp, [x]) as Like<X>;
}
/** The angle in −π/2 … π/2 whose tangent is x. */
export function atan<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(atanOp, [x]) as Like<X>;
}
/**
 * The angle in −π … π of the point (x, y), by its quadrant, elementwise with broadcasting; zeros and infinities as in
 * IEEE 754. Both gradients are 0 at the origin.
 */
export function atan2<A extends Operand<FloatDType>, B extends Operand<FloatDType>>(y: A, x: B): Join<A, B> {
  return applyBroadcast(atan2Op, [y, x]) as Join<A, B>;
}
