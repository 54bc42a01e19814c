import type { AttributeDoc, OpPages, Sample } from "./page.ts";

const ATTRIBUTES: readonly AttributeDoc[] = [
  { name: "axis", type: "axis", meaning: "along which the fold runs" },
  { name: "reverse", type: "boolean", meaning: "from the last element to the first" },
];

const KINKS =
  "the cotangent goes to the element that attained the extremum first, in the direction of the fold; from a NaN on " +
  "results are NaN and its position";

const sample = (
  x: readonly number[],
  reverse: boolean,
  values: readonly number[],
  indices: readonly number[],
  gradient: readonly number[],
): Sample => ({
  inputs: [{ shape: [x.length], data: x }],
  attrs: { axis: 0, reverse },
  outputs: [
    { shape: [x.length], data: values },
    { dtype: "i32", shape: [x.length], data: indices },
  ],
  gradients: [gradient],
  source: "by hand",
});

export const cumulativeExtremum: OpPages = {
  cummax: {
    summary: "The largest element so far along an axis, and where it stands.",
    equation: "values[j] = max x[i], i ≤ j (i ≥ j where reverse)",
    attributes: ATTRIBUTES,
    kinks: KINKS,
    samples: [
      sample([1, 3, 2, 3, 5], false, [1, 3, 3, 3, 5], [0, 1, 1, 1, 4], [1, 3, 0, 0, 1]),
      sample([1, 3, 2, 3, 0], true, [3, 3, 3, 3, 0], [3, 3, 3, 3, 4], [0, 0, 0, 4, 1]),
      sample([2, Number.NaN, 9], false, [2, Number.NaN, Number.NaN], [0, 1, 1], [1, 2, 0]),
    ],
  },
  cummin: {
    summary: "The smallest element so far along an axis, and where it stands.",
    equation: "values[j] = min x[i], i ≤ j (i ≥ j where reverse)",
    attributes: ATTRIBUTES,
    kinks: KINKS,
    samples: [
      sample([4, 2, 3, 2, 1], false, [4, 2, 2, 2, 1], [0, 1, 1, 1, 4], [1, 3, 0, 0, 1]),
      {
        inputs: [{ dtype: "i32", shape: [2, 2], data: [3, -1, 3, -2] }],
        attrs: { axis: 0, reverse: true },
        outputs: [
          { dtype: "i32", shape: [2, 2], data: [3, -2, 3, -2] },
          { dtype: "i32", shape: [2, 2], data: [1, 1, 1, 1] },
        ],
        source: "by hand",
      },
    ],
  },
};
