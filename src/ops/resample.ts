import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { composite } from "../kinds/composite.ts";
import { checkAxis, checkDType, make } from "../kinds/linear-helpers.ts";
import { allocate, type FloatDType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType } from "../shared/shape.ts";
import { addOp, mulOp } from "./arithmetic.ts";
import { constantOf } from "./constant.ts";
import { expand } from "./expand.ts";
import { gatherOp } from "./gather.ts";
import { rawSum } from "./sum.ts";

/** Which elements along an axis make an element of the result, and with what weights: `taps` of them for each. */
export interface Taps {
  readonly taps: number;
  readonly positions: readonly number[];
  readonly weights: readonly number[];
}

const tapsOf = (attrs: Attrs): Taps => attrs as unknown as Taps;
const axisIn = (attrs: Attrs): number => attrs.axis as number;

/** One list of taps for each element of the result; shorter lists are filled up with weights of 0. */
export function tapsFrom(lists: readonly (readonly (readonly [position: number, weight: number])[])[]): Taps {
  const taps = lists.reduce((most, list) => Math.max(most, list.length), 1);
  const filled = lists.flatMap(list => {
    const [last] = list[list.length - 1] ?? [0];
    return Array.from({ length: taps }, (_, t) => list[t] ?? ([last, 0] as const));
  });
  return { taps, positions: filled.map(([position]) => position), weights: filled.map(([, weight]) => weight) };
}

/** The taps of the transposed map, over an axis of so many elements. */
function transposed({ taps, positions, weights }: Taps, size: number): Taps {
  const lists = Array.from({ length: size }, (): [number, number][] => []);
  positions.forEach((position, at) => {
    if (weights[at] !== 0) lists[position].push([Math.floor(at / taps), weights[at]]);
  });
  return tapsFrom(lists);
}

/** Few taps are added up element by element; many in a loop. */
const MOST_UNROLLED = 4;

function expanded(x: Tensor, axis: number, { taps, positions, weights }: Taps): Tensor {
  const out = positions.length / taps;
  const float = x.dtype as FloatDType;
  /** The elements at some of the taps, times their weights. */
  const weighted = (shape: readonly number[], numbers: (list: readonly number[]) => readonly number[]): Tensor => {
    const table = Int32Array.from(numbers(positions));
    const elements = make(gatherOp, [x, constantOf("i32", shape, table)], { axis });
    const factors = numbers(weights);
    if (factors.every(w => w === 1)) return elements;
    const data = allocate(float, factors.length);
    data.set(factors);
    const along = shape.map((_, i) => axis + i);
    return make(mulOp, [elements, expand(constantOf(float, shape, data), elements.shape, along)]);
  };
  if (taps > MOST_UNROLLED)
    return rawSum(
      weighted([out, taps], list => list),
      [axis + 1],
    );
  const every = (t: number): Tensor => weighted([out], list => list.filter((_, at) => at % taps === t));
  return Array.from({ length: taps }, (_, t) => every(t)).reduce((sum, term) => make(addOp, [sum, term]));
}

export const resampleOp = composite({
  name: "resample",
  operands: ["x"],
  dtypes: ["f32", "f64"],
  inferTypes: ([x], attrs) => {
    checkDType("resample", x, ["f32", "f64"]);
    checkAxis("resample", x, attrs.axis);
    const axis = axisIn(attrs);
    const { taps, positions, weights } = tapsOf(attrs);
    const size = x.shape[axis];
    const fits =
      Number.isInteger(taps) && taps > 0 && positions?.length % taps === 0 && weights?.length === positions.length;
    const inside = (at: number): boolean => Number.isInteger(at) && at >= 0 && at < Number(size);
    if (typeof size !== "number" || !fits || !positions.every(inside)) {
      throw new GradcError("shape", "resample: the taps do not fit", {
        expected: `as many weights as positions, ${taps} for each element, within axis ${axis} of a fixed size`,
        received: formatType(x),
      });
    }
    return [{ dtype: x.dtype, shape: x.shape.with(axis, positions.length / taps) }];
  },
  expand: ([x], attrs) => [expanded(x, axisIn(attrs), tapsOf(attrs))],
  derivative: {
    equations: ["resample(ȳ) by the transposed taps"],
    vjp: ({ node, operands: [x], cotangents: [cotangent] }) => {
      const axis = axisIn(node.attrs);
      return [cotangent && resample(cotangent, axis, transposed(tapsOf(node.attrs), Number(x.shape[axis])))];
    },
    jvp: ({ node, tangents: [tangent] }) => [tangent && make(resampleOp, [tangent], node.attrs)],
  },
});

/** Weighted sums of elements along an axis. */
export const resample = (x: Tensor, axis: number, { taps, positions, weights }: Taps): Tensor =>
  make(resampleOp, [x], { axis, taps, positions, weights });
