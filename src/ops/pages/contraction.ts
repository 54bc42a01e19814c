import type { OpPages } from "./page.ts";

export const contraction: OpPages = {
  contract: {
    summary: "The sum of products over index letters: any einsum of two tensors, matrix products among them.",
    equation: "z[out] = Σ x[left]·y[right], over the letters that out lacks",
    attributes: [
      { name: "left", type: "letters", meaning: "one letter per axis of x" },
      { name: "right", type: "letters", meaning: "one letter per axis of y" },
      { name: "out", type: "letters", meaning: "one letter per axis of z; every letter stands in two of the three" },
    ],
    kinks: "none",
    samples: [
      {
        inputs: [
          { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
          { shape: [3, 2], data: [7, 8, 9, 10, 11, 12] },
        ],
        attrs: { left: "ik", right: "kj", out: "ij" },
        outputs: [{ shape: [2, 2], data: [58, 64, 139, 154] }],
        gradients: [
          [15, 19, 23, 15, 19, 23],
          [5, 5, 7, 7, 9, 9],
        ],
        source: "by hand",
      },
      {
        // One y for every batch row, result transposed.
        inputs: [
          { shape: [2, 1, 2], data: [1, 2, 3, 4] },
          { shape: [2, 3], data: [1, 0, 2, 0, 1, -1] },
        ],
        attrs: { left: "bik", right: "kj", out: "bji" },
        outputs: [{ shape: [2, 3, 1], data: [1, 2, 0, 3, 4, 2] }],
        gradients: [
          [3, 0, 3, 0],
          [4, 4, 4, 6, 6, 6],
        ],
        source: "by hand",
      },
      {
        inputs: [
          { dtype: "i32", shape: [2], data: [65536, 1] },
          { dtype: "i32", shape: [2], data: [65536, 7] },
        ],
        attrs: { left: "k", right: "k", out: "" },
        outputs: [{ dtype: "i32", shape: [], data: [7] }],
        source: "two's complement",
      },
    ],
  },
};
