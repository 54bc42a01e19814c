import type { OpPages } from "./page.ts";

export const source: OpPages = {
  iota: {
    summary: "Each element is its index along one axis.",
    equation: "y[i…] = i[axis]",
    attributes: [
      { name: "dtype", type: "dtype", meaning: "of the result" },
      { name: "shape", type: "size list", meaning: "of the result" },
      { name: "axis", type: "integer", meaning: "the axis that is counted" },
    ],
    kinks: "none",
    samples: [
      {
        inputs: [],
        attrs: { dtype: "i32", shape: [2, 3], axis: 1 },
        outputs: [{ dtype: "i32", shape: [2, 3], data: [0, 1, 2, 0, 1, 2] }],
        source: "by hand",
      },
    ],
  },
  extent: {
    summary: "A size as a number: lets formulas divide by a batch size that is known at the call.",
    equation: "y = size",
    attributes: [
      { name: "dtype", type: "dtype", meaning: "of the result" },
      { name: "size", type: "size", meaning: "the size" },
    ],
    kinks: "none",
    samples: [
      {
        inputs: [],
        attrs: { dtype: "f32", size: 7 },
        outputs: [{ shape: [], data: [7] }],
        source: "by hand",
      },
    ],
  },
};
