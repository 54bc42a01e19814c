import type { OpPages } from "../page.ts";

export const solve: OpPages = {
  solve: {
    summary: "Solves square systems by elimination with partial pivoting.",
    equation: "a·x = b (transpose: aᵀ·x = b)",
    attributes: [{ name: "transpose", type: "boolean", meaning: "solve with the transposed matrix" }],
    kinks: "a singular matrix: ±∞ or NaN",
    samples: [
      {
        inputs: [
          { shape: [2, 2], data: [2, 1, 4, 6] },
          { shape: [2, 1], data: [4, 16] },
        ],
        attrs: { transpose: false },
        outputs: [{ shape: [2, 1], data: [1, 2] }],
        gradients: [
          [-0.25, -0.5, -0.125, -0.25],
          [0.25, 0.125],
        ],
        source: "by hand; JAX 0.10",
      },
      {
        inputs: [
          { shape: [2, 2], data: [2, 1, 4, 6] },
          { shape: [2, 1], data: [4, 16] },
        ],
        attrs: { transpose: true },
        outputs: [{ shape: [2, 1], data: [-5, 3.5] }],
        gradients: [
          [3.125, -1.25, -2.1875, 0.875],
          [0.625, -0.25],
        ],
        source: "by hand; JAX 0.10",
      },
      {
        inputs: [
          { shape: [1, 1], data: [0] },
          { shape: [1, 2], data: [1, 0] },
        ],
        attrs: { transpose: false },
        outputs: [{ shape: [1, 2], data: [Number.POSITIVE_INFINITY, Number.NaN] }],
        source: "by hand",
      },
    ],
  },
};
