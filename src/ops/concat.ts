import { checkSizes, checkTensorList, checkTensors, checkWholeNumbers } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted, shiftAxes } from "../kinds/batch.ts";
import { type Piece, view } from "../kinds/view.ts";
import { dimExpr, isub, lt } from "../loop/build.ts";
import { addDims, type Dim, dimEquals } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, type Shape } from "../shared/shape.ts";
import { axisOf, checkAxes } from "./axes.ts";
import { apply, callError } from "./coerce.ts";
import { expandDims, squeeze } from "./reshape.ts";
import { rawSlice } from "./slice.ts";

/** Where each operand starts along the axis. */
function startsOf(shapes: readonly Shape[], axis: number): Dim[] {
  let start: Dim = 0;
  return shapes.map(shape => {
    const own = start;
    start = addDims(start, shape[axis]);
    return own;
  });
}

/** Slices a part out of one axis. */
export function sliceAxis<D extends DType>(x: Tensor<D>, axis: number, start: Dim, size: Dim): Tensor<D> {
  return rawSlice(x, {
    starts: x.shape.map((_, k) => (k === axis ? start : 0)),
    sizes: x.shape.map((n: Dim, k) => (k === axis ? size : n)),
    steps: x.shape.map(() => 1),
  });
}

export const concatOp = view({
  name: "concat",
  operands: ["x…"],
  shape: (operands, attrs) => {
    const axis = attrs.axis as number;
    const [first] = operands;
    checkAxes("concat", [axis], first.shape.length);
    const fit = operands.every(
      o => o.shape.length === first.shape.length && o.shape.every((n, k) => k === axis || dimEquals(n, first.shape[k])),
    );
    if (!fit) {
      throw new GradcError("shape", "concat: shapes that cannot be joined", {
        expected: `equal sizes on all axes but ${axis}`,
        received: operands.map(formatType).join(" and "),
      });
    }
    const total = operands.reduce<Dim>((sum, o) => addDims(sum, o.shape[axis]), 0);
    return first.shape.map((n, k) => (k === axis ? total : n));
  },
  pieces: (index, { shapes, attrs }) => {
    const axis = attrs.axis as number;
    return startsOf(shapes, axis).map<Piece>((start, operand) => ({
      operand,
      index: index.map((i, k) => (k === axis ? isub(i, dimExpr(start)) : i)),
      when: operand === shapes.length - 1 ? undefined : lt(index[axis], dimExpr(addDims(start, shapes[operand][axis]))),
    }));
  },
  reference: (index, { shapes, attrs }) => {
    const axis = attrs.axis as number;
    let at = index[axis];
    let operand = 0;
    while (at >= shapes[operand][axis]) at -= shapes[operand++][axis];
    return [operand, index.map((i, k) => (k === axis ? at : i))];
  },
  transpose: (cotangent, node, needed) => {
    const axis = node.attrs.axis as number;
    const shapes = node.operands.map(o => o.shape);
    return startsOf(shapes, axis).map((start, i) =>
      needed[i] ? sliceAxis(cotangent, axis, start, shapes[i][axis]) : null,
    );
  },
  build: (operands, attrs) => apply(concatOp, operands, attrs),
  equations: ["slice(ȳ) at the operand's place"],
  batch: lifted(shiftAxes),
});

/** More are joined in groups: an element is looked for among its operands one by one, and kernels have few parameters. */
export const MOST_JOINED = 64;

/**
 * Joins tensors along an axis; all other sizes and the dtypes are equal.
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function concat<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  checkTensorList("concat", "tensors", tensors);
  if (tensors.length === 0) throw callError("shape", "concat: no tensors", { expected: "at least one" });
  const at = axisOf("concat", axis, tensors[0].rank);
  let parts = tensors;
  while (parts.length > MOST_JOINED) {
    const groups = Array.from({ length: Math.ceil(parts.length / MOST_JOINED) }, (_, i) =>
      parts.slice(i * MOST_JOINED, (i + 1) * MOST_JOINED),
    );
    parts = groups.map(group => concat(group, at));
  }
  return parts.length === 1 ? parts[0] : (apply(concatOp, parts, { axis: at }) as Tensor<D>);
}

/** Joins tensors of equal shape along a new axis. */
export function stack<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  checkTensorList("stack", "tensors", tensors);
  if (tensors.length === 0) throw callError("shape", "stack: no tensors", { expected: "at least one" });
  const at = axisOf("stack", axis, tensors[0].rank + 1);
  return concat(
    tensors.map(t => expandDims(t, at)),
    at,
  );
}

/**
 * Cuts a tensor along an axis.
 * @param parts how many equal parts, or the sizes of the parts (their sum is the size of the axis)
 */
export function split<D extends DType>(x: Tensor<D>, parts: number | readonly Dim[], axis = 0): Tensor<D>[] {
  checkTensors("split", { x });
  const at = axisOf("split", axis, x.rank);
  const n: Dim = x.shape[at];
  let sizes: readonly Dim[];
  if (typeof parts !== "number") {
    checkSizes("split", parts);
    sizes = parts;
  } else if (typeof n === "number" && Number.isInteger(parts) && parts >= 1 && n % parts === 0) {
    sizes = new Array<Dim>(parts).fill(n / parts);
  } else sizes = [];
  if (
    !dimEquals(
      sizes.reduce<Dim>((sum, d) => addDims(sum, d), 0),
      n,
    ) ||
    (sizes.length === 0 && n !== 0)
  ) {
    throw callError("shape", `split: axis ${at} cannot be cut like this`, {
      expected: `equal parts or sizes that add up to ${n}`,
      received: typeof parts === "number" ? `${parts} parts` : `[${parts.join(", ")}]`,
    });
  }
  const starts = startsOf(
    sizes.map(size => [size]),
    0,
  );
  return sizes.map((size, i) => sliceAxis(x, at, starts[i], size));
}

/** One index (negative: from the back) of an axis, and drops the axis. */
export function indexAt<D extends DType>(x: Tensor<D>, index: number, axis = 0): Tensor<D> {
  checkTensors("indexAt", { x });
  checkWholeNumbers("indexAt", "the indices", [index]);
  const at = axisOf("indexAt", axis, x.rank);
  const size: Dim = x.shape[at];
  if (typeof size === "number" && (index < -size || index >= size)) {
    throw callError("attribute", `indexAt: index ${index} is out of range`, {
      expected: `a whole number from ${-size} to ${size - 1}`,
      received: formatType(x),
    });
  }
  const start = index < 0 ? addDims(size, index) : index;
  return squeeze(sliceAxis(x, at, start, 1), at);
}
