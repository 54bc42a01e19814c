import type { OpPages } from "./page.ts";

export const custom: OpPages = {
  stopGradient: {
    summary: "The identity, with derivative zero.",
    equation: "y = x",
    attributes: [],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [2], data: [1, -2] }],
        outputs: [{ shape: [2], data: [1, -2] }],
        gradients: [null],
        source: "by definition",
      },
    ],
  },
};
