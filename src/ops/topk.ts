import { checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted, shiftAxes } from "../kinds/batch.ts";
import { checkAxis, checkDType } from "../kinds/linear-helpers.ts";
import { routine } from "../kinds/routine.ts";
import type { NumericDType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType } from "../shared/shape.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";
import { pickedRule, pickOrdered } from "./picked.ts";
import { topKLoops } from "./topk-loops.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;
const axisIn = (attrs: Attrs): number => attrs.axis as number;
const countIn = (attrs: Attrs): number => attrs.k as number;

export const topKOp = routine({
  name: "topK",
  operands: ["x"],
  dtypes: NUMERIC,
  inferTypes: ([x], attrs) => {
    checkDType("topK", x, NUMERIC);
    checkAxis("topK", x, attrs.axis);
    const k = countIn(attrs);
    const size = x.shape[attrs.axis];
    if (typeof size !== "number") {
      throw new GradcError("unsupported", "topK: the axis has a size that is known at the call only", {
        expected: "an axis of fixed size",
        received: formatType(x),
        mend: "Take another axis, or give this one a number for its size.",
      });
    }
    if (!Number.isInteger(k) || k < 1 || k > size) {
      throw new GradcError("attribute", `topK: cannot take ${k} of ${size} elements`, {
        expected: `a whole number from 1 to ${size}`,
        received: `k = ${k} on ${formatType(x)}`,
      });
    }
    const shape = x.shape.with(attrs.axis, k);
    return [
      { dtype: x.dtype, shape },
      { dtype: "i32", shape },
    ];
  },
  evaluate: ([x], attrs) => pickOrdered(x, axisIn(attrs), countIn(attrs), true),
  build: (node, fresh) => topKLoops(node, axisIn(node.attrs), countIn(node.attrs), fresh),
  cost: 10,
  batch: lifted(shiftAxes),
  derivative: pickedRule,
});

/**
 * The k largest elements along an axis, in descending order, and their positions. Ties go to the lowest index; NaN
 * counts as larger than every number.
 * @param k 1 … size of the axis
 * @param axis of fixed size, counted from the back where negative; default the last
 * @returns values of x's dtype and i32 indices, both with k elements along the axis. The gradient of the values goes to
 * the elements they came from.
 * @throws GradcError `attribute` for a k or an axis out of range
 */
export function topK<D extends NumericDType>(
  x: Tensor<D>,
  k: number,
  axis = -1,
): { readonly values: Tensor<D>; readonly indices: Tensor<"i32"> } {
  checkTensors("topK", { x });
  const [values, indices] = apply(topKOp, [x], { k, axis: axisOf("topK", axis, x.rank) }).node.outputs;
  return { values: values as Tensor<D>, indices: indices as Tensor<"i32"> };
}
