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

const step = (
  name: string,
  summary: string,
  equation: string,
  fn: UnaryFn,
  reference: (x: number) => number,
  y: readonly number[],
): LowerableOp =>
  floatFunction({
    name,
    summary,
    equation,
    kinks: "the gradient is 0 everywhere, at the steps too",
    scalar: x => s.unary(fn, x),
    reference,
    partial: () => "zero",
    rule: "0",
    cost: 1,
    samples: [
      {
        inputs: [{ shape: [6], data: [-1.5, -0.3, 0.5, 1.5, 2.5, 3] }],
        outputs: [{ shape: [6], data: y }],
        gradients: [[0, 0, 0, 0, 0, 0]],
        source: "by hand",
      },
    ],
  });

export const floorOp = step(
  "floor",
  "The largest integer that is not larger.",
  "y = ⌊x⌋",
  "floor",
  Math.floor,
  [-2, -1, 0, 1, 2, 3],
);
export const ceilOp = step(
  "ceil",
  "The smallest integer that is not smaller.",
  "y = ⌈x⌉",
  "ceil",
  Math.ceil,
  [-1, 0, 1, 2, 3, 3],
);
export const truncOp = step(
  "trunc",
  "The integer part.",
  "y = sign(x)·⌊|x|⌋",
  "trunc",
  Math.trunc,
  [-1, 0, 0, 1, 2, 3],
);
export const roundOp = step(
  "round",
  "The nearest integer, ties to even.",
  "y = nearest integer to x",
  "nearest",
  nearestEven,
  [-2, 0, 0, 2, 2, 3],
);

export const absOp = elementwise({
  name: "abs",
  doc: {
    summary: "The absolute value, elementwise.",
    equation: "y = |x|",
    operands: ["x"],
    attributes: [],
    kinks: "the gradient at 0 is 0; |−2³¹| wraps to −2³¹",
  },
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
  samples: [
    {
      inputs: [{ shape: [3], data: [-2, 0, 3] }],
      outputs: [{ shape: [3], data: [2, 0, 3] }],
      gradients: [[-1, 0, 1]],
      source: "by hand",
    },
  ],
});

export const signOp = elementwise({
  name: "sign",
  doc: {
    summary: "−1, 0 or 1 as x is negative, zero or positive.",
    equation: "y = x / |x|, 0 at 0",
    operands: ["x"],
    attributes: [],
    kinks: "the gradient is 0 everywhere, at 0 too; ±0 and NaN stay",
  },
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
  samples: [
    {
      inputs: [{ shape: [3], data: [-2, 0, 3] }],
      outputs: [{ shape: [3], data: [-1, 0, 1] }],
      gradients: [[0, 0, 0]],
      source: "by hand",
    },
  ],
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
