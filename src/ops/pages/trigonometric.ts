import { type OpPages, sampleOf } from "./page.ts";

const { PI } = Math;
const root = Math.sqrt(3);

export const trigonometric: OpPages = {
  asin: {
    summary: "The inverse of the sine, in −π/2 … π/2.",
    equation: "sin y = x",
    attributes: [],
    kinks: "±π/2 at ±1 with gradient ∞; NaN outside",
    samples: [sampleOf([0, 0.5, -0.5], [0, PI / 6, -PI / 6], [1, 2 / root, 2 / root], "mathematics")],
  },
  acos: {
    summary: "The inverse of the cosine, in 0 … π.",
    equation: "cos y = x",
    attributes: [],
    kinks: "π and 0 at ∓1 with gradient −∞; NaN outside",
    samples: [sampleOf([0, 0.5, -0.5], [PI / 2, PI / 3, (2 * PI) / 3], [-1, -2 / root, -2 / root], "mathematics")],
  },
  atan: {
    summary: "The inverse of the tangent, in −π/2 … π/2.",
    equation: "tan y = x",
    attributes: [],
    kinks: "none",
    samples: [sampleOf([0, 1, -root], [0, PI / 4, -PI / 3], [1, 0.5, 0.25], "mathematics")],
  },
  atan2: {
    summary: "The angle of the point (x, y) in −π … π, by its quadrant.",
    equation: "tan z = y / x",
    attributes: [],
    kinks:
      "zeros and infinities as in IEEE 754; jumps by 2π where y changes its sign at x < 0; gradients 0 at the origin",
    samples: [
      {
        inputs: [
          { dtype: "f64", shape: [4], data: [1, 1, -2, 0] },
          { dtype: "f64", shape: [4], data: [1, -1, 0, 0] },
        ],
        outputs: [{ dtype: "f64", shape: [4], data: [PI / 4, (3 * PI) / 4, -PI / 2, 0] }],
        gradients: [
          [0.5, -0.5, 0, 0],
          [-0.5, -0.5, 0.5, 0],
        ],
        tolerance: 1e-12,
        source: "by hand",
      },
    ],
  },
};
