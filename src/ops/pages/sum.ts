import { REDUCED_AXES } from "./attributes.ts";
import type { OpPages } from "./page.ts";

export const sum: OpPages = {
  sum: {
    summary: "The sum over axes; integers wrap. The dual of expand.",
    equation: "y = Σ x",
    kinks: "none",
    attributes: [REDUCED_AXES],
    samples: [
      {
        inputs: [{ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { axes: [1] },
        outputs: [{ shape: [2], data: [6, 15] }],
        gradients: [[1, 1, 1, 1, 1, 1]],
        source: "by hand",
      },
      {
        inputs: [{ dtype: "i32", shape: [2], data: [2147483647, 1] }],
        attrs: { axes: [0] },
        outputs: [{ dtype: "i32", shape: [], data: [-2147483648] }],
        source: "two's complement",
      },
    ],
  },
};
