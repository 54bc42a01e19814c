import { callError } from "../graph/arguments.ts";
import { allocate, type DType, type TypedArray } from "../shared/dtype.ts";

/** A tensor as data, row-major. */
export interface Weight {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

const unfit = (who: string, problem: string, expected: string, received: readonly number[]): Error =>
  callError("restore-mismatch", `${who}: ${problem}`, { expected, received: `[${received.join(", ")}]` });

/** @throws GradcError `restore-mismatch` where the shape is not of this rank */
export function checkRank(who: string, { shape }: Weight, rank: number): void {
  if (shape.length !== rank) throw unfit(who, "the tensor has another rank", `${rank} axes`, shape);
}

/**
 * The tensor with its axes in another order: axis i of the result is axis order[i] of w.
 * @param order every axis once; default: the reverse, which turns a matrix
 */
export function transposed(
  w: Weight,
  order: readonly number[] = w.shape.map((_, axis) => w.shape.length - 1 - axis),
): Weight {
  const rank = w.shape.length;
  if (order.length !== rank || w.shape.some((_, axis) => !order.includes(axis))) {
    throw unfit("transposed", "not an order of the axes", `the numbers 0 to ${rank - 1} once each`, order);
  }
  const shape = order.map(axis => w.shape[axis]);
  const strides = order.map(axis => sizeOf(w.shape.slice(axis + 1)));
  const data = allocate(w.dtype, w.data.length);
  const index = new Array<number>(rank).fill(0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    data[to] = w.data[from];
    for (let axis = rank - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { dtype: w.dtype, shape, data };
}

/** The same elements under another shape. */
export function reshaped(w: Weight, shape: readonly number[]): Weight {
  if (sizeOf(shape) !== w.data.length) {
    throw unfit("reshaped", `[${w.shape.join(", ")}] has other elements`, `a shape of ${w.data.length}`, shape);
  }
  return { ...w, shape };
}

/**
 * Cuts an axis into equal parts and puts them together in another order: the gates of recurrent layers.
 * @param parts which part of w stands first, second, … in the result
 * @example reordered(w, 1, [0, 2, 3, 1]) // gates i, o, f, g of ONNX → i, f, g, o
 */
export function reordered(w: Weight, axis: number, parts: readonly number[]): Weight {
  const size = w.shape[axis];
  const known = parts.every(p => Number.isInteger(p) && p >= 0 && p < parts.length);
  if (size === undefined || size % parts.length !== 0 || !known) {
    throw unfit("reordered", `axis ${axis} does not have such parts`, `parts of [${w.shape.join(", ")}]`, parts);
  }
  const outer = sizeOf(w.shape.slice(0, axis));
  const block = (size / parts.length) * sizeOf(w.shape.slice(axis + 1));
  const data = allocate(w.dtype, w.data.length);
  for (let row = 0; row < outer; row++) {
    parts.forEach((part, to) => {
      const from = (row * parts.length + part) * block;
      data.set(w.data.subarray(from, from + block), (row * parts.length + to) * block);
    });
  }
  return { ...w, data };
}

/** The part of an axis from `start` up to, not including, `end`. */
export function part(w: Weight, axis: number, start: number, end: number): Weight {
  const size = w.shape[axis];
  if (size === undefined || !(start >= 0 && start <= end && end <= size)) {
    throw unfit("part", `axis ${axis} has no part from ${start} to ${end}`, "a part of the axis", w.shape);
  }
  const inner = sizeOf(w.shape.slice(axis + 1));
  const outer = sizeOf(w.shape.slice(0, axis));
  const shape = w.shape.map((n, k) => (k === axis ? end - start : n));
  const data = allocate(w.dtype, sizeOf(shape));
  for (let row = 0; row < outer; row++) {
    const from = (row * size + start) * inner;
    data.set(w.data.subarray(from, from + (end - start) * inner), row * (end - start) * inner);
  }
  return { dtype: w.dtype, shape, data };
}

/** The sum, element by element: one bias in the place of two. */
export function added(a: Weight, b: Weight): Weight {
  if (a.dtype !== b.dtype || String(a.shape) !== String(b.shape)) {
    throw unfit("added", "tensors of different types", `${a.dtype} [${a.shape.join(", ")}]`, b.shape);
  }
  const data = allocate(a.dtype, a.data.length);
  for (let i = 0; i < data.length; i++) data[i] = a.data[i] + b.data[i];
  return { ...a, data };
}
