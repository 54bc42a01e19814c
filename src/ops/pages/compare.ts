import type { OpPage, OpPages } from "./page.ts";

/** `z`: of [1, 2, 2] against [2, 2, 1]; `nan`: of NaN against a number. */
const comparison = (sign: string, words: string, z: readonly number[], nan = false): OpPage => ({
  summary: `Whether x ${words} y, elementwise.`,
  equation: `z = x ${sign} y`,
  attributes: [],
  kinks: `NaN: ${nan}; not differentiable`,
  samples: [
    {
      inputs: [
        { shape: [4], data: [1, 2, 2, Number.NaN] },
        { shape: [4], data: [2, 2, 1, 1] },
      ],
      outputs: [{ dtype: "bool", shape: [4], data: [...z, nan ? 1 : 0] }],
      source: "by hand",
    },
  ],
});

export const compare: OpPages = {
  eq: comparison("=", "equals", [0, 1, 0]),
  ne: comparison("≠", "differs from", [1, 0, 1], true),
  lt: comparison("<", "is less than", [1, 0, 0]),
  le: comparison("≤", "is at most", [1, 1, 0]),
  gt: comparison(">", "is greater than", [0, 0, 1]),
  ge: comparison("≥", "is at least", [0, 1, 1]),
};
