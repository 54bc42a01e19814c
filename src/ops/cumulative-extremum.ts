import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { LowerableOp } from "../kinds/form.ts";
import { checkAxis, checkDType } from "../kinds/linear-helpers.ts";
import { stepIn } from "../kinds/prefix.ts";
import { routine } from "../kinds/routine.ts";
import { forEachRow, rowLoops } from "../kinds/rows.ts";
import * as s from "../loop/build.ts";
import type { CompareFn, Expr } from "../loop/ir.ts";
import { allocate, isFloat, type NumericDType } from "../shared/dtype.ts";
import { along } from "./along.ts";
import { pickedOf, pickedRule } from "./picked.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;
const axisIn = (attrs: Attrs): number => attrs.axis as number;

/** The extremum so far and where it was attained first; from a NaN on it is that NaN. */
const cumulative = (name: string, better: CompareFn & ("gt" | "lt")): LowerableOp =>
  routine({
    name,
    operands: ["x"],
    dtypes: NUMERIC,
    inferTypes: ([x], attrs) => {
      checkDType(name, x, NUMERIC);
      checkAxis(name, x, attrs.axis);
      return [x, { dtype: "i32", shape: x.shape }];
    },
    evaluate: ([x], attrs) => {
      const values = allocate(x.dtype, x.data.length);
      const indices = allocate("i32", x.data.length);
      const beats = (p: number, q: number): boolean => (better === "gt" ? p > q : p < q);
      forEachRow(x.shape, axisIn(attrs), (place, length) => {
        let best = attrs.reverse ? length - 1 : 0;
        for (let step = 0; step < length; step++) {
          const j = attrs.reverse ? length - 1 - step : step;
          const [held, now] = [x.data[place(best)], x.data[place(j)]];
          if (!Number.isNaN(held) && (Number.isNaN(now) || beats(now, held))) best = j;
          values[place(j)] = x.data[place(best)];
          indices[place(j)] = best;
        }
      });
      return pickedOf(x, x.shape, values, indices);
    },
    build: (node, fresh) => {
      const [{ dtype, shape }] = node.operands;
      const names = ["step", "at", "j", "best", "index", "x"].map(fresh);
      const [step, at, j, best, index, x] = names;
      const [vstep, vat, vj, , vindex] = names.map(v => s.variable(v));
      const [held, now] = [s.variable(best, dtype), s.variable(x, dtype)];
      const beats = s.compare(better, now, held);
      const wins = isFloat(dtype) ? s.and(s.eq(held, held), s.or(beats, s.ne(now, now))) : beats;
      return rowLoops(shape, axisIn(node.attrs), fresh, (place, length) => {
        const element = (e: Expr): Expr => stepIn(Boolean(node.attrs.reverse), e, length);
        const first = s.load("in$0", dtype, place(element(s.int(0))));
        return [
          s.varStmt(best, s.guard(s.gt(length, s.int(0)), first, s.literal(dtype, 0))),
          s.varStmt(index, element(s.int(0))),
          s.forStmt(step, s.int(0), length, [
            s.letStmt(j, element(vstep)),
            s.letStmt(at, place(vj)),
            s.letStmt(x, s.load("in$0", dtype, vat)),
            s.ifStmt(wins, [s.assign(best, now), s.assign(index, vj)]),
            s.store("out$0", vat, held),
            s.store("out$1", vat, vindex),
          ]),
        ];
      });
    },
    cost: 3,
    derivative: pickedRule,
  });

export const cummaxOp = cumulative("cummax", "gt");
export const cumminOp = cumulative("cummin", "lt");

export interface CumulativeOptions {
  /** From the last element to the first. */
  readonly reverse?: boolean;
}

const FLAGS = ["reverse"];

/**
 * The largest element so far along an axis: y[j] = max(x[0], …, x[j]). From a NaN on it is NaN.
 * @param axis counted from the back where negative; default the last
 * @param options.reverse from the last element to the first
 * @returns of x's shape. The gradient of each element goes to the one that attained the maximum first.
 * @throws GradcError `attribute` where x has no such axis, `dtype` for bools
 */
export function cummax<D extends NumericDType>(x: Tensor<D>, axis = -1, options: CumulativeOptions = {}): Tensor<D> {
  return along("cummax", cummaxOp, x, axis, options, FLAGS)[0] as Tensor<D>;
}

/** The smallest element so far along an axis: y[j] = min(x[0], …, x[j]). See cummax. */
export function cummin<D extends NumericDType>(x: Tensor<D>, axis = -1, options: CumulativeOptions = {}): Tensor<D> {
  return along("cummin", cumminOp, x, axis, options, FLAGS)[0] as Tensor<D>;
}
