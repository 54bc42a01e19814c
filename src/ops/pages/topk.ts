import type { OpPages } from "./page.ts";

export const topk: OpPages = {
  topK: {
    summary: "The k largest elements along an axis, in descending order, and their positions.",
    equation: "values[j], indices[j] = the j-th largest x and where it stands",
    attributes: [
      { name: "k", type: "integer", meaning: "how many" },
      { name: "axis", type: "axis", meaning: "along which" },
    ],
    kinks: "ties go to the lowest index, the whole cotangent with them; NaN counts as larger than every number",
    samples: [
      {
        inputs: [{ shape: [2, 4], data: [1, 3, 2, 3, -1, -5, 0, -2] }],
        attrs: { k: 2, axis: 1 },
        outputs: [
          { shape: [2, 2], data: [3, 3, 0, -1] },
          { dtype: "i32", shape: [2, 2], data: [1, 3, 2, 0] },
        ],
        gradients: [[0, 1, 0, 1, 1, 0, 1, 0]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [3, 2], data: [Number.NEGATIVE_INFINITY, 1, Number.NaN, 2, Number.POSITIVE_INFINITY, 2] }],
        attrs: { k: 3, axis: 0 },
        outputs: [
          { shape: [3, 2], data: [Number.NaN, 2, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY, 1] },
          { dtype: "i32", shape: [3, 2], data: [1, 1, 2, 2, 0, 0] },
        ],
        source: "by hand",
      },
    ],
  },
};
