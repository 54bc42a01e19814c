import { checkOptions, checkSizes, checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted, shiftAxes } from "../kinds/batch.ts";
import { clampExpr, clampIndex, indexed } from "../kinds/indexed.ts";
import { checkAxis, make, splitAtAxis } from "../kinds/linear-helpers.ts";
import { forEachRow } from "../kinds/rows.ts";
import * as s from "../loop/build.ts";
import type { Dim } from "../shared/dim.ts";
import { allocate, type DType, isFloat } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatShape, type Shape, shapeEquals } from "../shared/shape.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";
import { constantBounds } from "./index-bounds.ts";
import { addLoops } from "./scatter-loops.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;
const axisIn = (attrs: Attrs): number => attrs.axis as number;
const sizeIn = (attrs: Attrs): Dim => attrs.size as Dim;
const product = (sizes: readonly number[]): number => sizes.reduce((p, n) => p * n, 1);

/** The shapes agree but for one axis. */
function checkAlong(name: string, x: Shape, y: Shape, axis: number): void {
  if (!shapeEquals(x.toSpliced(axis, 1), y.toSpliced(axis, 1))) {
    throw new GradcError("shape", `${name}: shapes differ in more than axis ${axis}`, {
      expected: "equal sizes in all other axes",
      received: `${formatShape(x)} and ${formatShape(y)}`,
    });
  }
}

export const gatherAlongOp = indexed({
  name: "gatherAlong",
  operands: ["x", "indices"],
  dtypes: ["f32", "f64", "i32", "u32", "bool"],
  indices: 1,
  inferType: ([x, indices], attrs) => {
    checkAxis("gatherAlong", x, attrs.axis);
    checkAlong("gatherAlong", x.shape, indices.shape, attrs.axis);
    return { dtype: x.dtype, shape: indices.shape };
  },
  below: ([x], attrs) => x.shape[axisIn(attrs)],
  evaluate: ([x, indices], attrs, { dtype, shape }) => {
    const axis = axisIn(attrs);
    const data = allocate(dtype, product(shape));
    forEachRow(shape, axis, (place, count) => {
      const size = x.shape[axis];
      for (let j = 0; j < count; j++) data[place(j)] = x.data[place(clampIndex(indices.data[place(j)], size), size)];
    });
    return data;
  },
  at: (node, index, read) => {
    const axis = axisIn(node.attrs);
    return read(0, index.with(axis, clampExpr(read(1, index), s.dimExpr(node.operands[0].shape[axis]))));
  },
  batch: lifted(shiftAxes),
  derivative: {
    equations: ["scatterAddAlong(ȳ at indices)", "0"],
    vjp: ({ node, operands: [x, indices], cotangents: [cotangent] }) => {
      const axis = axisIn(node.attrs);
      const attrs = { axis, size: x.shape[axis] };
      return [cotangent && isFloat(x.dtype) ? make(scatterAddAlongOp, [indices, cotangent], attrs) : null, null];
    },
    jvp: ({ node, operands: [, indices], tangents: [tangent] }) => [
      tangent && make(gatherAlongOp, [tangent, indices], node.attrs),
    ],
  },
});

/**
 * One element of x for each index, along one axis (NumPy's take_along_axis).
 * @param indices i32, of x's shape but for the axis
 * @throws GradcError `attribute`, `dtype`, `shape`, `input-range` (constant indices out of range)
 */
export function gatherAlong<D extends DType>(x: Tensor<D>, indices: Tensor<"i32">, axis = -1): Tensor<D> {
  checkTensors("gatherAlong", { x, indices });
  const y = apply(gatherAlongOp, [x, indices], { axis: axisOf("gatherAlong", axis, x.rank) });
  constantBounds(y.node);
  return y as Tensor<D>;
}

export const scatterAddAlongOp = indexed({
  name: "scatterAddAlong",
  operands: ["indices", "updates"],
  dtypes: NUMERIC,
  indices: 0,
  inferType: ([indices, updates], attrs) => {
    checkAxis("scatterAddAlong", updates, attrs.axis);
    if (!shapeEquals(indices.shape, updates.shape)) {
      throw new GradcError("shape", "scatterAddAlong: one index per update is needed", {
        expected: `indices ${formatShape(updates.shape)}`,
        received: formatShape(indices.shape),
      });
    }
    return { dtype: updates.dtype, shape: updates.shape.with(attrs.axis, sizeIn(attrs)) };
  },
  below: (_operands, attrs) => sizeIn(attrs),
  evaluate: ([indices, updates], attrs, { dtype, shape }) => {
    const axis = axisIn(attrs);
    const data = allocate(dtype, product(shape));
    forEachRow(updates.shape, axis, (place, count) => {
      const size = shape[axis];
      for (let k = 0; k < count; k++) {
        data[place(clampIndex(indices.data[place(k)], size), size)] += updates.data[place(k)];
      }
    });
    return data;
  },
  build: (node, fresh) => {
    const axis = axisIn(node.attrs);
    const [, updates] = node.operands;
    const split = splitAtAxis(node.outputs[0].shape, axis);
    return addLoops(updates.dtype, { ...split, count: updates.shape[axis], perElement: true }, fresh);
  },
  batch: lifted(shiftAxes),
  derivative: {
    equations: ["0", "gatherAlong(ȳ at indices)"],
    vjp: ({ node, operands: [indices, updates], cotangents: [cotangent] }) => {
      const attrs = { axis: axisIn(node.attrs) };
      return [null, cotangent && isFloat(updates.dtype) ? make(gatherAlongOp, [cotangent, indices], attrs) : null];
    },
    jvp: ({ node, operands: [indices], tangents: [, tangent] }) => [
      tangent && make(scatterAddAlongOp, [indices, tangent], node.attrs),
    ],
  },
});

/**
 * Zeros with every element of `updates` added at its own position along one axis: the transpose of gatherAlong.
 * @param indices i32, of the updates' shape
 * @param options.size the result's size along the axis
 * @throws GradcError `attribute`, `dtype`, `shape`, `input-range` (constant indices out of range)
 */
export function scatterAddAlong<D extends "f32" | "f64" | "i32" | "u32">(
  indices: Tensor<"i32">,
  updates: Tensor<D>,
  options: { readonly size: Dim; readonly axis?: number },
): Tensor<D> {
  checkTensors("scatterAddAlong", { indices, updates });
  checkOptions("scatterAddAlong", options, ["size", "axis"]);
  checkSizes("scatterAddAlong", [options.size]);
  const axis = axisOf("scatterAddAlong", options.axis ?? -1, updates.rank);
  const y = apply(scatterAddAlongOp, [indices, updates], { axis, size: options.size });
  constantBounds(y.node);
  return y as Tensor<D>;
}
