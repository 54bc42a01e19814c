import type { OpPages } from "./page.ts";

export const logAddExp: OpPages = {
  logAddExp: {
    summary: "The logarithm of a sum of two exponentials, without overflow.",
    equation: "z = ln(eˣ + eʸ)",
    attributes: [],
    kinks: "±∞ where both are; the gradients are NaN there",
    samples: [
      {
        inputs: [
          { dtype: "f64", shape: [3], data: [0, Math.log(3), 1000] },
          { dtype: "f64", shape: [3], data: [0, 0, 1000] },
        ],
        outputs: [{ dtype: "f64", shape: [3], data: [Math.LN2, 2 * Math.LN2, 1000 + Math.LN2] }],
        gradients: [
          [0.5, 0.75, 0.5],
          [0.5, 0.25, 0.5],
        ],
        tolerance: 1e-12,
        source: "by hand",
      },
    ],
  },
};
