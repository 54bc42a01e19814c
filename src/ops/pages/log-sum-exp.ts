import { REDUCED_AXES } from "./attributes.ts";
import type { OpPages } from "./page.ts";

export const logSumExp: OpPages = {
  logSumExp: {
    summary: "The logarithm of the sum of exponentials over axes, without overflow.",
    equation: "y = ln Σ eˣ = m + ln Σ e^(x − m), m the largest x",
    kinks: "−∞ where all x are −∞, with gradient 0; NaN in, NaN out",
    attributes: [REDUCED_AXES],
    samples: [
      {
        inputs: [{ dtype: "f64", shape: [2, 2], data: [0, Math.log(3), 1000, 1000] }],
        attrs: { axes: [1] },
        outputs: [{ dtype: "f64", shape: [2], data: [Math.log(4), 1000 + Math.LN2] }],
        gradients: [[0.25, 0.75, 0.5, 0.5]],
        tolerance: 1e-12,
        source: "mathematics",
      },
      {
        inputs: [{ shape: [2], data: [-Infinity, -Infinity] }],
        attrs: { axes: [0] },
        outputs: [{ shape: [], data: [-Infinity] }],
        gradients: [[0, 0]],
        source: "mathematics",
      },
    ],
  },
};
