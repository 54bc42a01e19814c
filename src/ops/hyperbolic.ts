import {
  acosh as acoshFunction,
  asinh as asinhFunction,
  atanh as atanhFunction,
  cosh as coshFunction,
  sinh as sinhFunction,
} from "../loop/functions/hyperbolic.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { addOp, mulOp, subOp } from "./arithmetic.ts";
import { applyBroadcast, type Like, make, type Operand } from "./coerce.ts";
import { floatFunction, scalarCall } from "./float-function.ts";
import { sqrtOp } from "./power.ts";

export const sinhOp = floatFunction({
  name: "sinh",
  scalar: scalarCall(sinhFunction),
  reference: Math.sinh,
  partial: x => ({ times: make(coshOp, x) }),
  rule: "ȳ·cosh x",
  cost: 16,
});

export const coshOp = floatFunction({
  name: "cosh",
  scalar: scalarCall(coshFunction),
  reference: Math.cosh,
  partial: x => ({ times: make(sinhOp, x) }),
  rule: "ȳ·sinh x",
  cost: 16,
});

export const asinhOp = floatFunction({
  name: "asinh",
  scalar: scalarCall(asinhFunction),
  reference: Math.asinh,
  partial: x => ({ over: make(sqrtOp, make(addOp, make(mulOp, x, x), 1)) }),
  rule: "ȳ / √(x² + 1)",
  cost: 24,
});

export const acoshOp = floatFunction({
  name: "acosh",
  scalar: scalarCall(acoshFunction),
  reference: Math.acosh,
  partial: x => ({ over: make(sqrtOp, make(mulOp, make(subOp, x, 1), make(addOp, x, 1))) }),
  rule: "ȳ / √(x² − 1)",
  safe: 2,
  cost: 24,
});

export const atanhOp = floatFunction({
  name: "atanh",
  scalar: scalarCall(atanhFunction),
  reference: Math.atanh,
  partial: x => ({ over: make(mulOp, make(subOp, 1, x), make(addOp, x, 1)) }),
  rule: "ȳ / (1 − x²)",
  safe: 0,
  cost: 24,
});

/** The hyperbolic sine (eˣ − e⁻ˣ) / 2, accurate near 0. */
export function sinh<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(sinhOp, [x]) as Like<X>;
}
/** The hyperbolic cosine (eˣ + e⁻ˣ) / 2. */
export function cosh<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(coshOp, [x]) as Like<X>;
}
/** The inverse of sinh, accurate near 0 and without overflow. */
export function asinh<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(asinhOp, [x]) as Like<X>;
}
/** The inverse of cosh on 1 … ∞; NaN below 1, with gradient ∞ at 1. */
export function acosh<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(acoshOp, [x]) as Like<X>;
}
/** The inverse of tanh: ±∞ at ±1, NaN outside. */
export function atanh<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(atanhOp, [x]) as Like<X>;
}
