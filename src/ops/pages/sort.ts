import type { OpPages } from "./page.ts";

export const sort: OpPages = {
  sort: {
    summary: "The elements of every row along an axis in order, and their positions.",
    equation: "values[j], indices[j] = the j-th smallest x (largest where descending) and where it stands",
    attributes: [
      { name: "axis", type: "axis", meaning: "along which" },
      { name: "descending", type: "boolean", meaning: "the largest first" },
    ],
    kinks:
      "stable: equal elements (−0 = 0) keep their order, which also says where their cotangents go; NaN counts as larger " +
      "than every number",
    samples: [
      {
        inputs: [{ shape: [2, 3], data: [3, 1, 2, 5, 5, 4] }],
        attrs: { axis: 1, descending: false },
        outputs: [
          { shape: [2, 3], data: [1, 2, 3, 4, 5, 5] },
          { dtype: "i32", shape: [2, 3], data: [1, 2, 0, 2, 0, 1] },
        ],
        gradients: [[1, 1, 1, 1, 1, 1]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [5], data: [-0, Number.NaN, 0, Number.NEGATIVE_INFINITY, 0] }],
        attrs: { axis: 0, descending: true },
        outputs: [
          { shape: [5], data: [Number.NaN, -0, 0, 0, Number.NEGATIVE_INFINITY] },
          { dtype: "i32", shape: [5], data: [1, 0, 2, 4, 3] },
        ],
        source: "by hand",
      },
      {
        inputs: [{ dtype: "i32", shape: [3, 2], data: [2, -1, -2147483648, 7, 2, 0] }],
        attrs: { axis: 0, descending: false },
        outputs: [
          { dtype: "i32", shape: [3, 2], data: [-2147483648, -1, 2, 0, 2, 7] },
          { dtype: "i32", shape: [3, 2], data: [1, 0, 0, 2, 2, 1] },
        ],
        source: "by hand",
      },
    ],
  },
};
