import { elementwise } from "../kinds/elementwise.ts";
import * as s from "../loop/build.ts";
import type { NumericDType } from "../shared/dtype.ts";
import { applyBroadcast, type Join, type Like, type Operand } from "./coerce.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

export const addOp = elementwise({
  name: "add",
  doc: {
    summary: "The sum of two tensors, elementwise; integers wrap.",
    equation: "z = x + y",
    operands: ["x", "y"],
    attributes: [],
    kinks: "none",
  },
  dtypes: NUMERIC,
  commutative: true,
  scalar: ([x, y]) => s.add(x, y),
  reference: ([x, y]) => x + y,
  partials: [() => "one", () => "one"],
  equations: ["ȳ", "ȳ"],
  cost: 1,
  samples: [
    {
      inputs: [
        { shape: [3], data: [1, -2, 0.5] },
        { shape: [3], data: [10, 20, 30] },
      ],
      outputs: [{ shape: [3], data: [11, 18, 30.5] }],
      gradients: [
        [1, 1, 1],
        [1, 1, 1],
      ],
      source: "by hand",
    },
    {
      inputs: [
        { dtype: "i32", shape: [1], data: [2147483647] },
        { dtype: "i32", shape: [1], data: [1] },
      ],
      outputs: [{ dtype: "i32", shape: [1], data: [-2147483648] }],
      source: "two's complement",
    },
  ],
});

/** x + y, elementwise with NumPy broadcasting. Integers wrap. */
export function add<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(addOp, [x, y]) as Join<A, B>;
}

export const mulOp = elementwise({
  name: "mul",
  doc: {
    summary: "The product of two tensors, elementwise; integers wrap.",
    equation: "z = x·y",
    operands: ["x", "y"],
    attributes: [],
    kinks: "none",
  },
  dtypes: NUMERIC,
  commutative: true,
  scalar: ([x, y]) => s.mul(x, y),
  reference: ([x, y], dtype) => (dtype === "f32" || dtype === "f64" ? x * y : Math.imul(x, y)),
  partials: [({ x }) => ({ times: x[1] }), ({ x }) => ({ times: x[0] })],
  equations: ["ȳ·y", "ȳ·x"],
  cost: 1,
  samples: [
    {
      inputs: [
        { shape: [3], data: [1, -2, 0.5] },
        { shape: [3], data: [10, 20, 30] },
      ],
      outputs: [{ shape: [3], data: [10, -40, 15] }],
      gradients: [
        [10, 20, 30],
        [1, -2, 0.5],
      ],
      source: "by hand",
    },
  ],
});

/** x·y, elementwise with NumPy broadcasting. Integers wrap. */
export function mul<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(mulOp, [x, y]) as Join<A, B>;
}

export const negOp = elementwise({
  name: "neg",
  doc: { summary: "The negative, elementwise.", equation: "y = −x", operands: ["x"], attributes: [], kinks: "none" },
  dtypes: ["f32", "f64", "i32"],
  scalar: ([x]) => s.neg(x),
  reference: ([x]) => -x,
  partials: [() => "minusOne"],
  equations: ["−ȳ"],
  cost: 1,
  samples: [
    {
      inputs: [{ shape: [2], data: [1, -2] }],
      outputs: [{ shape: [2], data: [-1, 2] }],
      gradients: [[-1, -1]],
      source: "by hand",
    },
  ],
});

/** −x, elementwise. */
export function neg<X extends Operand<NumericDType>>(x: X): Like<X> {
  return applyBroadcast(negOp, [x]) as Like<X>;
}
