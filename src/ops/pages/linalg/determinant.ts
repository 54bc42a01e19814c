import type { OpPages } from "../page.ts";

export const determinant: OpPages = {
  det: {
    summary: "The determinant of square matrices.",
    equation: "y = det a",
    attributes: [],
    kinks: "the gradient is ∞ or NaN at a singular matrix",
    samples: [
      {
        inputs: [{ shape: [2, 2], data: [2, 1, 4, 6] }],
        outputs: [{ shape: [], data: [8] }],
        gradients: [[6, -4, -1, 2]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [2, 1, 1], data: [3, 0] }],
        outputs: [{ shape: [2], data: [3, 0] }],
        source: "by hand",
      },
    ],
  },
  slogdet: {
    summary: "The sign of the determinant of square matrices, and the logarithm of its size.",
    equation: "sign det a, ln |det a|",
    attributes: [],
    kinks: "a singular matrix has 0 and −∞, and no gradient (∞ or NaN)",
    samples: [
      {
        inputs: [{ shape: [2, 2], data: [1, 2, 3, 4] }],
        outputs: [
          { shape: [], data: [-1] },
          { shape: [], data: [Math.LN2] },
        ],
        gradients: [[-2, 1.5, 1, -0.5]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [2, 2], data: [0, 0, 0, 4] }],
        outputs: [
          { shape: [], data: [0] },
          { shape: [], data: [Number.NEGATIVE_INFINITY] },
        ],
        source: "by hand",
      },
    ],
  },
};
