import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { clampExpr, clampIndex, indexed } from "../kinds/indexed.ts";
import { checkAxis, make, splitAtAxis, splitNumbers } from "../kinds/linear-helpers.ts";
import * as s from "../loop/build.ts";
import type { Expr, Stmt } from "../loop/ir.ts";
import type { Dim } from "../shared/dim.ts";
import { allocate, type DType, isFloat } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatShape, formatType, type Shape, shapeEquals, sizeOf } from "../shared/shape.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";
import { constantBounds } from "./index-bounds.ts";

const axisIn = (attrs: Attrs): number => attrs.axis as number;
const sizeIn = (attrs: Attrs): Dim => attrs.size as Dim;
const product = (sizes: readonly number[]): number => sizes.reduce((p, n) => p * n, 1);

const CLAMPED =
  "indices are checked where they enter a compiled function; elsewhere they are clamped to the first or last position";

export const gatherOp = indexed({
  name: "gather",
  doc: {
    summary: "Slices of x at positions along one axis (NumPy's take): rows of an embedding table, for example.",
    equation: "y[o…, k…, i…] = x[o…, indices[k…], i…]",
    operands: ["x", "indices"],
    attributes: [{ name: "axis", type: "axis", meaning: "the axis of x that the indices count along" }],
    kinks: CLAMPED,
  },
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
  samples: [
    {
      inputs: [
        { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] },
        { dtype: "i32", shape: [2, 2], data: [2, 0, 2, 1] },
      ],
      attrs: { axis: 0 },
      outputs: [{ shape: [2, 2, 2], data: [5, 6, 1, 2, 5, 6, 3, 4] }],
      gradients: [[1, 1, 1, 1, 2, 2], null],
      source: "by hand",
    },
    {
      inputs: [
        { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
        { dtype: "i32", shape: [], data: [1] },
      ],
      attrs: { axis: 1 },
      outputs: [{ shape: [2], data: [2, 5] }],
      gradients: [[0, 1, 0, 0, 1, 0], null],
      source: "by hand",
    },
    {
      inputs: [
        { shape: [3], data: [1, 2, 3] },
        { dtype: "i32", shape: [2], data: [-1, 7] },
      ],
      attrs: { axis: 0 },
      outputs: [{ shape: [2], data: [1, 3] }],
      gradients: [[1, 0, 1], null],
      source: "by hand: clamped",
    },
  ],
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
  const y = apply(gatherOp, [x, indices], { axis: axisOf("gather", axis, x.rank) });
  constantBounds(y.node);
  return y as Tensor<D>;
}

/** out[o, position, i] += updates[o, k, i], in the order of k: owner of a row is its outer index. */
function scatterLoops(
  updates: { readonly dtype: DType },
  out: { readonly outer: Dim; readonly length: Dim; readonly inner: Dim },
  count: Dim,
  positionOf: (o: Expr, k: Expr, i: Expr) => Expr,
  fresh: (hint: string) => string,
): Stmt[] {
  const [o, k, i, z, to] = ["o", "k", "i", "z", "to"].map(fresh);
  const inner = s.dimExpr(out.inner);
  const length = s.dimExpr(out.length);
  const [vo, vk, vi, vz, vto] = [o, k, i, z, to].map(name => s.variable(name));
  const position = clampExpr(s.load("in0", "i32", positionOf(vo, vk, vi)), length);
  const update = s.load("in1", updates.dtype, s.iadd(s.imul(s.iadd(s.imul(vo, s.dimExpr(count)), vk), inner), vi));
  return [
    s.forStmt(o, s.int(0), s.dimExpr(out.outer), [
      s.forStmt(z, s.int(0), s.imul(length, inner), [
        s.store("out0", s.iadd(s.imul(vo, s.imul(length, inner)), vz), s.literal(updates.dtype, 0)),
      ]),
      s.forStmt(k, s.int(0), s.dimExpr(count), [
        s.forStmt(i, s.int(0), inner, [
          s.letStmt(to, s.iadd(s.imul(s.iadd(s.imul(vo, length), position), inner), vi)),
          s.store("out0", vto, s.add(s.load("out0", updates.dtype, vto), update)),
        ]),
      ]),
    ]),
  ];
}

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

export const scatterAddOp = indexed({
  name: "scatterAdd",
  doc: {
    summary: "Zeros with slices added at positions along one axis: the transpose of gather.",
    equation: "y[o…, p, i…] = Σ updates[o…, k…, i…] over the k… with indices[k…] = p",
    operands: ["indices", "updates"],
    attributes: [
      { name: "axis", type: "axis", meaning: "the axis of the result that the indices count along" },
      { name: "size", type: "size", meaning: "the size of that axis" },
    ],
    kinks: `${CLAMPED}; sums run in the order of the indices`,
  },
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
    return scatterLoops(updates, split, sizeOf(indices.shape), (_o, k) => k, fresh);
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
  samples: [
    {
      inputs: [
        { dtype: "i32", shape: [4], data: [2, 0, 2, 9] },
        { shape: [4, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] },
      ],
      attrs: { axis: 0, size: 4 },
      outputs: [{ shape: [4, 2], data: [3, 4, 0, 0, 6, 8, 7, 8] }],
      gradients: [null, [1, 1, 1, 1, 1, 1, 1, 1]],
      source: "by hand",
    },
    {
      inputs: [
        { dtype: "i32", shape: [3], data: [1, 1, 0] },
        { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
      ],
      attrs: { axis: 1, size: 2 },
      outputs: [{ shape: [2, 2], data: [3, 3, 6, 9] }],
      gradients: [null, [1, 1, 1, 1, 1, 1]],
      source: "by hand",
    },
  ],
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
  const rank = updates.rank - indices.rank + 1;
  const axis = options.axis ?? 0;
  const y = apply(scatterAddOp, [indices, updates], { axis: axis < 0 ? axis + rank : axis, size: options.size });
  constantBounds(y.node);
  return y as Tensor<D>;
}

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
  doc: {
    summary: "One element of x for each index, along one axis (NumPy's take_along_axis).",
    equation: "y[o…, k, i…] = x[o…, indices[o…, k, i…], i…]",
    operands: ["x", "indices"],
    attributes: [{ name: "axis", type: "axis", meaning: "the axis that the indices count along" }],
    kinks: CLAMPED,
  },
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
    const { length: count, inner } = splitNumbers(shape, axis);
    const length = x.shape[axis];
    const data = allocate(dtype, product(shape));
    for (let at = 0; at < data.length; at++) {
      const o = Math.floor(at / inner / count);
      data[at] = x.data[(o * length + clampIndex(indices.data[at], length)) * inner + (at % inner)];
    }
    return data;
  },
  at: (node, index, read) => {
    const axis = axisIn(node.attrs);
    return read(0, index.with(axis, clampExpr(read(1, index), s.dimExpr(node.operands[0].shape[axis]))));
  },
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
  samples: [
    {
      inputs: [
        { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
        { dtype: "i32", shape: [2, 2], data: [2, 2, 0, 1] },
      ],
      attrs: { axis: 1 },
      outputs: [{ shape: [2, 2], data: [3, 3, 4, 5] }],
      gradients: [[0, 0, 2, 1, 1, 0], null],
      source: "by hand",
    },
  ],
});

/**
 * One element of x for each index, along one axis (NumPy's take_along_axis).
 * @param indices i32, of x's shape but for the axis
 * @throws GradcError `attribute`, `dtype`, `shape`, `input-range` (constant indices out of range)
 */
export function gatherAlong<D extends DType>(x: Tensor<D>, indices: Tensor<"i32">, axis = -1): Tensor<D> {
  const y = apply(gatherAlongOp, [x, indices], { axis: axisOf("gatherAlong", axis, x.rank) });
  constantBounds(y.node);
  return y as Tensor<D>;
}

export const scatterAddAlongOp = indexed({
  name: "scatterAddAlong",
  doc: {
    summary: "Zeros with every element added at its own position along one axis: the transpose of gatherAlong.",
    equation: "y[o…, p, i…] = Σ updates[o…, k, i…] over the k with indices[o…, k, i…] = p",
    operands: ["indices", "updates"],
    attributes: [
      { name: "axis", type: "axis", meaning: "the axis that the indices count along" },
      { name: "size", type: "size", meaning: "the result's size along it" },
    ],
    kinks: `${CLAMPED}; sums run in the order of the indices`,
  },
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
    const { length, inner } = splitNumbers(shape, axis);
    const count = updates.shape[axis];
    const data = allocate(dtype, product(shape));
    for (let at = 0; at < updates.data.length; at++) {
      const o = Math.floor(at / inner / count);
      data[(o * length + clampIndex(indices.data[at], length)) * inner + (at % inner)] += updates.data[at];
    }
    return data;
  },
  build: (node, fresh) => {
    const axis = axisIn(node.attrs);
    const [, updates] = node.operands;
    const split = splitAtAxis(node.outputs[0].shape, axis);
    const count = updates.shape[axis];
    const own = (o: Expr, k: Expr, i: Expr) =>
      s.iadd(s.imul(s.iadd(s.imul(o, s.dimExpr(count)), k), s.dimExpr(split.inner)), i);
    return scatterLoops(updates, split, count, own, fresh);
  },
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
  samples: [
    {
      inputs: [
        { dtype: "i32", shape: [2, 2], data: [2, 2, 0, 1] },
        { shape: [2, 2], data: [1, 2, 3, 4] },
      ],
      attrs: { axis: 1, size: 3 },
      outputs: [{ shape: [2, 3], data: [0, 0, 3, 3, 4, 0] }],
      gradients: [null, [1, 1, 1, 1]],
      source: "by hand",
    },
  ],
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
  const axis = axisOf("scatterAddAlong", options.axis ?? -1, updates.rank);
  const y = apply(scatterAddAlongOp, [indices, updates], { axis, size: options.size });
  constantBounds(y.node);
  return y as Tensor<D>;
}
