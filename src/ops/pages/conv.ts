import type { OpPages } from "./page.ts";

const WINDOW_ATTRIBUTES = [
  { name: "strides", type: "integer list", meaning: "from one position of the window to the next, per spatial axis" },
  { name: "low", type: "integer list", meaning: "zeros in front, per spatial axis; negative: cropped" },
  { name: "high", type: "integer list", meaning: "zeros behind, per spatial axis; negative: cropped" },
  { name: "dilation", type: "integer list", meaning: "from one element of the window to the next, per spatial axis" },
] as const;

export const conv: OpPages = {
  conv: {
    summary: "Sums of products over a window that slides over any number of spatial axes; channels last, in groups.",
    equation: "y[n, o, g, f] = Σ over k, c of x[n, o·stride + k·dilation − low, g, c]·w[g, k, c, f]",
    attributes: WINDOW_ATTRIBUTES,
    kinks: "none",
    samples: [
      {
        inputs: [
          { shape: [1, 4, 1, 1], data: [1, 2, 3, 4] },
          { shape: [1, 3, 1, 1], data: [1, 10, 100] },
        ],
        attrs: { strides: [1], low: [1], high: [0], dilation: [1] },
        outputs: [{ shape: [1, 3, 1, 1], data: [210, 321, 432] }],
        gradients: [
          [11, 111, 110, 100],
          [3, 6, 9],
        ],
        source: "by hand",
      },
    ],
  },
  convKernel: {
    summary: "The cotangent of a convolution's kernel: every window of x times the cotangent at its position.",
    equation: "w̄[g, k, c, f] = Σ over n, o of x[n, o·stride + k·dilation − low, g, c]·ȳ[n, o, g, f]",
    attributes: [
      ...WINDOW_ATTRIBUTES,
      { name: "window", type: "integer list", meaning: "sizes of the window, per spatial axis" },
    ],
    kinks: "none",
    samples: [
      {
        inputs: [
          { shape: [1, 4, 1, 1], data: [1, 2, 3, 4] },
          { shape: [1, 3, 1, 1], data: [1, 1, 1] },
        ],
        attrs: { strides: [1], low: [1], high: [0], dilation: [1], window: [3] },
        outputs: [{ shape: [1, 3, 1, 1], data: [3, 6, 9] }],
        gradients: [
          [2, 3, 2, 1],
          [3, 6, 9],
        ],
        source: "by hand",
      },
    ],
  },
};
