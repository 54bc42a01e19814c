import type { OpPages } from "./page.ts";

export const arithmetic: OpPages = {
  add: {
    summary: "The sum of two tensors, elementwise; integers wrap.",
    equation: "z = x + y",
    attributes: [],
    kinks: "none",
    samples: [
      {
        inputs: [
          { shape: [3], data: [1, -2, 0.5] },
          { shape: [3], data: [10, 20, 30] },
        ],
        outputs: [{ shape: [3], data: [11, 18, 30.5] }],
        gradients: [
          [1, 1, 1],
          [1, 1, 1],
        ],
        source: "by hand",
      },
      {
        inputs: [
          { dtype: "i32", shape: [1], data: [2147483647] },
          { dtype: "i32", shape: [1], data: [1] },
        ],
        outputs: [{ dtype: "i32", shape: [1], data: [-2147483648] }],
        source: "two's complement",
      },
    ],
  },
  mul: {
    summary: "The product of two tensors, elementwise; integers wrap.",
    equation: "z = x·y",
    attributes: [],
    kinks: "none",
    samples: [
      {
        inputs: [
          { shape: [3], data: [1, -2, 0.5] },
          { shape: [3], data: [10, 20, 30] },
        ],
        outputs: [{ shape: [3], data: [10, -40, 15] }],
        gradients: [
          [10, 20, 30],
          [1, -2, 0.5],
        ],
        source: "by hand",
      },
    ],
  },
  neg: {
    summary: "The negative, elementwise.",
    equation: "y = −x",
    attributes: [],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [2], data: [1, -2] }],
        outputs: [{ shape: [2], data: [-1, 2] }],
        gradients: [[-1, -1]],
        source: "by hand",
      },
    ],
  },
  sub: {
    summary: "The difference of two tensors, elementwise; integers wrap.",
    equation: "z = x − y",
    attributes: [],
    kinks: "none",
    samples: [
      {
        inputs: [
          { shape: [2], data: [1, -2] },
          { shape: [2], data: [10, 0.5] },
        ],
        outputs: [{ shape: [2], data: [-9, -2.5] }],
        gradients: [
          [1, 1],
          [-1, -1],
        ],
        source: "by hand",
      },
      {
        inputs: [
          { dtype: "u32", shape: [1], data: [0] },
          { dtype: "u32", shape: [1], data: [1] },
        ],
        outputs: [{ dtype: "u32", shape: [1], data: [4294967295] }],
        source: "two's complement",
      },
    ],
  },
  div: {
    summary: "The quotient of two tensors, elementwise; of integers truncated towards 0.",
    equation: "z = x / y",
    attributes: [],
    kinks: "floats divide by 0 as IEEE 754 says; integers give 0 for x / 0; −2³¹ / −1 wraps to −2³¹",
    samples: [
      {
        inputs: [
          { shape: [2], data: [1, -6] },
          { shape: [2], data: [4, 2] },
        ],
        outputs: [{ shape: [2], data: [0.25, -3] }],
        gradients: [
          [0.25, 0.5],
          [-0.0625, 1.5],
        ],
        source: "by hand",
      },
      {
        inputs: [
          { dtype: "i32", shape: [3], data: [-7, 7, 5] },
          { dtype: "i32", shape: [3], data: [2, -2, 0] },
        ],
        outputs: [{ dtype: "i32", shape: [3], data: [-3, -3, 0] }],
        source: "by hand",
      },
    ],
  },
  rem: {
    summary: "The remainder of a division that truncates; it has the sign of the dividend.",
    equation: "z = x − y·trunc(x / y)",
    attributes: [],
    kinks: "jumps at multiples of y, where the gradient is that of the piece on which z = 0; integers: x rem 0 = 0",
    samples: [
      {
        inputs: [
          { shape: [2], data: [5.5, -5.5] },
          { shape: [2], data: [2, 2] },
        ],
        outputs: [{ shape: [2], data: [1.5, -1.5] }],
        gradients: [
          [1, 1],
          [-2, 2],
        ],
        source: "by hand",
      },
      {
        inputs: [
          { dtype: "i32", shape: [3], data: [-7, 7, 5] },
          { dtype: "i32", shape: [3], data: [2, -2, 0] },
        ],
        outputs: [{ dtype: "i32", shape: [3], data: [-1, 1, 0] }],
        source: "by hand",
      },
    ],
  },
};
