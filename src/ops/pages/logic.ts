import type { OpPage, OpPages } from "./page.ts";

const connective = (sign: string, summary: string, z: readonly number[]): OpPage => ({
  summary,
  equation: `z = x ${sign} y`,
  attributes: [],
  kinks: "none; not differentiable",
  samples: [
    {
      inputs: [
        { dtype: "bool", shape: [4], data: [0, 0, 1, 1] },
        { dtype: "bool", shape: [4], data: [0, 1, 0, 1] },
      ],
      outputs: [{ dtype: "bool", shape: [4], data: z }],
      source: "truth table",
    },
  ],
});

export const logic: OpPages = {
  and: connective("∧", "Whether both hold.", [0, 0, 0, 1]),
  or: connective("∨", "Whether at least one holds.", [0, 1, 1, 1]),
  xor: connective("⊕", "Whether exactly one holds.", [0, 1, 1, 0]),
  not: {
    summary: "Whether it does not hold.",
    equation: "y = ¬x",
    attributes: [],
    kinks: "none; not differentiable",
    samples: [
      {
        inputs: [{ dtype: "bool", shape: [2], data: [0, 1] }],
        outputs: [{ dtype: "bool", shape: [2], data: [1, 0] }],
        source: "truth table",
      },
    ],
  },
};
