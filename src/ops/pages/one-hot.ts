import type { OpPages } from "./page.ts";

export const oneHot: OpPages = {
  oneHot: {
    summary: "A row of zeros with a one at each index.",
    equation: "y[k…, c] = [indices[k…] = c]",
    attributes: [
      { name: "depth", type: "integer", meaning: "the size of the new last axis" },
      { name: "dtype", type: "dtype", meaning: "of the result" },
    ],
    kinks: "an index out of range gives a row of zeros; inputs are checked at the call",
    samples: [
      {
        inputs: [{ dtype: "i32", shape: [3], data: [2, 0, 1] }],
        attrs: { depth: 3, dtype: "f32" },
        outputs: [{ shape: [3, 3], data: [0, 0, 1, 1, 0, 0, 0, 1, 0] }],
        source: "by hand",
      },
      {
        inputs: [{ dtype: "i32", shape: [2], data: [5, -1] }],
        attrs: { depth: 2, dtype: "bool" },
        outputs: [{ dtype: "bool", shape: [2, 2], data: [0, 0, 0, 0] }],
        source: "by hand",
      },
    ],
  },
};
