import { REDUCED_AXES } from "./attributes.ts";
import type { OpPages } from "./page.ts";

const KINKS = "ties share the gradient equally; NaN in, NaN out, and then the gradient is 0";

export const extremum: OpPages = {
  max: {
    summary: "The largest element over axes.",
    equation: "y = max x",
    kinks: KINKS,
    attributes: [REDUCED_AXES],
    samples: [
      {
        inputs: [{ shape: [2, 3], data: [1, 5, 5, -1, -2, -3] }],
        attrs: { axes: [1] },
        outputs: [{ shape: [2], data: [5, -1] }],
        gradients: [[0, 0.5, 0.5, 1, 0, 0]],
        source: "by hand",
      },
    ],
  },
  min: {
    summary: "The smallest element over axes.",
    equation: "y = min x",
    kinks: KINKS,
    attributes: [REDUCED_AXES],
    samples: [
      {
        inputs: [{ shape: [2, 2], data: [1, 5, 2, 2] }],
        attrs: { axes: [1] },
        outputs: [{ shape: [2], data: [1, 2] }],
        gradients: [[1, 0, 0.5, 0.5]],
        source: "by hand",
      },
    ],
  },
};
