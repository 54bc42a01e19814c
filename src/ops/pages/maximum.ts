import type { OpPages } from "./page.ts";

const KINKS = "at ties each side gets half the gradient; NaN in, NaN out, and then both gradients are 0";

export const maximum: OpPages = {
  maximum: {
    summary: "The larger of two numbers, elementwise.",
    equation: "z = max(x, y)",
    attributes: [],
    kinks: KINKS,
    samples: [
      {
        inputs: [
          { shape: [4], data: [1, 2, 3, Number.NaN] },
          { shape: [4], data: [2, 2, 2, 0] },
        ],
        outputs: [{ shape: [4], data: [2, 2, 3, Number.NaN] }],
        gradients: [
          [0, 0.5, 1, 0],
          [1, 0.5, 0, 0],
        ],
        source: "by hand",
      },
    ],
  },
  minimum: {
    summary: "The smaller of two numbers, elementwise.",
    equation: "z = min(x, y)",
    attributes: [],
    kinks: KINKS,
    samples: [
      {
        inputs: [
          { shape: [3], data: [1, 2, 3] },
          { shape: [3], data: [2, 2, 2] },
        ],
        outputs: [{ shape: [3], data: [1, 2, 2] }],
        gradients: [
          [1, 0.5, 0],
          [0, 0.5, 1],
        ],
        source: "by hand",
      },
    ],
  },
};
