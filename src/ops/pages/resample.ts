import type { OpPages } from "./page.ts";

export const resample: OpPages = {
  resample: {
    summary: "Sums of a few elements along an axis with fixed weights: interpolation, and means over uneven bins.",
    equation: "y[o] = Σ over t < taps of weights[o·taps + t]·x[positions[o·taps + t]]",
    attributes: [
      { name: "axis", type: "axis", meaning: "along which elements are taken" },
      { name: "taps", type: "integer", meaning: "elements of x for each of the result" },
      { name: "positions", type: "integer list", meaning: "where they stand, taps for each element of the result" },
      { name: "weights", type: "number list", meaning: "what they are multiplied by" },
    ],
    kinks: "none; a weight of 0 times an infinite element is NaN",
    samples: [
      {
        inputs: [{ shape: [3], data: [1, 2, 4] }],
        attrs: { axis: 0, taps: 2, positions: [0, 0, 0, 1, 1, 2, 2, 2], weights: [1, 0, 0.25, 0.75, 0.5, 0.5, 1, 0] },
        outputs: [{ shape: [4], data: [1, 1.75, 3, 4] }],
        gradients: [[1.25, 1.25, 1.5]],
        source: "by hand",
      },
    ],
  },
};
