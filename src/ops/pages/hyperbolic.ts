import { type OpPages, sampleOf } from "./page.ts";

const { LN2 } = Math;

export const hyperbolic: OpPages = {
  sinh: {
    summary: "The hyperbolic sine, accurate near 0.",
    equation: "y = (eˣ − e⁻ˣ) / 2",
    attributes: [],
    kinks: "none",
    samples: [sampleOf([0, LN2, -LN2], [0, 0.75, -0.75], [1, 1.25, 1.25], "by hand")],
  },
  cosh: {
    summary: "The hyperbolic cosine.",
    equation: "y = (eˣ + e⁻ˣ) / 2",
    attributes: [],
    kinks: "none",
    samples: [sampleOf([0, LN2, -LN2], [1, 1.25, 1.25], [0, 0.75, -0.75], "by hand")],
  },
  asinh: {
    summary: "The inverse of the hyperbolic sine, accurate near 0 and without overflow.",
    equation: "y = ln(x + √(x² + 1))",
    attributes: [],
    kinks: "none",
    samples: [sampleOf([0, 0.75, -0.75], [0, LN2, -LN2], [1, 0.8, 0.8], "by hand")],
  },
  acosh: {
    summary: "The inverse of the hyperbolic cosine, from 1 on.",
    equation: "y = ln(x + √(x² − 1))",
    attributes: [],
    kinks: "0 at 1 with gradient ∞; NaN below",
    samples: [sampleOf([1.25, 2.125], [LN2, 2 * LN2], [4 / 3, 8 / 15], "by hand")],
  },
  atanh: {
    summary: "The inverse of the hyperbolic tangent.",
    equation: "y = ½ ln((1 + x) / (1 − x))",
    attributes: [],
    kinks: "±∞ at ±1 with gradient ∞; NaN outside",
    samples: [sampleOf([0, 0.6, -0.6], [0, LN2, -LN2], [1, 1 / 0.64, 1 / 0.64], "by hand")],
  },
};
