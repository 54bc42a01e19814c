import type { OpPages } from "./page.ts";

export const slice: OpPages = {
  slice: {
    summary: "A box of a tensor, with steps.",
    equation: "y[i] = x[start + i·step]",
    attributes: [
      { name: "starts", type: "size list", meaning: "the first index, per axis" },
      { name: "sizes", type: "size list", meaning: "how many elements, per axis" },
      { name: "steps", type: "integer list", meaning: "the distance between elements, at least 1, per axis" },
    ],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [6], data: [0, 1, 2, 3, 4, 5] }],
        attrs: { starts: [1], sizes: [2], steps: [3] },
        outputs: [{ shape: [2], data: [1, 4] }],
        gradients: [[0, 1, 0, 0, 1, 0]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { starts: [1, 0], sizes: [1, 2], steps: [1, 2] },
        outputs: [{ shape: [1, 2], data: [4, 6] }],
        gradients: [[0, 0, 0, 1, 0, 1]],
        source: "by hand",
      },
    ],
  },
};
