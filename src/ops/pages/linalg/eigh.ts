import type { OpPages } from "../page.ts";

export const eigh: OpPages = {
  eigh: {
    summary: "Eigenvalues of symmetric matrices, in ascending order, and orthonormal eigenvectors in columns.",
    equation: "(a + aᵀ)/2·V = V·diag(w)",
    attributes: [],
    kinks:
      "signs: of each vector, the first entry at least half as large as the largest is positive; where eigenvalues are equal, gradients of vectors are ∞ or NaN, those of values as in the basis that was found; NaN or ∞ in a matrix: all NaN",
    samples: [
      {
        inputs: [{ shape: [2, 2], data: [2, 1, 3, 5] }],
        outputs: [
          { shape: [2], data: [1, 6] },
          { shape: [2, 2], data: [0.894427191, 0.4472135955, -0.4472135955, 0.894427191] },
        ],
        gradients: [[0.9284458247, -0.0536656315, -0.0536656315, 1.0715541753]],
        source: "JAX 0.10",
      },
      {
        inputs: [{ shape: [2, 2], data: [1, Number.NaN, 0, 1] }],
        outputs: [
          { shape: [2], data: [Number.NaN, Number.NaN] },
          { shape: [2, 2], data: [Number.NaN, Number.NaN, Number.NaN, Number.NaN] },
        ],
        source: "by hand",
      },
    ],
  },
};
