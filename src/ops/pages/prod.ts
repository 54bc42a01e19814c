import { REDUCED_AXES } from "./attributes.ts";
import type { OpPages } from "./page.ts";

export const prod: OpPages = {
  prod: {
    summary: "The product over axes; integers wrap.",
    equation: "y = Π x",
    kinks: "none; the gradient is right with zeros",
    attributes: [REDUCED_AXES],
    samples: [
      {
        inputs: [{ shape: [2, 3], data: [2, 3, 4, 0, 5, 6] }],
        attrs: { axes: [1] },
        outputs: [{ shape: [2], data: [24, 0] }],
        gradients: [[12, 8, 6, 30, 0, 0]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [3], data: [0, 5, 0] }],
        attrs: { axes: [0] },
        outputs: [{ shape: [], data: [0] }],
        gradients: [[0, 0, 0]],
        source: "by hand",
      },
    ],
  },
};
