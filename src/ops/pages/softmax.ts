import type { OpPages } from "./page.ts";

const SINGULAR = "smooth; NaN where the slice holds NaN or +∞, or nothing but −∞";

const AXIS = { name: "axis", type: "axis", meaning: "along which the results add up" };

export const softmax: OpPages = {
  softmax: {
    summary: "Exponentials that are scaled to add up to 1 along an axis.",
    equation: "y = exp(x − m) / Σ exp(x − m), m = max x",
    attributes: [AXIS],
    kinks: SINGULAR,
    samples: [
      {
        inputs: [{ shape: [2, 2], data: [0, Math.log(3), 1e4, -1e4] }],
        attrs: { axis: 1 },
        outputs: [{ shape: [2, 2], data: [0.25, 0.75, 1, 0] }],
        gradients: [[0, 0, 0, 0]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [3, 1], data: [0, Math.log(2), Math.log(5)] }],
        attrs: { axis: 0 },
        outputs: [{ shape: [3, 1], data: [0.125, 0.25, 0.625] }],
        gradients: [[0, 0, 0]],
        source: "by hand",
      },
    ],
  },
  logSoftmax: {
    summary: "The logarithm of softmax, without the loss of small probabilities.",
    equation: "y = x − m − log Σ exp(x − m), m = max x",
    attributes: [AXIS],
    kinks: SINGULAR,
    samples: [
      {
        inputs: [{ shape: [2, 2], data: [0, Math.log(3), 1e4, -1e4] }],
        attrs: { axis: 1 },
        outputs: [{ shape: [2, 2], data: [-Math.log(4), Math.log(0.75), 0, -2e4] }],
        gradients: [[0.5, -0.5, -1, 1]],
        source: "by hand",
      },
    ],
  },
};
