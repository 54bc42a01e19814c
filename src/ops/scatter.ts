import { checkTensors } from "../graph/arguments.ts";
import type { Op } from "../graph/op.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { DType, NumericDType } from "../shared/dtype.ts";
import { formatType, type Shape, shapeEquals, sizeOf } from "../shared/shape.ts";
import { axisOf } from "./axes.ts";
import { apply, callError } from "./coerce.ts";
import { ltOp } from "./compare.ts";
import { expand } from "./expand.ts";
import { gatherAlongOp, gatherOp } from "./gather.ts";
import { constantBounds } from "./index-bounds.ts";
import { maximumOp, minimumOp } from "./maximum.ts";
import { reshape } from "./reshape.ts";
import { scatterArgmaxOp, scatterArgminOp, scatterLastOp } from "./scatter-winners.ts";
import { whereOp } from "./select.ts";
import { fill } from "./source.ts";

/** What becomes of an element where updates arrive. */
interface Merge {
  /** Finds the update that counts. */
  readonly winner: Op;
  /** Joins it with what was there; absent: it replaces it. */
  readonly join?: Op;
}

const SET: Merge = { winner: scatterLastOp };
const MAX: Merge = { winner: scatterArgmaxOp, join: maximumOp };
const MIN: Merge = { winner: scatterArgminOp, join: minimumOp };

/** Which update counts at each position, and where there is none. */
export function winnersOf(winner: Op, indices: Tensor, updates: Tensor, axis: number, size: Shape[number]): Tensor {
  const operands = winner === scatterLastOp ? [indices] : [indices, updates];
  const found = apply(winner, operands, { axis, size });
  constantBounds(found.node);
  return found;
}

export const isNone = (winner: Tensor): Tensor => apply(ltOp, [winner, fill(0, winner.shape, "i32")]);

function merged({ join }: Merge, x: Tensor, none: Tensor, picked: Tensor): Tensor {
  return apply(whereOp, [none, x, join ? apply(join, [x, picked]) : picked]);
}

/** The types that go with an x: one index for each update along an axis, or for each slice. */
function check(name: string, x: Tensor, indices: Tensor, updates: Tensor, expected: Shape, one?: Shape): void {
  const fit = updates.dtype === x.dtype && shapeEquals(updates.shape, expected);
  if (fit && indices.dtype === "i32" && shapeEquals(indices.shape, one ?? indices.shape)) return;
  const [positions, type] = [
    { dtype: "i32" as const, shape: one ?? indices.shape },
    { dtype: x.dtype, shape: expected },
  ];
  throw callError("shape", `${name}: the indices and updates do not fit`, {
    expected: `${formatType(positions)} and ${formatType(type)}`,
    received: `${formatType(indices)} and ${formatType(updates)}`,
  });
}

/** Indices and updates with one axis of indices: positions k stand along `axis`. */
export function flattened(indices: Tensor, updates: Tensor, axis: number): readonly [ids: Tensor, slices: Tensor] {
  if (indices.rank === 1) return [indices, updates];
  const count = sizeOf(indices.shape);
  return [reshape(indices, [count]), reshape(updates, updates.shape.toSpliced(axis, indices.rank, count))];
}

function slices(name: string, merge: Merge, x: Tensor, indices: Tensor, updates: Tensor, along: number): Tensor {
  checkTensors(name, { x, indices, updates });
  return oneCall(() => {
    const axis = axisOf(name, along, x.rank);
    check(name, x, indices, updates, x.shape.toSpliced(axis, 1, ...indices.shape));
    if (sizeOf(indices.shape) === 0) return x;
    const [ids, rows] = flattened(indices, updates, axis);
    if (merge.join) return elements(merge, x, expand(ids, rows.shape, [axis]), rows, axis);
    const winner = winnersOf(merge.winner, ids, rows, 0, x.shape[axis]);
    const picked = apply(gatherOp, [rows, winner], { axis });
    return merged(merge, x, expand(isNone(winner), x.shape, [axis]), picked);
  });
}

function elements(merge: Merge, x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  const winner = winnersOf(merge.winner, indices, updates, axis, x.shape[axis]);
  return merged(merge, x, isNone(winner), apply(gatherAlongOp, [updates, winner], { axis }));
}

function along(name: string, merge: Merge, x: Tensor, indices: Tensor, updates: Tensor, at: number): Tensor {
  checkTensors(name, { x, indices, updates });
  return oneCall(() => {
    const axis = axisOf(name, at, x.rank);
    const expected = x.shape.with(axis, updates.shape[axis]);
    check(name, x, indices, updates, expected, expected);
    return expected[axis] === 0 ? x : elements(merge, x, indices, updates, axis);
  });
}

/**
 * x with slices replaced at positions along one axis (x[indices] = updates). Where a position occurs several times, the
 * last update stays. The gradient goes to the updates that stay and to what is left of x.
 * @param indices i32, any shape; checked where they are constants or inputs, else clamped
 * @param updates of x's shape with the indices' axes for `axis`
 * @param axis counted from the back where negative; default the first
 * @throws GradcError `attribute`, `dtype`, `shape`, `input-range`
 */
export function scatterSet<D extends DType>(
  x: Tensor<D>,
  indices: Tensor<"i32">,
  updates: Tensor<D>,
  axis = 0,
): Tensor<D> {
  return slices("scatterSet", SET, x, indices, updates, axis) as Tensor<D>;
}

/**
 * x with every element replaced by the largest of itself and the updates at its position. Of equal updates the first gets
 * the gradient; it shares with x as in maximum. NaN wins. See scatterSet.
 */
export function scatterMax<D extends NumericDType>(
  x: Tensor<D>,
  indices: Tensor<"i32">,
  updates: Tensor<D>,
  axis = 0,
): Tensor<D> {
  return slices("scatterMax", MAX, x, indices, updates, axis) as Tensor<D>;
}

/** x with every element replaced by the smallest of itself and the updates at its position. See scatterMax. */
export function scatterMin<D extends NumericDType>(
  x: Tensor<D>,
  indices: Tensor<"i32">,
  updates: Tensor<D>,
  axis = 0,
): Tensor<D> {
  return slices("scatterMin", MIN, x, indices, updates, axis) as Tensor<D>;
}

/**
 * x with elements replaced at positions of their own along one axis (NumPy's put_along_axis). The last of several updates
 * at one position stays. See scatterSet.
 * @param indices i32, of the updates' shape
 * @param updates of x's shape but for the axis
 * @param axis counted from the back where negative; default the last
 */
export function scatterSetAlong<D extends DType>(
  x: Tensor<D>,
  indices: Tensor<"i32">,
  updates: Tensor<D>,
  axis = -1,
): Tensor<D> {
  return along("scatterSetAlong", SET, x, indices, updates, axis) as Tensor<D>;
}

/** The largest of x and the updates at each position along one axis. See scatterSetAlong and scatterMax. */
export function scatterMaxAlong<D extends NumericDType>(
  x: Tensor<D>,
  indices: Tensor<"i32">,
  updates: Tensor<D>,
  axis = -1,
): Tensor<D> {
  return along("scatterMaxAlong", MAX, x, indices, updates, axis) as Tensor<D>;
}

/** The smallest of x and the updates at each position along one axis. See scatterSetAlong and scatterMax. */
export function scatterMinAlong<D extends NumericDType>(
  x: Tensor<D>,
  indices: Tensor<"i32">,
  updates: Tensor<D>,
  axis = -1,
): Tensor<D> {
  return along("scatterMinAlong", MIN, x, indices, updates, axis) as Tensor<D>;
}
