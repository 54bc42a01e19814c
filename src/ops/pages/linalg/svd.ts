import type { OpPages } from "../page.ts";

export const svd: OpPages = {
  svd: {
    summary: "The thin singular value decomposition of matrices at least as high as wide.",
    equation: "a = U·diag(s)·Vᵀ, Uᵀ·U = Vᵀ·V = I, s ≥ 0 in descending order",
    attributes: [],
    kinks:
      "signs: of each row of Vᵀ, the first entry at least half as large as the largest is positive; where singular values are equal or 0, gradients of U and Vᵀ are ∞ or NaN; NaN or ∞ in a matrix: all NaN",
    samples: [
      {
        inputs: [{ shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }],
        outputs: [
          {
            shape: [3, 2],
            data: [0.2298476964, -0.8834610177, 0.5247448188, -0.2407824921, 0.8196419411, 0.4018960334],
          },
          { shape: [2], data: [9.5255180916, 0.5143005807] },
          { shape: [2, 2], data: [0.6196294838, 0.7848944533, 0.7848944533, -0.6196294838] },
        ],
        gradients: [[-0.4406740195, 0.9208237111, 0.114168067, 0.6547645355, 0.6690101534, 0.3887053599]],
        tolerance: 1e-5,
        source: "JAX 0.10",
      },
      {
        inputs: [{ shape: [2, 2], data: [0, 0, 0, 3] }],
        outputs: [
          { shape: [2, 2], data: [0, 1, 1, 0] },
          { shape: [2], data: [3, 0] },
          { shape: [2, 2], data: [0, 1, 1, 0] },
        ],
        source: "by hand",
      },
    ],
  },
};
