import type { OpPage, OpPages } from "./page.ts";

const NONE = "none; not differentiable";
const COUNT = "the count is taken modulo 32; not differentiable";

/** `z`: u32 results of [12, 0x80000000] with [10, 1]. */
const bitwise = (sign: string, summary: string, kinks: string, z: readonly [number, number]): OpPage => ({
  summary,
  equation: `z = x ${sign} y`,
  attributes: [],
  kinks,
  samples: [
    {
      inputs: [
        { dtype: "u32", shape: [2], data: [12, 0x80000000] },
        { dtype: "u32", shape: [2], data: [10, 1] },
      ],
      outputs: [{ dtype: "u32", shape: [2], data: z }],
      source: "by hand",
    },
  ],
});

export const bits: OpPages = {
  bitAnd: bitwise("&", "The bits set in both integers.", NONE, [8, 0]),
  bitOr: bitwise("|", "The bits set in at least one of two integers.", NONE, [14, 0x80000001]),
  bitXor: bitwise("⊕", "The bits set in exactly one of two integers.", NONE, [6, 0x80000001]),
  shiftLeft: bitwise("<<", "The bits moved up; zeros come in.", COUNT, [12288, 0]),
  shiftRight: bitwise(
    ">>",
    "The bits moved down; copies of the sign come in for i32, zeros for u32.",
    COUNT,
    [0, 0x40000000],
  ),
  bitNot: {
    summary: "All bits inverted.",
    equation: "y = ~x",
    attributes: [],
    kinks: "none; not differentiable",
    samples: [
      {
        inputs: [{ dtype: "i32", shape: [2], data: [0, 5] }],
        outputs: [{ dtype: "i32", shape: [2], data: [-1, -6] }],
        source: "two's complement",
      },
    ],
  },
};
