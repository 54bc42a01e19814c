import { type OpPages, sampleOf } from "./page.ts";

export const activation: OpPages = {
  relu: {
    summary: "The positive part.",
    equation: "y = max(x, 0)",
    attributes: [],
    kinks: "the gradient at 0 is 0; NaN stays, with gradient 0",
    samples: [sampleOf([-1, 0, 2], [0, 0, 2], [0, 0, 1], "by hand")],
  },
};
