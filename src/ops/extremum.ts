import type { DerivativeRule } from "../graph/op.ts";
import type { Scalar, Tensor } from "../graph/tensor.ts";
import { reduce, reducedAxes } from "../kinds/reduce.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import type { DType, FloatDType, NumericDType } from "../shared/dtype.ts";
import { divOp } from "./arithmetic.ts";
import { castOp } from "./cast.ts";
import { apply } from "./coerce.ts";
import { eqOp } from "./compare.ts";
import { expand, otherAxes } from "./expand.ts";
import { maximumOp } from "./maximum.ts";
import { type ReduceOptions, reduceOver } from "./reduce-over.ts";
import { whereOp } from "./select.ts";
import { onesLike, zerosLike } from "./source.ts";
import { rawSum } from "./sum.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

/** The least and the largest number of each dtype: the neutral elements of max and min. */
export const LEAST: Readonly<Record<DType, number>> = {
  f32: -Infinity,
  f64: -Infinity,
  i32: -(2 ** 31),
  u32: 0,
  bool: 0,
};
export const LARGEST: Readonly<Record<DType, number>> = {
  f32: Infinity,
  f64: Infinity,
  i32: 2 ** 31 - 1,
  u32: 2 ** 32 - 1,
  bool: 1,
};

/** In plain numbers, of lists of any length. */
export const largest = (values: readonly number[]): number =>
  values.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY);
export const smallest = (values: readonly number[]): number =>
  values.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY);

/** Where x attains its extremum y, and in how many places of each row. */
function attained(x: Tensor, y: Tensor, axes: readonly number[]): { at: Tensor; count: Tensor } {
  const at = apply(eqOp, [x, expand(y, x.shape, otherAxes(x.rank, axes))]);
  return { at, count: rawSum(apply(castOp, [at], { dtype: x.dtype }), axes) };
}

const shared: DerivativeRule = {
  equations: ["where(x = y, ȳ / number of ties, 0)"],
  vjp: ({ node, operands: [x], outputs: [y], cotangents: [cotangent] }) => {
    if (!cotangent) return [null];
    const axes = reducedAxes(node.attrs);
    const { at, count } = attained(x, y, axes);
    const share = expand(apply(divOp, [cotangent, count]), x.shape, otherAxes(x.rank, axes));
    return [apply(whereOp, [at, share, zerosLike(share)])];
  },
  jvp: ({ node, operands: [x], outputs: [y], tangents: [tangent] }) => {
    if (!tangent) return [null];
    const axes = reducedAxes(node.attrs);
    const { at, count } = attained(x, y, axes);
    const total = rawSum(apply(whereOp, [at, tangent, zerosLike(tangent)]), axes);
    // A NaN is attained nowhere: 0 ties share a total of 0.
    return [apply(divOp, [total, apply(maximumOp, [count, onesLike(count)])])];
  },
};

export const maxOp = reduce({
  name: "max",
  dtypes: NUMERIC,
  empty: false,
  states: dtype => [{ dtype, init: LEAST[dtype] }],
  element: x => [x],
  combine: ([a], [b]) => [s.max(a, b)],
  finish: ([y]) => y,
  reference: largest,
  derivative: shared,
  cost: 1,
});

export const minOp = reduce({
  name: "min",
  dtypes: NUMERIC,
  empty: false,
  states: dtype => [{ dtype, init: LARGEST[dtype] }],
  element: x => [x],
  combine: ([a], [b]) => [s.min(a, b)],
  finish: ([y]) => y,
  reference: smallest,
  derivative: shared,
  cost: 1,
});

/** The larger of two numbers; what is NaN does not count. */
const larger = (a: Expr, b: Expr): Expr => s.select(s.lt(a, b), b, a);

export const maxNumberOp = reduce({
  name: "maxNumber",
  dtypes: ["f32", "f64"],
  empty: false,
  states: dtype => [{ dtype, init: LEAST[dtype] }],
  element: x => [x],
  combine: ([a], [b]) => [larger(a, b)],
  finish: ([y]) => y,
  reference: values => largest(values.filter(x => !Number.isNaN(x))),
  derivative: shared,
  cost: 1,
});

/**
 * The largest element over axes (default: of all). NaN if there is one.
 * @param axes one axis or several, negative ones count from the back
 * @param options.keepDims keeps the axes with size 1
 * Ties share the gradient equally.
 */
export function max<D extends NumericDType>(x: Tensor<D>): Scalar<D>;
export function max<D extends NumericDType>(
  x: Tensor<D>,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor<D>;
export function max(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduceOver("max", rawMax, x, axes, options);
}

/** The smallest element over axes (default: of all). See max. */
export function min<D extends NumericDType>(x: Tensor<D>): Scalar<D>;
export function min<D extends NumericDType>(
  x: Tensor<D>,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor<D>;
export function min(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduceOver("min", rawMin, x, axes, options);
}

/**
 * The largest number over axes (default: of all), NaN left out (maximumNumber of IEEE 754-2019); −∞ if there is none.
 * Either zero where both are the largest. Cheaper than max. See max.
 */
export function maxNumber<D extends FloatDType>(x: Tensor<D>): Scalar<D>;
export function maxNumber<D extends FloatDType>(
  x: Tensor<D>,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor<D>;
export function maxNumber(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduceOver("maxNumber", rawMaxNumber, x, axes, options);
}

/** The largest element over increasing axes, which are dropped. */
export const rawMax = (x: Tensor, axes: readonly number[]): Tensor => apply(maxOp, [x], { axes });
/** The smallest element over increasing axes, which are dropped. */
export const rawMin = (x: Tensor, axes: readonly number[]): Tensor => apply(minOp, [x], { axes });
/** The largest number over increasing axes, which are dropped. */
export const rawMaxNumber = (x: Tensor, axes: readonly number[]): Tensor => apply(maxNumberOp, [x], { axes });
