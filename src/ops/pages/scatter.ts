import { CLAMPED } from "./attributes.ts";
import type { AttributeDoc, OpPages } from "./page.ts";

const ATTRIBUTES: readonly AttributeDoc[] = [
  { name: "axis", type: "axis", meaning: "the axis of the result that the indices count along" },
  { name: "size", type: "size", meaning: "the size of that axis" },
];

const INDICES = { dtype: "i32", shape: [5], data: [2, 0, 2, 0, 2] } as const;

export const scatter: OpPages = {
  scatterLast: {
    summary: "The last update that comes to each position, or −1: what scatterSet keeps.",
    equation: "y[p] = max { k : indices[k] = p }, along one axis",
    attributes: ATTRIBUTES,
    kinks: `${CLAMPED}; not differentiable`,
    samples: [
      {
        inputs: [INDICES],
        attrs: { axis: 0, size: 4 },
        outputs: [{ dtype: "i32", shape: [4], data: [3, -1, 4, -1] }],
        source: "by hand",
      },
      {
        inputs: [{ dtype: "i32", shape: [2, 2], data: [0, 1, 0, 0] }],
        attrs: { axis: 0, size: 2 },
        outputs: [{ dtype: "i32", shape: [2, 2], data: [1, 1, -1, 0] }],
        source: "by hand",
      },
    ],
  },
  scatterArgmax: {
    summary: "The largest of the updates that come to each position, as its place among them, or −1.",
    equation: "y[p] = argmax over { k : indices[k] = p } of updates[k], along one axis",
    attributes: ATTRIBUTES,
    kinks: `the first of equals; NaN counts as largest; ${CLAMPED}; not differentiable`,
    samples: [
      {
        inputs: [INDICES, { shape: [5], data: [1, Number.NaN, 3, 7, 3] }],
        attrs: { axis: 0, size: 4 },
        outputs: [{ dtype: "i32", shape: [4], data: [1, -1, 2, -1] }],
        source: "by hand",
      },
    ],
  },
  scatterArgmin: {
    summary: "The smallest of the updates that come to each position, as its place among them, or −1.",
    equation: "y[p] = argmin over { k : indices[k] = p } of updates[k], along one axis",
    attributes: ATTRIBUTES,
    kinks: `the first of equals; NaN counts as smallest; ${CLAMPED}; not differentiable`,
    samples: [
      {
        inputs: [INDICES, { shape: [5], data: [1, 5, 1, 2, 3] }],
        attrs: { axis: 0, size: 4 },
        outputs: [{ dtype: "i32", shape: [4], data: [3, -1, 0, -1] }],
        source: "by hand",
      },
    ],
  },
};
