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
  maxNumber: {
    summary: "The largest number over axes; NaN does not count.",
    equation: "y = max of the x that are not NaN",
    kinks: "ties share the gradient equally; −∞ where all are NaN; of 0 and −0 either",
    attributes: [REDUCED_AXES],
    samples: [
      {
        inputs: [{ shape: [3, 2], data: [1, 5, Number.NaN, -2, Number.NaN, Number.NaN] }],
        attrs: { axes: [1] },
        outputs: [{ shape: [3], data: [5, -2, Number.NEGATIVE_INFINITY] }],
        source: "by hand",
      },
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
