import type { OpPages } from "./page.ts";

export const constant: OpPages = {
  constant: {
    summary: "Numbers known when the graph is built.",
    equation: "y = data",
    attributes: [
      { name: "dtype", type: "dtype", meaning: "of the result" },
      { name: "shape", type: "size list", meaning: "of the result; numbers only" },
      { name: "data", type: "typed array", meaning: "the elements in row-major order" },
    ],
    kinks: "none",
    samples: [
      {
        inputs: [],
        attrs: { dtype: "f32", shape: [2], data: new Float32Array([1, 2]) },
        outputs: [{ shape: [2], data: [1, 2] }],
        source: "by hand",
      },
    ],
  },
};
