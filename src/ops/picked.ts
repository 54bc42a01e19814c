import type { Attrs } from "../graph/attrs.ts";
import type { DerivativeRule, NdArray } from "../graph/op.ts";
import { make } from "../kinds/linear-helpers.ts";
import { forEachRow } from "../kinds/rows.ts";
import { allocate, type DType, isFloat, type TypedArray } from "../shared/dtype.ts";
import { gatherAlongOp, scatterAddAlongOp } from "./gather.ts";

const axisIn = (attrs: Attrs): number => attrs.axis as number;

/** Values that were picked along an axis, and where they stood: the cotangent goes back there. */
export const pickedRule: DerivativeRule = {
  equations: ["values̄ added at indices"],
  vjp: ({ node, operands: [x], outputs: [, indices], cotangents: [cotangent] }) => {
    const axis = axisIn(node.attrs);
    const attrs = { axis, size: x.shape[axis] };
    return [cotangent && isFloat(x.dtype) ? make(scatterAddAlongOp, [indices, cotangent], attrs) : null];
  },
  jvp: ({ node, outputs: [, indices], tangents: [tangent] }) => [
    tangent && make(gatherAlongOp, [tangent, indices], { axis: axisIn(node.attrs) }),
    null,
  ],
};

/** Positions of a row in order, in plain numbers: NaN counts as larger than every number, ties keep their order. */
function orderOf(at: (j: number) => number, length: number, descending: boolean): number[] {
  const larger = (p: number, q: number): number => {
    if (Number.isNaN(p) || Number.isNaN(q)) return Number(Number.isNaN(p)) - Number(Number.isNaN(q));
    return Number(p > q) - Number(p < q);
  };
  const sign = descending ? -1 : 1;
  return Array.from({ length }, (_, j) => j).sort((a, b) => sign * larger(at(a), at(b)) || a - b);
}

/** Values of x's dtype and their positions. */
export const pickedOf = (
  { dtype }: { readonly dtype: DType },
  shape: readonly number[],
  values: TypedArray,
  indices: TypedArray,
): NdArray[] => [
  { dtype, shape, data: values },
  { dtype: "i32", shape, data: indices },
];

/** The first `count` elements of every row in order, and their positions. */
export function pickOrdered(x: NdArray, axis: number, count: number, descending: boolean): NdArray[] {
  const values = allocate(x.dtype, x.data.length === 0 ? 0 : (x.data.length / x.shape[axis]) * count);
  const indices = allocate("i32", values.length);
  forEachRow(x.shape, axis, (place, length) => {
    const at = (j: number): number => x.data[place(j)];
    const order = orderOf(at, length, descending);
    for (let j = 0; j < count; j++) {
      values[place(j, count)] = at(order[j]);
      indices[place(j, count)] = order[j];
    }
  });
  return pickedOf(x, x.shape.with(axis, count), values, indices);
}
