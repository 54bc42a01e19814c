import { checkDtype, checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted } from "../kinds/batch.ts";
import { indexed } from "../kinds/indexed.ts";
import * as s from "../loop/build.ts";
import { allocate, DTYPES, type DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { apply } from "./coerce.ts";
import { constantBounds } from "./index-bounds.ts";

const depthIn = (attrs: Attrs): number => attrs.depth as number;

export const oneHotOp = indexed({
  name: "oneHot",
  operands: ["indices"],
  dtypes: ["i32"],
  indices: 0,
  inferType: ([indices], attrs) => {
    const depth = depthIn(attrs);
    if (!Number.isInteger(depth) || depth < 1) {
      throw new GradcError("attribute", "oneHot: the depth is not a size", {
        expected: "a positive integer",
        received: String(depth),
      });
    }
    if (!DTYPES.includes(attrs.dtype as DType)) {
      throw new GradcError("attribute", "oneHot: not a dtype", {
        expected: DTYPES.join(", "),
        received: String(attrs.dtype),
      });
    }
    return { dtype: attrs.dtype as DType, shape: [...indices.shape, depth] };
  },
  below: (_operands, attrs) => depthIn(attrs),
  evaluate: ([indices], attrs, { dtype }) => {
    const depth = depthIn(attrs);
    const data = allocate(dtype, indices.data.length * depth);
    indices.data.forEach((label, k) => {
      if (label >= 0 && label < depth) data[k * depth + label] = 1;
    });
    return data;
  },
  at: (node, index, read) => {
    const { dtype } = node.outputs[0];
    const hit = s.eq(read(0, index.slice(0, -1)), index[index.length - 1]);
    return dtype === "bool" ? hit : s.select(hit, s.literal(dtype, 1), s.literal(dtype, 0));
  },
  derivative: null,
  batch: lifted(),
});

/**
 * A row of zeros with a one at each index: i32 [...] → [..., depth].
 * @param depth the number of classes; 0 ≤ index < depth
 * @param dtype of the result, f32 by default
 * @throws GradcError `attribute`, `dtype`, `input-range` (constant indices out of range)
 */
export function oneHot<D extends DType = "f32">(indices: Tensor<"i32">, depth: number, dtype?: D): Tensor<NoInfer<D>> {
  checkTensors("oneHot", { indices });
  if (dtype !== undefined) checkDtype("oneHot", dtype);
  const y = apply(oneHotOp, [indices], { depth, dtype: dtype ?? "f32" });
  constantBounds(y.node);
  return y as Tensor<D>;
}
