import type { OpPages } from "../page.ts";

export const lstsq: OpPages = {
  lstsq: {
    summary: "Least squares for matrices of full rank at least as high as wide, by a QR factorisation.",
    equation: "x = argmin |a·x − b|² = (aᵀ·a)⁻¹·aᵀ·b",
    attributes: [],
    kinks: "without full rank: ±∞, NaN or of no use",
    samples: [
      {
        inputs: [
          { shape: [3, 2], data: [1, 0, 1, 1, 1, 2] },
          { shape: [3, 1], data: [1, 2, 2] },
        ],
        outputs: [{ shape: [2, 1], data: [1.1666666667, 0.5] }],
        gradients: [
          [-0.4444444444, -0.1666666667, -0.2777777778, -0.1666666667, -0.4444444444, -0.1666666667],
          [0.3333333333, 0.3333333333, 0.3333333333],
        ],
        source: "by hand; JAX 0.10",
      },
    ],
  },
};
