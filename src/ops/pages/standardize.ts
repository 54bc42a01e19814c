import type { OpPages } from "./page.ts";

export const standardize: OpPages = {
  standardize: {
    summary: "Slices along some axes with mean 0 and variance 1, or divided by their root mean square.",
    equation: "y = (x − m)·r, r = 1/√(mean (x − m)² + ε), m = mean x, or 0 without center",
    attributes: [
      { name: "axes", type: "integer list", meaning: "increasing; the axes of a slice" },
      { name: "epsilon", type: "number", meaning: "added to the mean square" },
      { name: "center", type: "boolean", meaning: "whether the mean is taken away" },
    ],
    kinks: "smooth where the mean square plus ε is positive; NaN where it is 0",
    samples: [
      {
        // m = (2, 4), mean squares (3, 3): r = 1/√(3 + 1) = 1/2.
        inputs: [{ shape: [2, 2], data: [2 - Math.sqrt(3), 2 + Math.sqrt(3), 4 + Math.sqrt(3), 4 - Math.sqrt(3)] }],
        attrs: { axes: [1], epsilon: 1, center: true },
        outputs: [
          {
            shape: [2, 2],
            data: [-Math.sqrt(3) / 2, Math.sqrt(3) / 2, Math.sqrt(3) / 2, -Math.sqrt(3) / 2],
          },
        ],
        gradients: [[0, 0, 0, 0]],
        source: "by hand",
      },
      {
        // Mean square 8 + 1: r = 1/3, y = (0, 4/3), mean y = 2/3: x̄ = r·(1 − y·2/3).
        inputs: [{ shape: [2], data: [0, 4] }],
        attrs: { axes: [0], epsilon: 1, center: false },
        outputs: [{ shape: [2], data: [0, 4 / 3] }],
        gradients: [[1 / 3, 1 / 27]],
        source: "by hand",
      },
    ],
  },
};
