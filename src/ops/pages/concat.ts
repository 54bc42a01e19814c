import type { OpPages } from "./page.ts";

export const concat: OpPages = {
  concat: {
    summary: "Joins tensors along an axis.",
    equation: "y = [x₀; x₁; …]",
    attributes: [{ name: "axis", type: "integer", meaning: "the axis along which they are joined" }],
    kinks: "none",
    samples: [
      {
        inputs: [
          { shape: [2, 1], data: [1, 2] },
          { shape: [2, 2], data: [3, 4, 5, 6] },
        ],
        attrs: { axis: 1 },
        outputs: [{ shape: [2, 3], data: [1, 3, 4, 2, 5, 6] }],
        gradients: [
          [1, 1],
          [1, 1, 1, 1],
        ],
        source: "by hand",
      },
    ],
  },
};
