import type { OpPages } from "./page.ts";

export const crossEntropy: OpPages = {
  softmaxCrossEntropy: {
    summary: "The negative log-probability of a label under the softmax of the logits, per example.",
    equation: "y = log Σ exp x[c] − x[label]",
    attributes: [],
    kinks: "smooth; labels are checked where they enter a compiled function, and clamped elsewhere",
    samples: [
      {
        inputs: [
          { shape: [3, 2], data: [0, Math.log(3), 1e4, -1e4, 1e4, -1e4] },
          { dtype: "i32", shape: [3], data: [0, 1, 0] },
        ],
        outputs: [{ shape: [3], data: [Math.log(4), 2e4, 0] }],
        gradients: [[-0.75, 0.75, 1, -1, 0, 0], null],
        source: "by hand",
      },
    ],
  },
  softmaxCrossEntropyDense: {
    summary: "The cross entropy of given probabilities and the softmax of the logits, per example.",
    equation: "y = −Σ p[c]·logSoftmax(x)[c]",
    attributes: [],
    kinks: "smooth",
    samples: [
      {
        inputs: [
          { shape: [2, 2], data: [0, Math.log(3), 1e4, -1e4] },
          { shape: [2, 2], data: [0.5, 0.5, 0, 1] },
        ],
        outputs: [{ shape: [2], data: [Math.log(4) - Math.log(3) / 2, 2e4] }],
        gradients: [
          [-0.25, 0.25, 1, -1],
          [Math.log(4), Math.log(4 / 3), 0, 2e4],
        ],
        source: "by hand",
      },
    ],
  },
};
