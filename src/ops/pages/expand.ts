import type { OpPages } from "./page.ts";

export const expand: OpPages = {
  expand: {
    summary: "Repeats a tensor along new axes; the dual of sum.",
    equation: "y[i] = x[i restricted to axes]",
    attributes: [
      { name: "shape", type: "size list", meaning: "the shape of the result" },
      { name: "axes", type: "integer list", meaning: "increasing; operand axis i becomes axis axes[i] of the result" },
    ],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [2], data: [1, 2] }],
        attrs: { shape: [2, 3], axes: [0] },
        outputs: [{ shape: [2, 3], data: [1, 1, 1, 2, 2, 2] }],
        gradients: [[3, 3]],
        source: "by hand",
      },
    ],
  },
};
