import type { OpPages } from "./page.ts";

export const transpose: OpPages = {
  transpose: {
    summary: "Reorders the axes.",
    equation: "y[i…] = x[j…] with i[k] = j[perm[k]]",
    attributes: [{ name: "perm", type: "integer list", meaning: "axis k of the result is axis perm[k] of x" }],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { perm: [1, 0] },
        outputs: [{ shape: [3, 2], data: [1, 4, 2, 5, 3, 6] }],
        gradients: [[1, 1, 1, 1, 1, 1]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [2, 1, 3], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { perm: [2, 0, 1] },
        outputs: [{ shape: [3, 2, 1], data: [1, 4, 2, 5, 3, 6] }],
        source: "by hand",
      },
    ],
  },
};
