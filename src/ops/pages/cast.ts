import type { OpPages } from "./page.ts";

export const cast: OpPages = {
  cast: {
    summary: "The same numbers in another dtype.",
    equation: "y = x",
    attributes: [{ name: "dtype", type: "dtype", meaning: "of the result" }],
    kinks:
      "float to integer truncates and saturates, NaN becomes 0; integers wrap between i32 and u32; to bool is x ≠ 0; " +
      "only float to float is differentiable",
    samples: [
      {
        inputs: [{ shape: [4], data: [1.7, -1.7, 1e10, Number.NaN] }],
        attrs: { dtype: "i32" },
        outputs: [{ dtype: "i32", shape: [4], data: [1, -1, 2147483647, 0] }],
        source: "the conversion rule",
      },
      {
        inputs: [{ shape: [2], data: [0.1, 2] }],
        attrs: { dtype: "f64" },
        outputs: [{ dtype: "f64", shape: [2], data: [0.10000000149011612, 2] }],
        gradients: [[1, 1]],
        source: "IEEE 754",
      },
      {
        inputs: [{ dtype: "i32", shape: [2], data: [-1, 3] }],
        attrs: { dtype: "u32" },
        outputs: [{ dtype: "u32", shape: [2], data: [4294967295, 3] }],
        source: "two's complement",
      },
      {
        inputs: [{ shape: [3], data: [0, -0.5, Number.NaN] }],
        attrs: { dtype: "bool" },
        outputs: [{ dtype: "bool", shape: [3], data: [0, 1, 1] }],
        source: "by hand",
      },
    ],
  },
  bitcast: {
    summary: "The same 32 bits read as another dtype.",
    equation: "bits(y) = bits(x)",
    attributes: [{ name: "dtype", type: "dtype", meaning: "of the result: f32, i32 or u32" }],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [2], data: [1, -2] }],
        attrs: { dtype: "u32" },
        outputs: [{ dtype: "u32", shape: [2], data: [0x3f800000, 0xc0000000] }],
        source: "IEEE 754",
      },
    ],
  },
};
