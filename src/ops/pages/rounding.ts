import type { OpPage, OpPages } from "./page.ts";

/** `y`: of [−1.5, −0.3, 0.5, 1.5, 2.5, 3]. */
const step = (summary: string, equation: string, y: readonly number[]): OpPage => ({
  summary,
  equation,
  attributes: [],
  kinks: "the gradient is 0 everywhere, at the steps too",
  samples: [
    {
      inputs: [{ shape: [6], data: [-1.5, -0.3, 0.5, 1.5, 2.5, 3] }],
      outputs: [{ shape: [6], data: y }],
      gradients: [[0, 0, 0, 0, 0, 0]],
      source: "by hand",
    },
  ],
});

export const rounding: OpPages = {
  floor: step("The largest integer that is not larger.", "y = ⌊x⌋", [-2, -1, 0, 1, 2, 3]),
  ceil: step("The smallest integer that is not smaller.", "y = ⌈x⌉", [-1, 0, 1, 2, 3, 3]),
  trunc: step("The integer part.", "y = sign(x)·⌊|x|⌋", [-1, 0, 0, 1, 2, 3]),
  round: step("The nearest integer, ties to even.", "y = nearest integer to x", [-2, 0, 0, 2, 2, 3]),
  abs: {
    summary: "The absolute value, elementwise.",
    equation: "y = |x|",
    attributes: [],
    kinks: "the gradient at 0 is 0; |−2³¹| wraps to −2³¹",
    samples: [
      {
        inputs: [{ shape: [3], data: [-2, 0, 3] }],
        outputs: [{ shape: [3], data: [2, 0, 3] }],
        gradients: [[-1, 0, 1]],
        source: "by hand",
      },
    ],
  },
  sign: {
    summary: "−1, 0 or 1 as x is negative, zero or positive.",
    equation: "y = x / |x|, 0 at 0",
    attributes: [],
    kinks: "the gradient is 0 everywhere, at 0 too; ±0 and NaN stay",
    samples: [
      {
        inputs: [{ shape: [3], data: [-2, 0, 3] }],
        outputs: [{ shape: [3], data: [-1, 0, 1] }],
        gradients: [[0, 0, 0]],
        source: "by hand",
      },
    ],
  },
};
