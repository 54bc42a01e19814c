import { checkOptions, checkSizes, checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { allBatched, mergeAxis, moveAxis, splitAxis } from "../kinds/batch.ts";
import { clampExpr, clampIndex, indexed } from "../kinds/indexed.ts";
import { checkAxis, make, splitAtAxis, splitNumbers } from "../kinds/linear-helpers.ts";
import * as s from "../loop/build.ts";
import { type Dim, mulDims } from "../shared/dim.ts";
import { allocate, type DType, isFloat } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatShape, formatType, shapeEquals, sizeOf } from "../shared/shape.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";
import { constantBounds } from "./index-bounds.ts";
import { maximum, minimum } from "./maximum.ts";
import { addLoops } from "./scatter-loops.ts";
import { extent, iota } from "./source.ts";
import { transpose } from "./transpose.ts";

export { gatherAlong, gatherAlongOp, scatterAddAlong, scatterAddAlongOp } from "./gather-along.ts";

const axisIn = (attrs: Attrs): number => attrs.axis as number;
const sizeIn = (attrs: Attrs): Dim => attrs.size as Dim;
const product = (sizes: readonly number[]): number => sizes.reduce((p, n) => p * n, 1);

/** Positions in the rows of all examples, one after the other: those of example b begin at b·length. */
function ownRows(indices: Tensor, length: Dim, size: Dim): Tensor {
  const positions = indices as Tensor<"i32">;
  const count = extent(length, "i32");
  const inside = minimum(maximum(positions, 0), sub(count, 1));
  return add(inside, mul(iota([size, ...indices.shape.slice(1)], 0), count));
}

/** Moves `count` axes from `from` on behind the `by` axes that follow them. */
function moveAxes(x: Tensor, from: number, count: number, by: number): Tensor {
  const perm = x.shape.map((_, axis) => axis);
  perm.splice(from + by, 0, ...perm.splice(from, count));
  return transpose(x, perm);
}

export const gatherOp = indexed({
  name: "gather",
  operands: ["x", "indices"],
  dtypes: ["f32", "f64", "i32", "u32", "bool"],
  indices: 1,
  inferType: ([x, indices], attrs) => {
    checkAxis("gather", x, attrs.axis);
    return { dtype: x.dtype, shape: x.shape.toSpliced(attrs.axis, 1, ...indices.shape) };
  },
  below: ([x], attrs) => x.shape[axisIn(attrs)],
  evaluate: ([x, indices], attrs, { dtype, shape }) => {
    const { outer, length, inner } = splitNumbers(x.shape, axisIn(attrs));
    const count = indices.data.length;
    const data = allocate(dtype, product(shape));
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        const from = (o * length + clampIndex(indices.data[k], length)) * inner;
        for (let i = 0; i < inner; i++) data[(o * count + k) * inner + i] = x.data[from + i];
      }
    }
    return data;
  },
  at: (node, index, read) => {
    const axis = axisIn(node.attrs);
    const [x, indices] = node.operands;
    const position = read(1, index.slice(axis, axis + indices.rank));
    const clamped = clampExpr(position, s.dimExpr(x.shape[axis]));
    return read(0, [...index.slice(0, axis), clamped, ...index.slice(axis + indices.rank)]);
  },
  batch: ({ node, operands: [x, indices], batched, size }) => {
    const axis = axisIn(node.attrs);
    if (!batched[1]) return [make(gatherOp, [x, indices], { axis: axis + 1 })];
    if (!batched[0]) return [moveAxis(make(gatherOp, [x, indices], { axis }), axis, 0)];
    const rows = mergeAxis(moveAxis(x, axis + 1, 1), 0);
    const y = make(gatherOp, [rows, ownRows(indices, x.shape[axis + 1], size)], { axis: 0 });
    // [size, indices…, before, behind] to [size, before, indices…, behind]
    return [moveAxes(y, 1, indices.rank - 1, axis)];
  },
  derivative: {
    equations: ["scatterAdd(ȳ at indices)", "0"],
    vjp: ({ node, operands: [x, indices], cotangents: [cotangent] }) => {
      const axis = axisIn(node.attrs);
      const attrs = { axis, size: x.shape[axis] };
      return [cotangent && isFloat(x.dtype) ? make(scatterAddOp, [indices, cotangent], attrs) : null, null];
    },
    jvp: ({ node, operands: [, indices], tangents: [tangent] }) => [
      tangent && make(gatherOp, [tangent, indices], node.attrs),
    ],
  },
});

/**
 * Slices of x at positions along one axis, NumPy's `take`: with x [V, E] and indices [B, T], gather(x, indices) is
 * [B, T, E].
 * @param indices i32, any shape, 0 ≤ index < size of the axis
 * @param axis counted from the back where negative; default the first
 * @throws GradcError `attribute` for an axis that x lacks, `dtype` for indices that are not i32, `input-range` for
 * constant indices out of range. Indices that come from inputs are checked at the call; others are clamped.
 */
export function gather<D extends DType>(x: Tensor<D>, indices: Tensor<"i32">, axis = 0): Tensor<D> {
  checkTensors("gather", { x, indices });
  const y = apply(gatherOp, [x, indices], { axis: axisOf("gather", axis, x.rank) });
  constantBounds(y.node);
  return y as Tensor<D>;
}

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

export const scatterAddOp = indexed({
  name: "scatterAdd",
  operands: ["indices", "updates"],
  dtypes: NUMERIC,
  indices: 0,
  inferType: ([indices, updates], attrs) => {
    const axis = axisIn(attrs);
    const along = updates.shape.slice(axis, axis + indices.shape.length);
    if (!Number.isInteger(axis) || axis < 0 || !shapeEquals(along, indices.shape)) {
      throw new GradcError("shape", "scatterAdd: the updates do not have the indices' axes", {
        expected: `updates [..., ${formatShape(indices.shape).slice(1, -1)}, ...] from axis ${axis} on`,
        received: formatType(updates),
      });
    }
    return { dtype: updates.dtype, shape: updates.shape.toSpliced(axis, indices.shape.length, sizeIn(attrs)) };
  },
  below: (_operands, attrs) => sizeIn(attrs),
  evaluate: ([indices, updates], attrs, { dtype, shape }) => {
    const { outer, length, inner } = splitNumbers(shape, axisIn(attrs));
    const count = indices.data.length;
    const data = allocate(dtype, product(shape));
    for (let at = 0; at < updates.data.length; at++) {
      const i = at % inner;
      const k = Math.floor(at / inner) % count;
      const o = Math.floor(at / inner / count);
      if (o < outer) data[(o * length + clampIndex(indices.data[k], length)) * inner + i] += updates.data[at];
    }
    return data;
  },
  build: (node, fresh) => {
    const [indices, updates] = node.operands;
    const split = splitAtAxis(node.outputs[0].shape, axisIn(node.attrs));
    return addLoops(updates.dtype, { ...split, count: sizeOf(indices.shape), perElement: false }, fresh);
  },
  batch: context => {
    const { node, operands, batched, size } = context;
    const axis = axisIn(node.attrs);
    const length = sizeIn(node.attrs);
    if (!batched[0]) return [make(scatterAddOp, operands, { axis: axis + 1, size: length })];
    const [indices, updates] = allBatched(context);
    // [size, before, indices…, behind] to [size, indices…, before, behind]
    const rows = moveAxes(updates, 1, axis, indices.rank - 1);
    const attrs = { axis: 0, size: mulDims(size, length) };
    const y = make(scatterAddOp, [ownRows(indices, length, size), rows], attrs);
    return [moveAxis(splitAxis(y, 0, size, length), 1, axis + 1)];
  },
  derivative: {
    equations: ["0", "gather(ȳ at indices)"],
    vjp: ({ node, operands: [indices, updates], cotangents: [cotangent] }) => {
      const attrs = { axis: axisIn(node.attrs) };
      return [null, cotangent && isFloat(updates.dtype) ? make(gatherOp, [cotangent, indices], attrs) : null];
    },
    jvp: ({ node, operands: [indices], tangents: [, tangent] }) => [
      tangent && make(scatterAddOp, [indices, tangent], node.attrs),
    ],
  },
});

/**
 * Zeros with `updates` added at positions along one axis; positions that occur several times add up. The transpose of
 * gather: scatterAdd(indices, gather's result, { axis, size }) has the shape of gather's x.
 * @param indices i32, any shape
 * @param updates the indices' axes stand from `axis` on
 * @param options.size the size of the result's axis
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function scatterAdd<D extends "f32" | "f64" | "i32" | "u32">(
  indices: Tensor<"i32">,
  updates: Tensor<D>,
  options: { readonly size: Dim; readonly axis?: number },
): Tensor<D> {
  checkTensors("scatterAdd", { indices, updates });
  checkOptions("scatterAdd", options, ["size", "axis"]);
  checkSizes("scatterAdd", [options.size]);
  const rank = updates.rank - indices.rank + 1;
  const axis = options.axis ?? 0;
  const y = apply(scatterAddOp, [indices, updates], { axis: axis < 0 ? axis + rank : axis, size: options.size });
  constantBounds(y.node);
  return y as Tensor<D>;
}
