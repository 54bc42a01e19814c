import type { Scalar, Tensor } from "../graph/tensor.ts";
import { reduce, reducedAxes } from "../kinds/reduce.ts";
import * as s from "../loop/build.ts";
import { type DType, isFloat, type NumericDType } from "../shared/dtype.ts";
import { apply } from "./coerce.ts";
import { expand, otherAxes } from "./expand.ts";
import { type ReduceOptions, reduceOver } from "./reduce-over.ts";

export const sumOp = reduce({
  name: "sum",
  dtypes: ["f32", "f64", "i32", "u32"],
  empty: true,
  states: dtype => [{ dtype, init: 0 }],
  element: x => [x],
  combine: ([a], [b]) => [s.add(a, b)],
  finish: ([total]) => total,
  reference: (values, dtype) => values.reduce((a, b) => (isFloat(dtype) ? a + b : (a + b) | 0), 0),
  derivative: {
    equations: ["expand(ȳ)"],
    vjp: ({ node, cotangents: [cotangent] }) => {
      const [x] = node.operands;
      return [cotangent && expand(cotangent, x.shape, otherAxes(x.rank, reducedAxes(node.attrs)))];
    },
    jvp: ({ node, tangents: [tangent] }) => [tangent && rawSum(tangent, reducedAxes(node.attrs))],
  },
  cost: 1,
});

/** Σ over `axes` (increasing), which are dropped; x itself for no axes. */
export const rawSum = <D extends DType>(x: Tensor<D>, axes: readonly number[]): Tensor<D> =>
  axes.length === 0 ? x : (apply(sumOp, [x], { axes }) as Tensor<D>);

/**
 * The sum over axes; of all elements when none are named. Integers wrap.
 * @param axes one axis or several, negative ones count from the back
 * @param options.keepDims keeps the axes with size 1
 */
export function sum<D extends NumericDType>(x: Tensor<D>): Scalar<D>;
export function sum<D extends NumericDType>(
  x: Tensor<D>,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor<D>;
export function sum(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduceOver("sum", rawSum, x, axes, options);
}
