import type { OpPages } from "./page.ts";

export const reshape: OpPages = {
  reshape: {
    summary: "The same elements in row-major order under another shape.",
    equation: "y[flat] = x[flat]",
    attributes: [{ name: "shape", type: "size list", meaning: "the new shape, of as many elements" }],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { shape: [3, 2] },
        outputs: [{ shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }],
        gradients: [[1, 1, 1, 1, 1, 1]],
        source: "by hand",
      },
    ],
  },
};
