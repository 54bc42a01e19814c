import type { OpPages } from "./page.ts";

export const region: OpPages = {
  scan: {
    summary: "A loop that threads carries through a body and stacks what the body gives out.",
    equation: "cₜ₊₁, yₜ = body(cₜ, xₜ) for t = 0 … length − 1",
    attributes: [
      { name: "carries", type: "integer", meaning: "how many operands are initial carries" },
      { name: "sequences", type: "integer", meaning: "how many operands are cut along their first axis" },
      { name: "captures", type: "integer", meaning: "how many operands are the same in every step" },
      { name: "length", type: "size", meaning: "the number of steps" },
      { name: "reverse", type: "boolean", meaning: "from the last slice to the first" },
      { name: "checkpoint", type: "boolean", meaning: "derivatives save the carries only and repeat the body" },
      {
        name: "counted",
        type: "boolean",
        meaning: "the first capture is the number of steps, where it is less than length",
        default: "false",
      },
    ],
    kinks: "those of the body",
    samples: [],
  },
  while: {
    summary: "A loop that goes on while a condition on its carries holds.",
    equation: "cₜ₊₁, yₜ = body(cₜ) for t = 0, 1 … while condition(cₜ)",
    attributes: [
      { name: "carries", type: "integer", meaning: "how many operands are initial carries" },
      { name: "sequences", type: "integer", meaning: "0: a step reads carries and captures only" },
      { name: "captures", type: "integer", meaning: "how many operands are the same in every step" },
      { name: "length", type: "size", meaning: "the most steps; gradients need it", default: "no bound" },
      { name: "reverse", type: "boolean", meaning: "false" },
      { name: "checkpoint", type: "boolean", meaning: "derivatives save the carries only and repeat the body" },
      { name: "counted", type: "boolean", meaning: "the last carry counts the steps, for gradients", default: "false" },
    ],
    kinks: "the number of steps counts as constant; else those of the body",
    samples: [],
  },
  cond: {
    summary: "One of two values, of which only the chosen one is computed.",
    equation: "y = then(captures) where the condition holds, else otherwise(captures)",
    attributes: [],
    kinks: "the condition counts as constant; else those of the chosen body",
    samples: [],
  },
};
