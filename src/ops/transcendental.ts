import * as s from "../loop/build.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { addOp, mulOp, negOp, subOp } from "./arithmetic.ts";
import { applyBroadcast, type Like, make, type Operand } from "./coerce.ts";
import { floatFunction, sampleOf, scalarCall } from "./float-function.ts";
import { erfinvReference, erfReference } from "./special.ts";

const { E, LN2 } = Math;

export const expOp = floatFunction({
  name: "exp",
  summary: "The exponential, elementwise.",
  equation: "y = eˣ",
  kinks: "none",
  scalar: scalarCall("exp"),
  reference: Math.exp,
  partial: (_x, y) => ({ times: y }),
  rule: "ȳ·y",
  cost: 10,
  samples: [sampleOf([0, 1, LN2], [1, E, 2], [1, E, 2], "mathematics")],
});

export const expm1Op = floatFunction({
  name: "expm1",
  summary: "The exponential minus 1, accurate near 0.",
  equation: "y = eˣ − 1",
  kinks: "none",
  scalar: scalarCall("expm1"),
  reference: Math.expm1,
  partial: x => ({ times: make(expOp, x) }),
  rule: "ȳ·eˣ",
  cost: 12,
  samples: [sampleOf([0, LN2, 1e-10], [0, 1, 1.00000000005e-10], [1, 2, 1.0000000001], "series of eˣ − 1")],
});

export const logOp = floatFunction({
  name: "log",
  summary: "The natural logarithm, elementwise.",
  equation: "y = ln x",
  kinks: "log 0 = −∞ with gradient ∞; NaN for x < 0",
  scalar: scalarCall("log"),
  reference: Math.log,
  partial: x => ({ over: x }),
  rule: "ȳ / x",
  safe: 1,
  cost: 10,
  samples: [sampleOf([1, E, 0.5], [0, 1, -LN2], [1, 1 / E, 2], "mathematics")],
});

export const log1pOp = floatFunction({
  name: "log1p",
  summary: "The natural logarithm of 1 + x, accurate near 0.",
  equation: "y = ln(1 + x)",
  kinks: "log1p −1 = −∞ with gradient ∞; NaN for x < −1",
  scalar: scalarCall("log1p"),
  reference: Math.log1p,
  partial: x => ({ over: make(addOp, x, 1) }),
  rule: "ȳ / (1 + x)",
  safe: 0,
  cost: 12,
  samples: [sampleOf([0, 1, 1e-10], [0, LN2, 9.9999999995e-11], [1, 0.5, 0.9999999999], "series of ln(1 + x)")],
});

export const sinOp = floatFunction({
  name: "sin",
  summary: "The sine, elementwise.",
  equation: "y = sin x",
  kinks: "none; NaN for ±∞",
  scalar: scalarCall("sin"),
  reference: Math.sin,
  partial: x => ({ times: make(cosOp, x) }),
  rule: "ȳ·cos x",
  cost: 12,
  samples: [sampleOf([0, Math.PI / 6, Math.PI / 2], [0, 0.5, 1], [1, Math.sqrt(3) / 2, 0], "mathematics")],
});

export const cosOp = floatFunction({
  name: "cos",
  summary: "The cosine, elementwise.",
  equation: "y = cos x",
  kinks: "none; NaN for ±∞",
  scalar: scalarCall("cos"),
  reference: Math.cos,
  partial: x => ({ times: make(negOp, make(sinOp, x)) }),
  rule: "−ȳ·sin x",
  cost: 12,
  samples: [sampleOf([0, Math.PI / 3, Math.PI], [1, 0.5, -1], [0, -Math.sqrt(3) / 2, 0], "mathematics")],
});

export const tanOp = floatFunction({
  name: "tan",
  summary: "The tangent, elementwise.",
  equation: "y = tan x",
  kinks: "poles at odd multiples of π/2",
  scalar: scalarCall("tan"),
  reference: Math.tan,
  partial: (_x, y) => ({ times: make(addOp, make(mulOp, y, y), 1) }),
  rule: "ȳ·(1 + y²)",
  safe: 0,
  cost: 16,
  samples: [sampleOf([0, Math.PI / 4], [0, 1], [1, 2], "mathematics")],
});

export const tanhOp = floatFunction({
  name: "tanh",
  summary: "The hyperbolic tangent, elementwise.",
  equation: "y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
  kinks: "none",
  scalar: scalarCall("tanh"),
  reference: Math.tanh,
  partial: (_x, y) => ({ times: make(subOp, 1, make(mulOp, y, y)) }),
  rule: "ȳ·(1 − y²)",
  cost: 14,
  samples: [sampleOf([0, Math.log(3) / 2, 30], [0, 0.5, 1], [1, 0.75, 0], "mathematics")],
});

export const sigmoidOp = floatFunction({
  name: "sigmoid",
  summary: "The logistic function, accurate in both tails.",
  equation: "y = 1 / (1 + e⁻ˣ)",
  kinks: "none",
  // e^(−|x|) cannot overflow: 1/(1 + e) for x ≥ 0, e/(1 + e) else.
  scalar: x => {
    const one = s.literal(x.dtype, 1);
    const e = scalarCall("exp")(s.neg(s.unary("abs", x)));
    return s.div(s.select(s.lt(x, s.literal(x.dtype, 0)), e, one), s.add(e, one));
  },
  reference: x => 1 / (1 + Math.exp(-x)),
  partial: (_x, y) => ({ times: make(mulOp, y, make(subOp, 1, y)) }),
  rule: "ȳ·y·(1 − y)",
  cost: 14,
  samples: [sampleOf([0, Math.log(3), -Math.log(3)], [0.5, 0.75, 0.25], [0.25, 0.1875, 0.1875], "mathematics")],
});

export const softplusOp = floatFunction({
  name: "softplus",
  summary: "A smooth relu, without overflow.",
  equation: "y = ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|)",
  kinks: "none",
  scalar: x => {
    const e = scalarCall("exp")(s.neg(s.unary("abs", x)));
    return s.add(s.max(x, s.literal(x.dtype, 0)), scalarCall("log1p")(e));
  },
  reference: x => (x > 30 ? x + Math.exp(-x) : Math.log1p(Math.exp(x))),
  partial: x => ({ times: make(sigmoidOp, x) }),
  rule: "ȳ·sigmoid(x)",
  cost: 24,
  samples: [sampleOf([0, Math.log(3), 800], [LN2, Math.log(4), 800], [0.5, 0.75, 1], "mathematics")],
});

export const erfOp = floatFunction({
  name: "erf",
  summary: "The error function, elementwise.",
  equation: "y = 2/√π ∫₀ˣ e^(−t²) dt",
  kinks: "none",
  scalar: scalarCall("erf"),
  reference: erfReference,
  partial: x => ({ times: make(mulOp, make(expOp, make(negOp, make(mulOp, x, x))), 2 / Math.sqrt(Math.PI)) }),
  rule: "ȳ·2/√π·e^(−x²)",
  cost: 16,
  samples: [
    sampleOf(
      [0, 0.5, 1],
      [0, 0.5204998778130465, 0.8427007929497149],
      [1.1283791670955126, 0.8787825789354448, 0.41510749742059477],
      "Abramowitz and Stegun, table 7.1",
    ),
  ],
});

export const erfinvOp = floatFunction({
  name: "erfinv",
  summary: "The inverse of the error function, on [−1, 1].",
  equation: "erf y = x",
  kinks: "±∞ at ±1; NaN outside",
  scalar: scalarCall("erfinv"),
  reference: erfinvReference,
  partial: (_x, y) => ({ times: make(mulOp, make(expOp, make(mulOp, y, y)), Math.sqrt(Math.PI) / 2) }),
  rule: "ȳ·√π/2·e^(y²)",
  safe: 0,
  cost: 30,
  samples: [
    sampleOf(
      [0, 0.5, -0.5],
      [0, 0.4769362762044699, -0.4769362762044699],
      [0.886226925452758, 1.1125848189719496, 1.1125848189719496],
      "SciPy 1.17.1: erfinv, and √π/2·e^(y²) of it",
    ),
  ],
});

/** eˣ, elementwise. f32 or f64. */
export function exp<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(expOp, [x]) as Like<X>;
}
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
/** 1 / (1 + e⁻ˣ), accurate in both tails. */
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
/** The inverse of the error function: ±∞ at ±1, NaN outside [−1, 1]. */
export function erfinv<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(erfinvOp, [x]) as Like<X>;
}
