import { REDUCED_AXIS } from "./attributes.ts";
import type { OpPage, OpPages } from "./page.ts";

/** `at`: the place of the first winner in [1, 3, 3]. */
const argExtremum = (name: "max" | "min", word: string, at: number): OpPage => ({
  summary: `Where the ${word} element stands along an axis.`,
  equation: `y = arg ${name} x`,
  attributes: [REDUCED_AXIS],
  kinks: "the first of equals; NaN counts as the winner, as in NumPy; not differentiable",
  samples: [
    {
      inputs: [{ shape: [2, 3], data: [1, 3, 3, Number.NaN, 1, Number.NaN] }],
      attrs: { axis: 1 },
      outputs: [{ dtype: "i32", shape: [2], data: [at, 0] }],
      source: "by hand",
    },
  ],
});

export const argmax: OpPages = {
  argmax: argExtremum("max", "largest", 1),
  argmin: argExtremum("min", "smallest", 0),
};
