import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Scalar, Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import { type Dim, mulDims } from "../shared/dim.ts";
import type { DType, FloatDType } from "../shared/dtype.ts";
import { divOp, mulOp, subOp } from "./arithmetic.ts";
import { axesOf } from "./axes.ts";
import { cast } from "./cast.ts";
import { callError, make } from "./coerce.ts";
import { expand, otherAxes } from "./expand.ts";
import { rawMax, rawMin } from "./extremum.ts";
import { sqrtOp } from "./power.ts";
import { type ReduceOptions, reduceOver } from "./reduce-over.ts";
import { extent, scalarConstant } from "./source.ts";
import { rawSum } from "./sum.ts";

type Axes = number | readonly number[];

const VARIANCE_OPTIONS = ["keepDims", "correction"];

const countOf = (x: Tensor, axes: readonly number[]): Dim =>
  axes.reduce<Dim>((count, axis) => mulDims(count, x.shape[axis]), 1);

export const rawMean = (x: Tensor, axes: readonly number[]): Tensor =>
  axes.length === 0 ? x : make(divOp, rawSum(x, axes), extent(countOf(x, axes), x.dtype as FloatDType));

export function rawVariance(x: Tensor, axes: readonly number[], correction: number): Tensor {
  const centre = expand(rawMean(x, axes), x.shape, otherAxes(x.rank, axes));
  const off = make(subOp, x, centre);
  const n = countOf(x, axes);
  const float = x.dtype as FloatDType;
  const divisor =
    typeof n === "number" ? scalarConstant(n - correction, float) : make(subOp, extent(n, float), correction);
  return make(divOp, rawSum(make(mulOp, off, off), axes), divisor);
}

/**
 * The arithmetic mean over axes (default: of all elements).
 * @param axes one axis or several, negative ones count from the back
 * @param options.keepDims keeps the axes with size 1
 */
export function mean<D extends FloatDType>(x: Tensor<D>): Scalar<D>;
export function mean<D extends FloatDType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D>;
export function mean(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return reduceOver("mean", rawMean, x, axes, options);
}

export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the number of elements: 0 (default) for the variance, 1 for the estimate from a sample. */
  readonly correction?: number;
}

/**
 * The mean squared distance from the mean over axes (default: all).
 * @param options.correction 1 divides by n − 1
 */
export function variance<D extends FloatDType>(x: Tensor<D>): Scalar<D>;
export function variance<D extends FloatDType>(x: Tensor<D>, axes?: Axes, options?: VarianceOptions): Tensor<D>;
export function variance(x: Tensor, axes?: Axes, options?: VarianceOptions): Tensor {
  return varianceOver("variance", x, axes, options);
}

function varianceOver(name: string, x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor {
  checkOptions(name, options, VARIANCE_OPTIONS);
  const { correction = 0 } = options;
  if (!Number.isFinite(correction) || correction < 0) {
    throw callError("attribute", `${name}: the correction cannot be subtracted from a number of elements`, {
      expected: "a number from 0 on",
      received: describe(correction),
    });
  }
  return reduceOver(name, (t, dropped) => rawVariance(t, dropped, correction), x, axes, options, VARIANCE_OPTIONS);
}

/** The standard deviation: √variance. Its gradient is not finite where all elements are equal. */
export function std<D extends FloatDType>(x: Tensor<D>): Scalar<D>;
export function std<D extends FloatDType>(x: Tensor<D>, axes?: Axes, options?: VarianceOptions): Tensor<D>;
export function std(x: Tensor, axes?: Axes, options?: VarianceOptions): Tensor {
  return oneCall(() => {
    return make(sqrtOp, varianceOver("std", x, axes, options));
  });
}

function overBool(name: string, reduction: typeof rawMax, x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  checkTensors(name, { x });
  if (x.dtype !== "bool") {
    throw callError("dtype", `${name} takes bool`, { expected: "bool", received: x.dtype });
  }
  if (axesOf(name, axes, x.rank).length === 0) return x;
  return cast(reduceOver(name, reduction, cast(x, "u32"), axes, options), "bool");
}

/** Whether any element holds, over axes (default: all). */
export function any(x: Tensor<"bool">, axes?: Axes, options?: ReduceOptions): Tensor<"bool"> {
  return overBool("any", rawMax, x, axes, options) as Tensor<DType> as Tensor<"bool">;
}

/** Whether all elements hold, over axes (default: all). */
export function all(x: Tensor<"bool">, axes?: Axes, options?: ReduceOptions): Tensor<"bool"> {
  return overBool("all", rawMin, x, axes, options) as Tensor<DType> as Tensor<"bool">;
}
