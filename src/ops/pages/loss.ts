import type { OpPages } from "./page.ts";

export const loss: OpPages = {
  binaryCrossEntropyWithLogits: {
    summary: "The cross entropy of a target in 0 … 1 and the sigmoid of a logit, elementwise.",
    equation: "y = max(x, 0) − x·t + log(1 + exp(−|x|))",
    attributes: [],
    kinks: "smooth",
    samples: [
      {
        inputs: [
          { shape: [5], data: [0, Math.log(3), 1e4, 1e4, -1e4] },
          { shape: [5], data: [1, 0.25, 1, 0, 0] },
        ],
        outputs: [{ shape: [5], data: [Math.log(2), Math.log(4) - 0.25 * Math.log(3), 0, 1e4, 0] }],
        gradients: [
          [-0.5, 0.5, 0, 1, 0],
          [0, -Math.log(3), -1e4, -1e4, 1e4],
        ],
        source: "by hand",
      },
    ],
  },
};
