import { CLAMPED } from "./attributes.ts";
import type { OpPages } from "./page.ts";

export const gatherAlong: OpPages = {
  gatherAlong: {
    summary: "One element of x for each index, along one axis (NumPy's take_along_axis).",
    equation: "y[o…, k, i…] = x[o…, indices[o…, k, i…], i…]",
    attributes: [{ name: "axis", type: "axis", meaning: "the axis that the indices count along" }],
    kinks: CLAMPED,
    samples: [
      {
        inputs: [
          { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
          { dtype: "i32", shape: [2, 2], data: [2, 2, 0, 1] },
        ],
        attrs: { axis: 1 },
        outputs: [{ shape: [2, 2], data: [3, 3, 4, 5] }],
        gradients: [[0, 0, 2, 1, 1, 0], null],
        source: "by hand",
      },
    ],
  },
  scatterAddAlong: {
    summary: "Zeros with every element added at its own position along one axis: the transpose of gatherAlong.",
    equation: "y[o…, p, i…] = Σ updates[o…, k, i…] over the k with indices[o…, k, i…] = p",
    attributes: [
      { name: "axis", type: "axis", meaning: "the axis that the indices count along" },
      { name: "size", type: "size", meaning: "the result's size along it" },
    ],
    kinks: `${CLAMPED}; sums run in the order of the indices`,
    samples: [
      {
        inputs: [
          { dtype: "i32", shape: [2, 2], data: [2, 2, 0, 1] },
          { shape: [2, 2], data: [1, 2, 3, 4] },
        ],
        attrs: { axis: 1, size: 3 },
        outputs: [{ shape: [2, 3], data: [0, 0, 3, 3, 4, 0] }],
        gradients: [null, [1, 1, 1, 1]],
        source: "by hand",
      },
    ],
  },
};
