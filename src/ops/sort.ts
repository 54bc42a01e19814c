import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { checkAxis, checkDType } from "../kinds/linear-helpers.ts";
import { routine } from "../kinds/routine.ts";
import { mulDims } from "../shared/dim.ts";
import type { NumericDType } from "../shared/dtype.ts";
import { along } from "./along.ts";
import { pickedRule, pickOrdered } from "./picked.ts";
import { sortLoops } from "./sort-loops.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;
const axisIn = (attrs: Attrs): number => attrs.axis as number;

export const sortOp = routine({
  name: "sort",
  operands: ["x"],
  dtypes: NUMERIC,
  inferTypes: ([x], attrs) => {
    checkDType("sort", x, NUMERIC);
    checkAxis("sort", x, attrs.axis);
    return [x, { dtype: "i32", shape: x.shape }];
  },
  evaluate: ([x], attrs) => pickOrdered(x, axisIn(attrs), x.shape[axisIn(attrs)], Boolean(attrs.descending)),
  build: (node, fresh) => sortLoops(node, axisIn(node.attrs), Boolean(node.attrs.descending), fresh),
  scratch: ({ operands: [x], attrs }) => {
    const shape = [mulDims(x.shape[axisIn(attrs)], 2)];
    return [
      { dtype: x.dtype, shape, private: true },
      { dtype: "i32", shape, private: true },
    ];
  },
  cost: 60,
  derivative: pickedRule,
});

export interface SortOptions {
  /** The largest first. */
  readonly descending?: boolean;
}

const FLAGS = ["descending"];

/**
 * The elements of every row along an axis in ascending order. Stable: equal elements (−0 and 0 are equal) keep their
 * order. NaN counts as larger than every number: the last, or the first where descending. O(n log n).
 * @param axis counted from the back where negative; default the last
 * @param options.descending the largest first; ties keep their order here too
 * @returns of x's shape. The gradient of each element goes to where it stood: ties are told apart by their positions.
 * @throws GradcError `attribute` where x has no such axis, `dtype` for bools
 */
export function sort<D extends NumericDType>(x: Tensor<D>, axis = -1, options: SortOptions = {}): Tensor<D> {
  return along("sort", sortOp, x, axis, options, FLAGS)[0] as Tensor<D>;
}

/**
 * The positions that sort every row along an axis: gatherAlong(x, argsort(x)) = sort(x). See sort for ties and NaN.
 * @returns i32, of x's shape; not differentiable
 * @throws GradcError `attribute` where x has no such axis, `dtype` for bools
 */
export function argsort(x: Tensor<NumericDType>, axis = -1, options: SortOptions = {}): Tensor<"i32"> {
  return along("argsort", sortOp, x, axis, options, FLAGS)[1] as Tensor<"i32">;
}
