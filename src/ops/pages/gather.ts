import { CLAMPED } from "./attributes.ts";
import type { OpPages } from "./page.ts";

export const gather: OpPages = {
  gather: {
    summary: "Slices of x at positions along one axis (NumPy's take): rows of an embedding table, for example.",
    equation: "y[o…, k…, i…] = x[o…, indices[k…], i…]",
    attributes: [{ name: "axis", type: "axis", meaning: "the axis of x that the indices count along" }],
    kinks: CLAMPED,
    samples: [
      {
        inputs: [
          { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] },
          { dtype: "i32", shape: [2, 2], data: [2, 0, 2, 1] },
        ],
        attrs: { axis: 0 },
        outputs: [{ shape: [2, 2, 2], data: [5, 6, 1, 2, 5, 6, 3, 4] }],
        gradients: [[1, 1, 1, 1, 2, 2], null],
        source: "by hand",
      },
      {
        inputs: [
          { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
          { dtype: "i32", shape: [], data: [1] },
        ],
        attrs: { axis: 1 },
        outputs: [{ shape: [2], data: [2, 5] }],
        gradients: [[0, 1, 0, 0, 1, 0], null],
        source: "by hand",
      },
      {
        inputs: [
          { shape: [3], data: [1, 2, 3] },
          { dtype: "i32", shape: [2], data: [-1, 7] },
        ],
        attrs: { axis: 0 },
        outputs: [{ shape: [2], data: [1, 3] }],
        gradients: [[1, 0, 1], null],
        source: "by hand: clamped",
      },
    ],
  },
  scatterAdd: {
    summary: "Zeros with slices added at positions along one axis: the transpose of gather.",
    equation: "y[o…, p, i…] = Σ updates[o…, k…, i…] over the k… with indices[k…] = p",
    attributes: [
      { name: "axis", type: "axis", meaning: "the axis of the result that the indices count along" },
      { name: "size", type: "size", meaning: "the size of that axis" },
    ],
    kinks: `${CLAMPED}; sums run in the order of the indices`,
    samples: [
      {
        inputs: [
          { dtype: "i32", shape: [4], data: [2, 0, 2, 9] },
          { shape: [4, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] },
        ],
        attrs: { axis: 0, size: 4 },
        outputs: [{ shape: [4, 2], data: [3, 4, 0, 0, 6, 8, 7, 8] }],
        gradients: [null, [1, 1, 1, 1, 1, 1, 1, 1]],
        source: "by hand",
      },
      {
        inputs: [
          { dtype: "i32", shape: [3], data: [1, 1, 0] },
          { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
        ],
        attrs: { axis: 1, size: 2 },
        outputs: [{ shape: [2, 2], data: [3, 3, 6, 9] }],
        gradients: [null, [1, 1, 1, 1, 1, 1]],
        source: "by hand",
      },
    ],
  },
};
