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
    ],
    kinks: "those of the body",
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
