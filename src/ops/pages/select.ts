import type { OpPages } from "./page.ts";

export const select: OpPages = {
  where: {
    summary: "x where the condition holds, y elsewhere.",
    equation: "z = c ? x : y",
    attributes: [],
    kinks: "the branch that is not taken gets the gradient 0, whatever its value",
    samples: [
      {
        inputs: [
          { dtype: "bool", shape: [2], data: [1, 0] },
          { shape: [2], data: [1, 2] },
          { shape: [2], data: [3, 4] },
        ],
        outputs: [{ shape: [2], data: [1, 4] }],
        gradients: [null, [1, 0], [0, 1]],
        source: "by hand",
      },
    ],
  },
};
