import type { OpPages } from "../page.ts";

export const cholesky: OpPages = {
  cholesky: {
    summary: "The lower triangular factor of symmetric positive definite matrices.",
    equation: "L·Lᵀ = (a + aᵀ)/2, L lower triangular with positive diagonal",
    attributes: [],
    kinks: "not positive definite: NaN from the first column on that shows it",
    samples: [
      {
        inputs: [{ shape: [2, 2], data: [4, 2, 2, 5] }],
        outputs: [{ shape: [2, 2], data: [2, 0, 1, 2] }],
        gradients: [[0.1875, 0.125, 0.125, 0.25]],
        source: "by hand; gradient: JAX 0.10",
      },
      {
        inputs: [{ shape: [2, 2], data: [4, 2, 2, 1] }],
        outputs: [{ shape: [2, 2], data: [2, 0, 1, Number.NaN] }],
        source: "by hand",
      },
    ],
  },
};
