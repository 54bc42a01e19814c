import { elementwise } from "../kinds/elementwise.ts";
import type { LowerableOp } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { UnaryFn } from "../loop/ir.ts";
import type { FloatDType, NumericDType } from "../shared/dtype.ts";
import { applyBroadcast, type Like, make, type Operand } from "./coerce.ts";
import { gtOp, ltOp } from "./compare.ts";
import { floatFunction } from "./float-function.ts";

/** To the nearest integer, ties to even, in plain numbers. */
function nearestEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const step = (name: string, fn: UnaryFn, reference: (x: number) => number): LowerableOp =>
  floatFunction({
    name,
    scalar: x => s.unary(fn, x),
    reference,
    partial: () => "zero",
    rule: "0",
    cost: 1,
  });

export const floorOp = step("floor", "floor", Math.floor);
export const ceilOp = step("ceil", "ceil", Math.ceil);
export const truncOp = step("trunc", "trunc", Math.trunc);
export const roundOp = step("round", "nearest", nearestEven);

export const absOp = elementwise({
  name: "abs",
  operands: ["x"],
  dtypes: ["f32", "f64", "i32"],
  scalar: ([x]) => s.unary("abs", x),
  reference: ([x]) => Math.abs(x),
  partials: [
    ({ x: [x] }) => ({
      where: make(gtOp, x, 0),
      yes: "one",
      no: { where: make(ltOp, x, 0), yes: "minusOne", no: "zero" },
    }),
  ],
  equations: ["where(x > 0, ȳ, where(x < 0, −ȳ, 0))"],
  cost: 1,
});

export const signOp = elementwise({
  name: "sign",
  operands: ["x"],
  dtypes: ["f32", "f64", "i32"],
  scalar: ([x]) => {
    const constant = (value: number) => s.literal(x.dtype, value);
    const negative = s.select(s.lt(x, constant(0)), constant(-1), x);
    return s.select(s.gt(x, constant(0)), constant(1), negative);
  },
  reference: ([x]) => Math.sign(x),
  partials: [() => "zero"],
  equations: ["0"],
  cost: 2,
});

/** The largest integer that is not larger. Gradient 0. */
export function floor<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(floorOp, [x]) as Like<X>;
}
/** The smallest integer that is not smaller. Gradient 0. */
export function ceil<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(ceilOp, [x]) as Like<X>;
}
/** The integer part. Gradient 0. */
export function trunc<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(truncOp, [x]) as Like<X>;
}
/** The nearest integer, ties to even. Gradient 0. */
export function round<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(roundOp, [x]) as Like<X>;
}
/** The absolute value. The gradient at 0 is 0. */
export function abs<X extends Operand<NumericDType>>(x: X): Like<X> {
  return applyBroadcast(absOp, [x]) as Like<X>;
}
/** −1, 0 or 1. Gradient 0. */
export function sign<X extends Operand<NumericDType>>(x: X): Like<X> {
  return applyBroadcast(signOp, [x]) as Like<X>;
}
