import { checkOptions, checkTensors } from "../graph/arguments.ts";
import type { DerivativeRule } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { make } from "../kinds/linear-helpers.ts";
import { prefix, prefixAttrs } from "../kinds/prefix.ts";
import * as s from "../loop/build.ts";
import { isFloat, type NumericDType } from "../shared/dtype.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

/** Linear, so that the transpose is the sum from the other end. */
const cumsumRule: DerivativeRule = {
  equations: ["the sum of ȳ from the other end"],
  vjp: ({ node, operands: [x], cotangents: [cotangent] }) => {
    const attrs = prefixAttrs(node.attrs);
    return [cotangent && isFloat(x.dtype) ? make(cumsumOp, [cotangent], { ...attrs, reverse: !attrs.reverse }) : null];
  },
  jvp: ({ node, tangents: [tangent] }) => [tangent && make(cumsumOp, [tangent], node.attrs)],
};

export const cumsumOp = prefix({
  name: "cumsum",
  dtypes: NUMERIC,
  neutral: () => 0,
  combine: s.add,
  reference: (state, x, dtype) => (isFloat(dtype) ? state + x : (state + x) | 0),
  derivative: cumsumRule,
});

/**
 * Running sums along an axis: y[j] = x[0] + … + x[j].
 * @param axis counted from the back where negative; default the last
 * @param options.reverse sum from the last element to the first
 * @param options.exclusive leave out the element itself, so that the first result is 0
 * @throws GradcError `attribute` where x has no such axis
 */
export function cumsum<D extends NumericDType>(
  x: Tensor<D>,
  axis = -1,
  options: { readonly reverse?: boolean; readonly exclusive?: boolean } = {},
): Tensor<D> {
  checkTensors("cumsum", { x });
  checkOptions("cumsum", options, ["reverse", "exclusive"]);
  const attrs = { axis: axisOf("cumsum", axis, x.rank), reverse: !!options.reverse, exclusive: !!options.exclusive };
  return apply(cumsumOp, [x], attrs) as Tensor<D>;
}
