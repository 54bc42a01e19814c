import type { OpPages } from "./page.ts";

export const pad: OpPages = {
  pad: {
    summary: "Puts a value around the elements of a tensor and between them; with value 0 the transpose of slice.",
    equation: "y[low + i·(interior + 1)] = x[i], elsewhere value",
    attributes: [
      { name: "low", type: "size list", meaning: "elements in front, per axis" },
      { name: "high", type: "size list", meaning: "elements behind, per axis" },
      { name: "interior", type: "integer list", meaning: "elements between neighbours, per axis" },
      { name: "value", type: "number", meaning: "what is put there" },
    ],
    kinks: "none",
    samples: [
      {
        inputs: [{ shape: [2], data: [5, 6] }],
        attrs: { low: [1], high: [2], interior: [1], value: 9 },
        outputs: [{ shape: [6], data: [9, 5, 9, 6, 9, 9] }],
        gradients: [[1, 1]],
        source: "by hand",
      },
    ],
  },
};
