import type { OpPages } from "./page.ts";

export const hypot: OpPages = {
  hypot: {
    summary: "The length of the vector (x, y), without overflow.",
    equation: "z = √(x² + y²)",
    attributes: [],
    kinks: "both gradients are 0 at the origin",
    samples: [
      {
        inputs: [
          { dtype: "f64", shape: [4], data: [3, -5, 0, 3e200] },
          { dtype: "f64", shape: [4], data: [4, 12, 0, -4e200] },
        ],
        outputs: [{ dtype: "f64", shape: [4], data: [5, 13, 0, 5e200] }],
        gradients: [
          [0.6, -5 / 13, 0, 0.6],
          [0.8, 12 / 13, 0, -0.8],
        ],
        tolerance: 1e-12,
        source: "by hand",
      },
    ],
  },
};
