import type { OpPages } from "../page.ts";

export const pinv: OpPages = {
  pinv: {
    summary: "The pseudo-inverse of Moore and Penrose.",
    equation: "p = V·diag(s⁺)·Uᵀ, s⁺ = 1/s where s > cutoff·max s, else 0",
    attributes: [
      { name: "cutoff", type: "number", meaning: "singular values up to this share of the largest count as 0" },
    ],
    kinks: "jumps where a singular value passes the cutoff; the gradient is that of changes that keep the rank",
    samples: [
      {
        inputs: [{ shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }],
        attrs: { cutoff: 1e-6 },
        outputs: [
          {
            shape: [2, 3],
            data: [-1.3333333333, -0.3333333333, 0.6666666667, 1.0833333333, 0.3333333333, -0.4166666667],
          },
        ],
        gradients: [[-0.25, 0.25, 0, 0, 0.25, -0.25]],
        tolerance: 1e-5,
        source: "JAX 0.10",
      },
      {
        inputs: [{ shape: [2, 2], data: [2, 0, 0, 0] }],
        attrs: { cutoff: 1e-6 },
        outputs: [{ shape: [2, 2], data: [0.5, 0, 0, 0] }],
        source: "by hand",
      },
    ],
  },
};
