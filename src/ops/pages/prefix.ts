import { FOLD } from "./attributes.ts";
import type { OpPages } from "./page.ts";

export const prefix: OpPages = {
  cumsum: {
    summary: "Running sums along an axis.",
    equation: "y[j] = Σ x[i], i ≤ j (i < j where exclusive, from the end where reverse)",
    kinks: "none",
    attributes: FOLD,
    samples: [
      {
        inputs: [{ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { axis: 1, reverse: false, exclusive: false },
        outputs: [{ shape: [2, 3], data: [1, 3, 6, 4, 9, 15] }],
        gradients: [[3, 2, 1, 3, 2, 1]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { axis: 0, reverse: true, exclusive: false },
        outputs: [{ shape: [2, 3], data: [5, 7, 9, 4, 5, 6] }],
        gradients: [[1, 1, 1, 2, 2, 2]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [3], data: [1, 2, 3] }],
        attrs: { axis: 0, reverse: false, exclusive: true },
        outputs: [{ shape: [3], data: [0, 1, 3] }],
        gradients: [[2, 1, 0]],
        source: "by hand",
      },
    ],
  },
};
