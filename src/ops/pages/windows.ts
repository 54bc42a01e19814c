import type { OpPages } from "./page.ts";

const ATTRIBUTES = [
  { name: "window", type: "integer list", meaning: "sizes of the window, per spatial axis" },
  { name: "strides", type: "integer list", meaning: "from one position of the window to the next, per spatial axis" },
  { name: "low", type: "integer list", meaning: "elements in front, per spatial axis; negative: cropped" },
  { name: "high", type: "integer list", meaning: "elements behind, per spatial axis; negative: cropped" },
  { name: "dilation", type: "integer list", meaning: "from one element of the window to the next, per spatial axis" },
] as const;

export const windows: OpPages = {
  windows: {
    summary:
      "All positions of a window that slides over the spatial axes; nothing is copied where it is reduced at once.",
    equation: "y[n, o, k, c] = x[n, o·stride + k·dilation − low, c], outside x: value",
    attributes: [...ATTRIBUTES, { name: "value", type: "number", meaning: "what stands outside x" }],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [1, 3, 1], data: [5, 6, 7] }],
        attrs: { window: [2], strides: [1], low: [1], high: [0], dilation: [1], value: 9 },
        outputs: [{ shape: [1, 3, 2, 1], data: [9, 5, 5, 6, 6, 7] }],
        gradients: [[2, 2, 1]],
        source: "by hand",
      },
    ],
  },
  overlapAdd: {
    summary: "Adds windows up where they overlap: the transpose of windows.",
    equation: "x[n, i, c] = Σ over k of y[n, (i + low − k·dilation) / stride, k, c] where that is a position",
    attributes: [...ATTRIBUTES, { name: "spatial", type: "integer list", meaning: "spatial sizes of the result" }],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [1, 3, 2, 1], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { window: [2], strides: [1], low: [1], high: [0], dilation: [1], spatial: [3] },
        outputs: [{ shape: [1, 3, 1], data: [5, 9, 6] }],
        gradients: [[0, 1, 1, 1, 1, 1]],
        source: "by hand",
      },
    ],
  },
};
