import type { OpPages } from "../page.ts";

export const lu: OpPages = {
  lu: {
    summary: "Triangular factors of square matrices with their rows permuted: values, pivots and permutation.",
    equation: "L·U = P·a; U in the upper triangle of the result, L below it, with a diagonal of ones",
    attributes: [],
    kinks:
      "the pivot is the first of the largest; a singular matrix has a zero on U's diagonal and no gradient (∞, NaN)",
    samples: [
      {
        inputs: [{ shape: [2, 2], data: [2, 1, 4, 6] }],
        outputs: [
          { shape: [2, 2], data: [4, 6, 0.5, -2] },
          { dtype: "i32", shape: [2], data: [1, 1] },
          { dtype: "i32", shape: [2], data: [1, 0] },
        ],
        gradients: [[-1.25, 1, 1.625, 0.5]],
        source: "by hand; gradient: JAX 0.10",
      },
      {
        inputs: [{ shape: [2, 2], data: [0, 3, 0, 3] }],
        outputs: [
          { shape: [2, 2], data: [0, 3, 0, 3] },
          { dtype: "i32", shape: [2], data: [0, 1] },
          { dtype: "i32", shape: [2], data: [0, 1] },
        ],
        source: "by hand",
      },
    ],
  },
};
