import { createNode } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { DTYPES } from "../shared/dtype.ts";
import { lifted } from "./batch.ts";
import type { LowerableOp } from "./form.ts";

/** The first operand, opaque to rewrites: what is computed from it is computed after the other operands, and anew. */
export const afterOp: LowerableOp = {
  name: "after",
  kind: "alias",
  nominal: false,
  commutative: false,
  operands: ["x", "awaited…"],
  dtypes: DTYPES,
  derivative: {
    equations: ["ȳ"],
    vjp: ({ node, cotangents }) => node.operands.map((_, k) => (k === 0 ? cotangents[0] : null)),
    jvp: ({ tangents }) => [tangents[0]],
  },
  batch: lifted(),
  inferTypes: ([{ dtype, shape }]) => [{ dtype, shape }],
  evaluate: ([x]) => [x],
  form: () => ({ form: "alias" }),
};

/** A value to compute from anew, once others have been computed. */
export const after = (x: Tensor, awaited: readonly Tensor[]): Tensor => createNode(afterOp, [x, ...awaited]).outputs[0];
