import { checkOptions, checkSizes, checkTensors } from "../graph/arguments.ts";
import type { Op } from "../graph/op.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Dim } from "../shared/dim.ts";
import type { DType, FloatDType, NumericDType } from "../shared/dtype.ts";
import { formatType, shapeEquals, sizeOf } from "../shared/shape.ts";
import { divOp } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { apply, callError, make } from "./coerce.ts";
import { expand } from "./expand.ts";
import { LARGEST, LEAST } from "./extremum.ts";
import { gatherAlongOp, scatterAdd } from "./gather.ts";
import { maximumOp } from "./maximum.ts";
import { flattened, isNone, winnersOf } from "./scatter.ts";
import { scatterArgmaxOp, scatterArgminOp } from "./scatter-winners.ts";
import { whereOp } from "./select.ts";
import { fill } from "./source.ts";

export interface SegmentOptions {
  /** How many segments: the size of the result's axis. */
  readonly segments: Dim;
  /** Where the ids' axes begin; default the first. */
  readonly axis?: number;
}

interface Segments {
  readonly axis: number;
  readonly size: Dim;
}

function segmentsOf(name: string, x: Tensor, ids: Tensor<"i32">, options: SegmentOptions): Segments {
  checkTensors(name, { x, ids });
  checkOptions(name, options, ["segments", "axis"]);
  checkSizes(name, [options.segments]);
  const axis = axisOf(name, options.axis ?? 0, x.rank);
  if (ids.dtype !== "i32" || !shapeEquals(x.shape.slice(axis, axis + ids.rank), ids.shape)) {
    throw callError("shape", `${name}: the ids do not fit`, {
      expected: `an i32 id for each slice of ${formatType(x)} from axis ${axis} on`,
      received: formatType(ids),
    });
  }
  return { axis, size: options.segments };
}

/**
 * Sums of the slices of x that have the same id (jax.ops.segment_sum); 0 for a segment that has none. Sums run in the
 * order of the slices, whatever the number of threads.
 * @param ids i32, a segment for each slice along the axis, in any order
 * @param options.segments how many there are: 0 ≤ id < segments
 * @param options.axis where the ids' axes begin in x; default the first
 * @throws GradcError `shape`, `attribute`, `input-range` (constant ids out of range)
 */
export function segmentSum<D extends NumericDType>(
  x: Tensor<D>,
  ids: Tensor<"i32">,
  options: SegmentOptions,
): Tensor<D> {
  const { axis, size } = segmentsOf("segmentSum", x, ids, options);
  return scatterAdd(ids, x, { size, axis });
}

/** Means of the slices of x that have the same id; 0 for a segment that has none. See segmentSum. */
export function segmentMean<D extends FloatDType>(
  x: Tensor<D>,
  ids: Tensor<"i32">,
  options: SegmentOptions,
): Tensor<D> {
  const { axis, size } = segmentsOf("segmentMean", x, ids, options);
  return oneCall(() => {
    const total = scatterAdd(ids, x, { size, axis });
    const count = scatterAdd(ids, fill(1, ids.shape, x.dtype), { size });
    return apply(divOp, [total, expand(make(maximumOp, count, 1), total.shape, [axis])]) as Tensor<D>;
  });
}

function extremes(
  name: string,
  winner: Op,
  empty: Readonly<Record<DType, number>>,
  x: Tensor,
  given: Tensor<"i32">,
  options: SegmentOptions,
): Tensor {
  const { axis, size } = segmentsOf(name, x, given, options);
  return oneCall(() => {
    const [ids, slices] = flattened(given, x, axis);
    const found = winnersOf(winner, expand(ids, slices.shape, [axis]), slices, axis, size);
    const none = fill(empty[x.dtype], found.shape, x.dtype);
    if (sizeOf(ids.shape) === 0) return none;
    return apply(whereOp, [isNone(found), none, apply(gatherAlongOp, [slices, found], { axis })]);
  });
}

/**
 * The largest of the elements of x that have the same id; −∞, or the least integer, for a segment that has none. The
 * first of equals gets the gradient. See segmentSum.
 */
export function segmentMax<D extends NumericDType>(
  x: Tensor<D>,
  ids: Tensor<"i32">,
  options: SegmentOptions,
): Tensor<D> {
  return extremes("segmentMax", scatterArgmaxOp, LEAST, x, ids, options) as Tensor<D>;
}

/** The smallest of the elements of x that have the same id; ∞, or the largest integer, where none has. See segmentMax. */
export function segmentMin<D extends NumericDType>(
  x: Tensor<D>,
  ids: Tensor<"i32">,
  options: SegmentOptions,
): Tensor<D> {
  return extremes("segmentMin", scatterArgminOp, LARGEST, x, ids, options) as Tensor<D>;
}

/**
 * How often each of the numbers 0 … length − 1 occurs (numpy.bincount): i32, or sums of weights.
 * @param x i32, any shape, 0 ≤ x < length
 * @param options.length of the result
 * @param options.weights of x's shape: what each counts
 * @throws GradcError `shape`, `dtype`, `input-range` (constants out of range)
 */
export function bincount<D extends NumericDType = "i32">(
  x: Tensor<"i32">,
  options: { readonly length: Dim; readonly weights?: Tensor<D> },
): Tensor<D> {
  checkTensors("bincount", { x });
  checkOptions("bincount", options, ["length", "weights"]);
  const weights = options.weights ?? (fill(1, x.shape, "i32") as Tensor as Tensor<D>);
  checkTensors("bincount", { weights });
  return scatterAdd(x, weights, { size: options.length });
}
