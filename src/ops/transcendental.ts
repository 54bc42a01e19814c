import type { Tensor } from "../graph/tensor.ts";
import * as s from "../loop/build.ts";
import { erfc as erfcFunction, erf as erfFunction } from "../loop/functions/error-function.ts";
import {
  exp as expFunction,
  expm1 as expm1Function,
  expNonPositive as expNonPositiveFunction,
} from "../loop/functions/exponential.ts";
import { tanh as tanhFunction } from "../loop/functions/hyperbolic.ts";
import { erfinv as erfinvFunction } from "../loop/functions/inverse-error-function.ts";
import { log1p as log1pFunction, log1pSmall, log as logFunction } from "../loop/functions/logarithm.ts";
import { cos as cosFunction, sin as sinFunction, tan as tanFunction } from "../loop/functions/trigonometric.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { addOp, divOp, mulOp, negOp, subOp } from "./arithmetic.ts";
import { applyBroadcast, type Like, make, type Operand, weaken } from "./coerce.ts";
import { floatFunction, scalarCall } from "./float-function.ts";
import { erfcReference, erfinvReference, erfReference } from "./special.ts";

export const expOp = floatFunction({
  name: "exp",
  scalar: scalarCall(expFunction),
  reference: Math.exp,
  partial: (_x, y) => ({ times: y }),
  rule: "ȳ·y",
  cost: 10,
});

/** eˣ of what is never above 0, such as x less its maximum. */
export const expNonPositiveOp = floatFunction({
  name: "expNonPositive",
  scalar: scalarCall(expNonPositiveFunction),
  reference: Math.exp,
  partial: (_x, y) => ({ times: y }),
  rule: "ȳ·y",
  cost: 9,
});

export const expm1Op = floatFunction({
  name: "expm1",
  scalar: scalarCall(expm1Function),
  reference: Math.expm1,
  partial: x => ({ times: make(expOp, x) }),
  rule: "ȳ·eˣ",
  cost: 12,
});

export const logOp = floatFunction({
  name: "log",
  scalar: scalarCall(logFunction),
  reference: Math.log,
  partial: x => ({ over: x }),
  rule: "ȳ / x",
  safe: 1,
  cost: 10,
});

export const log1pOp = floatFunction({
  name: "log1p",
  scalar: scalarCall(log1pFunction),
  reference: Math.log1p,
  partial: x => ({ over: make(addOp, x, 1) }),
  rule: "ȳ / (1 + x)",
  safe: 0,
  cost: 12,
});

export const sinOp = floatFunction({
  name: "sin",
  scalar: scalarCall(sinFunction),
  reference: Math.sin,
  partial: x => ({ times: make(cosOp, x) }),
  rule: "ȳ·cos x",
  cost: 12,
});

export const cosOp = floatFunction({
  name: "cos",
  scalar: scalarCall(cosFunction),
  reference: Math.cos,
  partial: x => ({ times: make(negOp, make(sinOp, x)) }),
  rule: "−ȳ·sin x",
  cost: 12,
});

export const tanOp = floatFunction({
  name: "tan",
  scalar: scalarCall(tanFunction),
  reference: Math.tan,
  partial: (_x, y) => ({ times: make(addOp, make(mulOp, y, y), 1) }),
  rule: "ȳ·(1 + y²)",
  safe: 0,
  cost: 16,
});

export const tanhOp = floatFunction({
  name: "tanh",
  scalar: scalarCall(tanhFunction),
  reference: Math.tanh,
  partial: (_x, y) => ({ times: make(subOp, 1, make(mulOp, y, y)) }),
  rule: "ȳ·(1 − y²)",
  cost: 14,
});

export const sigmoidOp = floatFunction({
  name: "sigmoid",
  // Where e⁻ˣ overflows, the result would be less than the least normal number: it is 0.
  scalar: x => {
    const one = s.literal(x.dtype, 1);
    return s.div(one, s.add(scalarCall(expFunction)(s.neg(x)), one));
  },
  reference: x => 1 / (1 + Math.exp(-x)),
  partial: (_x, y) => ({ times: make(mulOp, y, make(subOp, 1, y)) }),
  rule: "ȳ·y·(1 − y)",
  cost: 14,
});

export const softplusOp = floatFunction({
  name: "softplus",
  scalar: x => {
    const e = scalarCall(expNonPositiveFunction)(s.neg(s.unary("abs", x)));
    return s.add(s.max(x, s.literal(x.dtype, 0)), s.call(log1pSmall[x.dtype as FloatDType], e));
  },
  reference: x => (x > 30 ? x + Math.exp(-x) : Math.log1p(Math.exp(x))),
  partial: x => ({ times: make(sigmoidOp, x) }),
  rule: "ȳ·sigmoid(x)",
  cost: 24,
});

/** scale·e^(−x²) */
const gaussian = (x: Tensor, scale: number): Tensor => make(mulOp, make(expOp, make(negOp, make(mulOp, x, x))), scale);

export const erfOp = floatFunction({
  name: "erf",
  scalar: scalarCall(erfFunction),
  reference: erfReference,
  partial: x => ({ times: gaussian(x, 2 / Math.sqrt(Math.PI)) }),
  rule: "ȳ·2/√π·e^(−x²)",
  cost: 16,
});

export const erfcOp = floatFunction({
  name: "erfc",
  scalar: scalarCall(erfcFunction),
  reference: erfcReference,
  partial: x => ({ times: gaussian(x, -2 / Math.sqrt(Math.PI)) }),
  rule: "−ȳ·2/√π·e^(−x²)",
  cost: 24,
});

export const erfinvOp = floatFunction({
  name: "erfinv",
  scalar: scalarCall(erfinvFunction),
  reference: erfinvReference,
  partial: (_x, y) => ({ times: make(mulOp, make(expOp, make(mulOp, y, y)), Math.sqrt(Math.PI) / 2) }),
  rule: "ȳ·√π/2·e^(y²)",
  safe: 0,
  cost: 30,
});

/** eˣ, elementwise. f32 (0 where less than 2⁻¹²⁵ would be left) or f64. */
export function exp<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(expOp, [x]) as Like<X>;
}
/** eˣ of differences from a maximum. */
export const rawExpNonPositive = (x: Tensor): Tensor<FloatDType> => make(expNonPositiveOp, x) as Tensor<FloatDType>;

/** eˣ − 1, accurate near 0. */
export function expm1<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(expm1Op, [x]) as Like<X>;
}
/** The natural logarithm. −∞ at 0, NaN below. */
export function log<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(logOp, [x]) as Like<X>;
}
/** ln(1 + x), accurate near 0. */
export function log1p<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(log1pOp, [x]) as Like<X>;
}
/** The sine of radians. */
export function sin<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(sinOp, [x]) as Like<X>;
}
/** The cosine of radians. */
export function cos<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(cosOp, [x]) as Like<X>;
}
/** The tangent of radians. */
export function tan<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(tanOp, [x]) as Like<X>;
}
/** The hyperbolic tangent. */
export function tanh<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(tanhOp, [x]) as Like<X>;
}
/** 1 / (1 + e⁻ˣ), accurate in both tails; 0 instead of denormal numbers. */
export function sigmoid<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(sigmoidOp, [x]) as Like<X>;
}
/** ln(1 + eˣ), without overflow. */
export function softplus<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(softplusOp, [x]) as Like<X>;
}
/** The error function. */
export function erf<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(erfOp, [x]) as Like<X>;
}
/** 1 − erf(x), with all digits where it is small. */
export function erfc<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(erfcOp, [x]) as Like<X>;
}
/** The inverse of sigmoid: ln(x / (1 − x)). ∓∞ at 0 and 1, NaN outside. */
export function logit<X extends Operand<FloatDType>>(x: X): Like<X> {
  const [value] = weaken("logit", [x]);
  return make(logOp, make(divOp, value, make(subOp, 1, value))) as Like<X>;
}
/** The inverse of the error function: ±∞ at ±1, NaN outside [−1, 1]. */
export function erfinv<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(erfinvOp, [x]) as Like<X>;
}
