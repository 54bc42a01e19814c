import type { Scalar, Tensor } from "../graph/tensor.ts";
import { reduce, reducedAxes } from "../kinds/reduce.ts";
import * as s from "../loop/build.ts";
import { expNonPositive } from "../loop/functions/exponential.ts";
import { log as logFunction } from "../loop/functions/logarithm.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { mulOp, subOp } from "./arithmetic.ts";
import { apply, make } from "./coerce.ts";
import { eqOp } from "./compare.ts";
import { expand, otherAxes } from "./expand.ts";
import { largest } from "./extremum.ts";
import { scalarCall } from "./float-function.ts";
import { type ReduceOptions, reduceOver } from "./reduce-over.ts";
import { whereOp } from "./select.ts";
import { zerosLike } from "./source.ts";
import { rawSum } from "./sum.ts";
import { expOp } from "./transcendental.ts";

const exp = scalarCall(expNonPositive);

/** ∂y/∂x = e^(x − y): the softmax. Where y is −∞ all x are, and the shares are 0. */
function softmax(x: Tensor, y: Tensor, axes: readonly number[]): Tensor {
  const safe = make(whereOp, make(eqOp, y, -Infinity), zerosLike(y), y);
  return make(expOp, make(subOp, x, expand(safe, x.shape, otherAxes(x.rank, axes))));
}

export const logSumExpOp = reduce({
  name: "logSumExp",
  dtypes: ["f32", "f64"],
  empty: true,
  // (m, Σ e^(x − m)), in one pass: when m grows, the sum is scaled.
  states: dtype => [
    { dtype, init: -Infinity },
    { dtype, init: 0 },
  ],
  element: x => [x, s.literal(x.dtype, 1)],
  combine: ([m, sum], [n, other]) => {
    // The part with the smaller maximum is scaled. Equal maxima keep their sums: ∞ − ∞ would be NaN.
    const distance = s.unary("neg", s.unary("abs", s.sub(m, n)));
    const scale = s.select(s.eq(m, n), s.literal(m.dtype, 1), exp(distance));
    const grows = s.lt(m, n);
    const scaled = s.mul(s.select(grows, sum, other), scale);
    // A NaN is not the larger one; it is in the sum.
    return [s.select(grows, n, m), s.add(s.select(grows, other, sum), scaled)];
  },
  finish: ([m, sum]) => s.add(m, scalarCall(logFunction)(sum)),
  reference: values => {
    const m = largest(values);
    if (!Number.isFinite(m)) return m;
    return m + Math.log(values.reduce((sum, x) => sum + Math.exp(x - m), 0));
  },
  derivative: {
    equations: ["ȳ·e^(x − y)"],
    vjp: ({ node, operands: [x], outputs: [y], cotangents: [cotangent] }) => {
      const axes = reducedAxes(node.attrs);
      return [cotangent && make(mulOp, expand(cotangent, x.shape, otherAxes(x.rank, axes)), softmax(x, y, axes))];
    },
    jvp: ({ node, operands: [x], outputs: [y], tangents: [tangent] }) => {
      const axes = reducedAxes(node.attrs);
      return [tangent && rawSum(make(mulOp, tangent, softmax(x, y, axes)), axes)];
    },
  },
  cost: 22,
});

const rawLogSumExp = (x: Tensor, axes: readonly number[]): Tensor => apply(logSumExpOp, [x], { axes });

/**
 * ln Σ eˣ over axes (default: all), without overflow. Its gradient is the softmax.
 * @param axes one axis or several, negative ones count from the back
 * @param options.keepDims keeps the axes with size 1
 */
export function logSumExp<D extends FloatDType>(x: Tensor<D>): Scalar<D>;
export function logSumExp<D extends FloatDType>(
  x: Tensor<D>,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor<D>;
export function logSumExp(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduceOver("logSumExp", rawLogSumExp, x, axes, options);
}
