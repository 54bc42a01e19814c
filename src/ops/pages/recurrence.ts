import type { OpPages } from "./page.ts";

export const recurrence: OpPages = {
  recurrence: {
    summary: "A linear recurrence along an axis: each result is a factor of the one before, plus a term.",
    equation: "y[j] = a[j]·y[j − 1] + b[j], y[0] = b[0] (from the end where reverse)",
    kinks: "none; the first factors have no part",
    attributes: [
      { name: "axis", type: "axis", meaning: "along which it runs" },
      { name: "reverse", type: "boolean", meaning: "from the last element to the first" },
    ],
    samples: [
      {
        inputs: [
          { shape: [3], data: [9, 2, 3] },
          { shape: [3], data: [1, 10, 100] },
        ],
        attrs: { axis: 0, reverse: false },
        outputs: [{ shape: [3], data: [1, 12, 136] }],
        gradients: [
          [0, 4, 12],
          [9, 4, 1],
        ],
        source: "by hand: y = b₀ + (a₁b₀ + b₁) + (a₂(a₁b₀ + b₁) + b₂)",
      },
      {
        inputs: [
          { shape: [2, 2], data: [2, 3, 5, 7] },
          { shape: [2, 2], data: [1, 1, 10, 20] },
        ],
        attrs: { axis: 0, reverse: true },
        outputs: [{ shape: [2, 2], data: [21, 61, 10, 20] }],
        gradients: [
          [10, 20, 0, 0],
          [1, 1, 3, 4],
        ],
        source: "by hand",
      },
    ],
  },
};
