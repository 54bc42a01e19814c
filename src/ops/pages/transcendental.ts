import { type OpPages, sampleOf } from "./page.ts";

const { E, LN2 } = Math;

export const transcendental: OpPages = {
  exp: {
    summary: "The exponential, elementwise.",
    equation: "y = eˣ",
    attributes: [],
    kinks: "none; what would be less than 2⁻¹²⁵ in f32 is 0",
    samples: [sampleOf([0, 1, LN2], [1, E, 2], [1, E, 2], "mathematics")],
  },
  expNonPositive: {
    summary: "The exponential of what is never above 0, elementwise: the part of a softmax that takes the time.",
    equation: "y = eˣ for x ≤ 0",
    attributes: [],
    kinks: "none; what would be less than 2⁻¹²⁵ in f32 is 0; above 0 it need not be right where eˣ overflows",
    samples: [sampleOf([0, -1, -LN2], [1, 1 / E, 0.5], [1, 1 / E, 0.5], "mathematics")],
  },
  expm1: {
    summary: "The exponential minus 1, accurate near 0.",
    equation: "y = eˣ − 1",
    attributes: [],
    kinks: "none",
    samples: [sampleOf([0, LN2, 1e-10], [0, 1, 1.00000000005e-10], [1, 2, 1.0000000001], "series of eˣ − 1")],
  },
  log: {
    summary: "The natural logarithm, elementwise.",
    equation: "y = ln x",
    attributes: [],
    kinks: "log 0 = −∞ with gradient ∞; NaN for x < 0",
    samples: [sampleOf([1, E, 0.5], [0, 1, -LN2], [1, 1 / E, 2], "mathematics")],
  },
  log1p: {
    summary: "The natural logarithm of 1 + x, accurate near 0.",
    equation: "y = ln(1 + x)",
    attributes: [],
    kinks: "log1p −1 = −∞ with gradient ∞; NaN for x < −1",
    samples: [sampleOf([0, 1, 1e-10], [0, LN2, 9.9999999995e-11], [1, 0.5, 0.9999999999], "series of ln(1 + x)")],
  },
  sin: {
    summary: "The sine, elementwise.",
    equation: "y = sin x",
    attributes: [],
    kinks: "none; NaN for ±∞",
    samples: [sampleOf([0, Math.PI / 6, Math.PI / 2], [0, 0.5, 1], [1, Math.sqrt(3) / 2, 0], "mathematics")],
  },
  cos: {
    summary: "The cosine, elementwise.",
    equation: "y = cos x",
    attributes: [],
    kinks: "none; NaN for ±∞",
    samples: [sampleOf([0, Math.PI / 3, Math.PI], [1, 0.5, -1], [0, -Math.sqrt(3) / 2, 0], "mathematics")],
  },
  tan: {
    summary: "The tangent, elementwise.",
    equation: "y = tan x",
    attributes: [],
    kinks: "poles at odd multiples of π/2",
    samples: [sampleOf([0, Math.PI / 4], [0, 1], [1, 2], "mathematics")],
  },
  tanh: {
    summary: "The hyperbolic tangent, elementwise.",
    equation: "y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
    attributes: [],
    kinks: "none",
    samples: [sampleOf([0, Math.log(3) / 2, 30], [0, 0.5, 1], [1, 0.75, 0], "mathematics")],
  },
  sigmoid: {
    summary: "The logistic function, accurate in both tails.",
    equation: "y = 1 / (1 + e⁻ˣ)",
    attributes: [],
    kinks: "none; 0 instead of denormal numbers",
    samples: [sampleOf([0, Math.log(3), -Math.log(3)], [0.5, 0.75, 0.25], [0.25, 0.1875, 0.1875], "mathematics")],
  },
  softplus: {
    summary: "A smooth relu, without overflow.",
    equation: "y = ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|)",
    attributes: [],
    kinks: "none",
    samples: [sampleOf([0, Math.log(3), 800], [LN2, Math.log(4), 800], [0.5, 0.75, 1], "mathematics")],
  },
  erf: {
    summary: "The error function, elementwise.",
    equation: "y = 2/√π ∫₀ˣ e^(−t²) dt",
    attributes: [],
    kinks: "none",
    samples: [
      sampleOf(
        [0, 0.5, 1],
        [0, 0.5204998778130465, 0.8427007929497149],
        [1.1283791670955126, 0.8787825789354448, 0.41510749742059477],
        "Abramowitz and Stegun, table 7.1",
      ),
    ],
  },
  erfc: {
    summary: "One minus the error function, with all digits in its tail.",
    equation: "y = 2/√π ∫ₓ^∞ e^(−t²) dt",
    attributes: [],
    kinks: "none; what would be less than 2⁻¹²⁸ in f32 may be 0",
    samples: [
      sampleOf(
        [0, 0.5, 3],
        [1, 0.4795001221869535, 2.209049699858544e-5],
        [-1.1283791670955126, -0.8787825789354448, -0.00013925305194674784],
        "SciPy 1.17.1: erfc, and −2/√π·e^(−x²)",
      ),
    ],
  },
  erfinv: {
    summary: "The inverse of the error function, on [−1, 1].",
    equation: "erf y = x",
    attributes: [],
    kinks: "±∞ at ±1; NaN outside",
    samples: [
      sampleOf(
        [0, 0.5, -0.5],
        [0, 0.4769362762044699, -0.4769362762044699],
        [0.886226925452758, 1.1125848189719496, 1.1125848189719496],
        "SciPy 1.17.1: erfinv, and √π/2·e^(y²) of it",
      ),
    ],
  },
};
