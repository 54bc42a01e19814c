import type { OpPages } from "./page.ts";

export const flip: OpPages = {
  flip: {
    summary: "Reverses the order of the elements along axes.",
    equation: "y[…, i, …] = x[…, n − 1 − i, …]",
    attributes: [{ name: "axes", type: "integer list", meaning: "the reversed axes" }],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [2, 2], data: [1, 2, 3, 4] }],
        attrs: { axes: [1] },
        outputs: [{ shape: [2, 2], data: [2, 1, 4, 3] }],
        gradients: [[1, 1, 1, 1]],
        source: "by hand",
      },
    ],
  },
};
