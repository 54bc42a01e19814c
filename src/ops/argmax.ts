import { checkTensors } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { LowerableOp } from "../kinds/form.ts";
import { reduce } from "../kinds/reduce.ts";
import * as s from "../loop/build.ts";
import type { CompareFn, Expr } from "../loop/ir.ts";
import type { DType, NumericDType } from "../shared/dtype.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";
import { LARGEST, LEAST, largest, smallest } from "./extremum.ts";

const NONE = 2 ** 31 - 1;

/**
 * Whether b goes before a: its value wins, or it equals (NaN equals NaN and wins over numbers) and stands earlier.
 * The first of equals wins, so the order of combination does not matter.
 */
function before([value, at]: readonly Expr[], [best, bestAt]: readonly Expr[], better: CompareFn): Expr {
  const earlier = s.lt(at, bestAt);
  const wins = s.or(s.compare(better, value, best), s.and(s.eq(value, best), earlier));
  const isNan = s.ne(value, value);
  const bestIsNan = s.ne(best, best);
  return s.select(bestIsNan, s.and(isNan, earlier), s.or(isNan, wins));
}

const argExtremum = (name: string, better: "gt" | "lt", neutral: Readonly<Record<DType, number>>): LowerableOp =>
  reduce({
    name,
    dtypes: ["f32", "f64", "i32", "u32"],
    result: "i32",
    oneAxis: true,
    empty: false,
    states: dtype => [
      { dtype, init: neutral[dtype] },
      { dtype: "i32", init: NONE },
    ],
    element: (x, [at]) => [x, at],
    combine: (a, b) => {
      const moves = before(b, a, better);
      return [s.select(moves, b[0], a[0]), s.select(moves, b[1], a[1])];
    },
    finish: ([, at]) => at,
    reference: values => {
      const nan = values.findIndex(Number.isNaN);
      return nan >= 0 ? nan : values.indexOf(better === "gt" ? largest(values) : smallest(values));
    },
    derivative: null,
    cost: 3,
  });

export const argmaxOp = argExtremum("argmax", "gt", LEAST);
export const argminOp = argExtremum("argmin", "lt", LARGEST);

/** The index (i32) of the largest element along an axis, which is dropped; the first of equals. NaN counts as largest. */
export function argmax(x: Tensor<NumericDType>, axis = -1): Tensor<"i32"> {
  checkTensors("argmax", { x });
  return apply(argmaxOp, [x], { axis: axisOf("argmax", axis, x.rank) }) as Tensor<"i32">;
}

/** The index (i32) of the smallest element along an axis, which is dropped; the first of equals. NaN counts as smallest. */
export function argmin(x: Tensor<NumericDType>, axis = -1): Tensor<"i32"> {
  checkTensors("argmin", { x });
  return apply(argminOp, [x], { axis: axisOf("argmin", axis, x.rank) }) as Tensor<"i32">;
}
