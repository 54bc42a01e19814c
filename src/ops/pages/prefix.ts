import { FOLD } from "./attributes.ts";
import type { OpPages } from "./page.ts";

export const prefix: OpPages = {
  cumsum: {
    summary: "Running sums along an axis.",
    equation: "y[j] = Σ x[i], i ≤ j (i < j where exclusive, from the end where reverse)",
    kinks: "none",
    attributes: FOLD,
    samples: [
      {
        inputs: [{ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { axis: 1, reverse: false, exclusive: false },
        outputs: [{ shape: [2, 3], data: [1, 3, 6, 4, 9, 15] }],
        gradients: [[3, 2, 1, 3, 2, 1]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { axis: 0, reverse: true, exclusive: false },
        outputs: [{ shape: [2, 3], data: [5, 7, 9, 4, 5, 6] }],
        gradients: [[1, 1, 1, 2, 2, 2]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [3], data: [1, 2, 3] }],
        attrs: { axis: 0, reverse: false, exclusive: true },
        outputs: [{ shape: [3], data: [0, 1, 3] }],
        gradients: [[2, 1, 0]],
        source: "by hand",
      },
    ],
  },
  cumprod: {
    summary: "Running products along an axis.",
    equation: "y[j] = Π x[i], i ≤ j (i < j where exclusive, from the end where reverse)",
    kinks: "none; the gradient is right with any number of zeros",
    attributes: FOLD,
    samples: [
      {
        inputs: [{ shape: [2, 3], data: [2, 3, 4, 5, 0, 7] }],
        attrs: { axis: 1, reverse: false, exclusive: false },
        outputs: [{ shape: [2, 3], data: [2, 6, 24, 5, 0, 0] }],
        gradients: [[16, 10, 6, 1, 40, 0]],
        source: "by hand",
      },
      {
        inputs: [{ shape: [4], data: [0, 3, 0, 2] }],
        attrs: { axis: 0, reverse: true, exclusive: true },
        outputs: [{ shape: [4], data: [0, 0, 2, 1] }],
        gradients: [[0, 0, 8, 1]],
        source: "by hand: y = (x₁x₂x₃, x₂x₃, x₃, 1)",
      },
      {
        inputs: [{ dtype: "i32", shape: [3], data: [65536, 65537, 3] }],
        attrs: { axis: 0, reverse: false, exclusive: false },
        outputs: [{ dtype: "i32", shape: [3], data: [65536, 65536, 196608] }],
        source: "by hand: wraps at 2³²",
      },
    ],
  },
  logcumsumexp: {
    summary: "Running log-sum-exp along an axis, without overflow.",
    equation: "y[j] = ln Σ eˣ⁽ⁱ⁾, i ≤ j (i < j where exclusive, from the end where reverse)",
    kinks: "none; where all elements so far are −∞, so is the result",
    attributes: FOLD,
    samples: [
      {
        inputs: [{ dtype: "f64", shape: [3], data: [0, Math.log(3), Math.log(4)] }],
        attrs: { axis: 0, reverse: false, exclusive: false },
        outputs: [{ dtype: "f64", shape: [3], data: [0, Math.log(4), Math.log(8)] }],
        gradients: [[1 + 1 / 4 + 1 / 8, 3 / 4 + 3 / 8, 1 / 2]],
        source: "by hand",
      },
      {
        inputs: [{ dtype: "f64", shape: [4], data: [Number.NEGATIVE_INFINITY, 1000, -1000, 1000] }],
        attrs: { axis: 0, reverse: false, exclusive: true },
        outputs: [{ dtype: "f64", shape: [4], data: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 1000, 1000] }],
        gradients: [[1, 2, 0, 0]],
        source: "by hand",
      },
    ],
  },
};
