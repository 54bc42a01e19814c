import type { OpPages } from "../page.ts";

export const triangularSolve: OpPages = {
  triangularSolve: {
    summary: "Solves triangular systems by substitution.",
    equation: "T·x = b (transpose: Tᵀ·x = b), T the upper or lower triangle of a",
    attributes: [
      { name: "lower", type: "boolean", meaning: "the lower triangle of a counts, else the upper one" },
      { name: "transpose", type: "boolean", meaning: "solve with the transposed triangle" },
      { name: "unitDiagonal", type: "boolean", meaning: "the diagonal counts as ones and is not read" },
    ],
    kinks: "a zero on the diagonal: ±∞ or NaN",
    samples: [
      {
        inputs: [
          { shape: [2, 2], data: [2, 1, 7, 4] },
          { shape: [2, 1], data: [4, 8] },
        ],
        attrs: { lower: false, transpose: false, unitDiagonal: false },
        outputs: [{ shape: [2, 1], data: [1, 2] }],
        gradients: [
          [-0.5, -1, 0, -0.25],
          [0.5, 0.125],
        ],
        source: "by hand",
      },
      {
        inputs: [
          { shape: [2, 2], data: [5, 9, 3, 5] },
          { shape: [2, 2], data: [1, 2, 3, 4] },
        ],
        attrs: { lower: true, transpose: true, unitDiagonal: true },
        outputs: [{ shape: [2, 2], data: [-8, -10, 3, 4] }],
        gradients: [
          [0, 0, -7, 0],
          [1, 1, -2, -2],
        ],
        source: "by hand; JAX 0.10",
      },
      {
        inputs: [
          { shape: [2, 2], data: [0, 1, 0, 1] },
          { shape: [2, 1], data: [4, 2] },
        ],
        attrs: { lower: false, transpose: false, unitDiagonal: false },
        outputs: [{ shape: [2, 1], data: [Number.POSITIVE_INFINITY, 2] }],
        source: "by hand",
      },
    ],
  },
};
