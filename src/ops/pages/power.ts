import { type OpPages, sampleOf } from "./page.ts";

export const power: OpPages = {
  sqrt: {
    summary: "The square root, correctly rounded.",
    equation: "y = √x",
    attributes: [],
    kinks: "the gradient at 0 is ∞; NaN for x < 0",
    samples: [sampleOf([1, 4, 0.25], [1, 2, 0.5], [0.5, 0.25, 1], "by hand")],
  },
  rsqrt: {
    summary: "One over the square root.",
    equation: "y = 1/√x",
    attributes: [],
    kinks: "∞ at 0; NaN for x < 0",
    samples: [sampleOf([1, 4, 0.25], [1, 0.5, 2], [-0.5, -0.0625, -4], "by hand")],
  },
  pow: {
    summary: "A power, elementwise.",
    equation: "z = xʸ",
    attributes: [],
    kinks:
      "x⁰ = 1 and 1ʸ = 1 for all x, y; NaN for x < 0 and y not whole; the gradient to x is 0 where y = 0; " +
      "the gradient to y is 0 where x = 0, NaN where x < 0",
    samples: [
      {
        inputs: [
          { dtype: "f64", shape: [4], data: [2, 4, 0, 0] },
          { dtype: "f64", shape: [4], data: [3, 0.5, 1, 0] },
        ],
        outputs: [{ dtype: "f64", shape: [4], data: [8, 2, 0, 1] }],
        gradients: [
          [12, 0.25, 1, 0],
          [8 * Math.LN2, 2 * Math.log(4), 0, 0],
        ],
        tolerance: 1e-12,
        source: "by hand",
      },
    ],
  },
};
