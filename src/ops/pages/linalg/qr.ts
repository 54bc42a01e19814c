import type { OpPages } from "../page.ts";

export const qr: OpPages = {
  qr: {
    summary: "An orthonormal basis of the columns of matrices at least as high as wide, and the columns in it.",
    equation: "a = Q·R, Qᵀ·Q = I, R upper triangular, with the signs of Householder's reflections",
    attributes: [],
    kinks: "without full rank there is a zero on R's diagonal, and gradients are ∞ or NaN",
    samples: [
      {
        inputs: [{ shape: [3, 2], data: [3, 5, 4, 10, 0, 2] }],
        outputs: [
          { shape: [3, 2], data: [-0.6, 0.5656854249, -0.8, -0.4242640687, 0, -Math.SQRT1_2] },
          { shape: [2, 2], data: [-5, -11, 0, -2.8284271247] },
        ],
        gradients: [[-1.3415474734, -0.2040202025, -0.2438393949, -1.0969848481, 1.6203152929, -0.9192388155]],
        source: "JAX 0.10",
      },
      {
        inputs: [{ shape: [2, 1], data: [3, 4] }],
        outputs: [
          { shape: [2, 1], data: [-0.6, -0.8] },
          { shape: [1, 1], data: [-5] },
        ],
        source: "by hand",
      },
    ],
  },
};
