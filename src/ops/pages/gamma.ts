import { type OpPages, sampleOf } from "./page.ts";

const EULER = 0.5772156649015329;

export const gamma: OpPages = {
  lgamma: {
    summary: "The logarithm of the absolute value of the gamma function.",
    equation: "y = ln |Γ(x)|",
    attributes: [],
    kinks: "∞ at 0, −1, −2, … with gradient NaN",
    samples: [
      sampleOf(
        [0.5, 1, 5],
        [Math.log(Math.PI) / 2, 0, Math.log(24)],
        [-EULER - 2 * Math.LN2, -EULER, 25 / 12 - EULER],
        "mathematics",
      ),
    ],
  },
  polygamma: {
    summary: "A derivative of digamma, which is the derivative of ln Γ.",
    equation: "y = (d/dx)ⁿ⁺¹ ln Γ(x), n = order",
    attributes: [
      { name: "order", type: "number", meaning: "which derivative of digamma: a whole number from 0 to 30" },
    ],
    kinks: "poles at 0, −1, −2, …: NaN for even orders, ∞ for odd ones",
    samples: [
      sampleOf(
        [0.5, 1, 5],
        [-EULER - 2 * Math.LN2, -EULER, 25 / 12 - EULER],
        [Math.PI ** 2 / 2, Math.PI ** 2 / 6, Math.PI ** 2 / 6 - 205 / 144],
        "mathematics",
        { order: 0 },
      ),
      sampleOf(
        [0.5, 1],
        [Math.PI ** 2 / 2, Math.PI ** 2 / 6],
        [-14 * 1.2020569031595942, -2 * 1.2020569031595942],
        "mathematics: Apéry's constant",
        { order: 1 },
      ),
    ],
  },
};
