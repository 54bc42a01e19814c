import { elementwise } from "../kinds/elementwise.ts";
import * as s from "../loop/build.ts";
import type { NumericDType } from "../shared/dtype.ts";
import { apply, applyBroadcast, broadcastAll, type Join, type Like, make, type Operand } from "./coerce.ts";
import { eqOp, ltOp, neOp } from "./compare.ts";
import { truncOp } from "./rounding.ts";
import { whereOp } from "./select.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;
const isFloatName = (dtype: string): boolean => dtype === "f32" || dtype === "f64";

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

export const subOp = elementwise({
  name: "sub",
  doc: {
    summary: "The difference of two tensors, elementwise; integers wrap.",
    equation: "z = x − y",
    operands: ["x", "y"],
    attributes: [],
    kinks: "none",
  },
  dtypes: NUMERIC,
  scalar: ([x, y]) => s.sub(x, y),
  reference: ([x, y]) => x - y,
  partials: [() => "one", () => "minusOne"],
  equations: ["ȳ", "−ȳ"],
  cost: 1,
  samples: [
    {
      inputs: [
        { shape: [2], data: [1, -2] },
        { shape: [2], data: [10, 0.5] },
      ],
      outputs: [{ shape: [2], data: [-9, -2.5] }],
      gradients: [
        [1, 1],
        [-1, -1],
      ],
      source: "by hand",
    },
    {
      inputs: [
        { dtype: "u32", shape: [1], data: [0] },
        { dtype: "u32", shape: [1], data: [1] },
      ],
      outputs: [{ dtype: "u32", shape: [1], data: [4294967295] }],
      source: "two's complement",
    },
  ],
});

/** x − y, elementwise with NumPy broadcasting. Integers wrap. */
export function sub<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(subOp, [x, y]) as Join<A, B>;
}

export const divOp = elementwise({
  name: "div",
  doc: {
    summary: "The quotient of two tensors, elementwise; of integers truncated towards 0.",
    equation: "z = x / y",
    operands: ["x", "y"],
    attributes: [],
    kinks: "floats divide by 0 as IEEE 754 says; integers give 0 for x / 0; −2³¹ / −1 wraps to −2³¹",
  },
  dtypes: NUMERIC,
  scalar: ([x, y]) => s.div(x, y),
  reference: ([x, y], dtype) => (isFloatName(dtype) ? x / y : y === 0 ? 0 : Math.trunc(x / y)),
  partials: [
    ({ x: [, y] }) => ({ over: y }),
    ({ x: [, y], y: z }) => ({ times: apply(negOp, [apply(divOp, [z, y])]) }),
  ],
  equations: ["ȳ / y", "−ȳ·z / y"],
  safeArgument: [null, 1],
  cost: 4,
  samples: [
    {
      inputs: [
        { shape: [2], data: [1, -6] },
        { shape: [2], data: [4, 2] },
      ],
      outputs: [{ shape: [2], data: [0.25, -3] }],
      gradients: [
        [0.25, 0.5],
        [-0.0625, 1.5],
      ],
      source: "by hand",
    },
    {
      inputs: [
        { dtype: "i32", shape: [3], data: [-7, 7, 5] },
        { dtype: "i32", shape: [3], data: [2, -2, 0] },
      ],
      outputs: [{ dtype: "i32", shape: [3], data: [-3, -3, 0] }],
      source: "by hand",
    },
  ],
});

/** x / y, elementwise with NumPy broadcasting. Integers truncate towards 0, x / 0 = 0; floats as IEEE 754 says. */
export function div<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(divOp, [x, y]) as Join<A, B>;
}

export const remOp = elementwise({
  name: "rem",
  doc: {
    summary: "The remainder of a division that truncates; it has the sign of the dividend.",
    equation: "z = x − y·trunc(x / y)",
    operands: ["x", "y"],
    attributes: [],
    kinks: "jumps at multiples of y, where the gradient is that of the piece on which z = 0; integers: x rem 0 = 0",
  },
  dtypes: NUMERIC,
  scalar: ([x, y]) => s.binary("rem", x, y),
  reference: ([x, y], dtype) => (!isFloatName(dtype) && y === 0 ? 0 : x % y),
  partials: [() => "one", ({ x: [x, y] }) => ({ times: apply(negOp, [make(truncOp, make(divOp, x, y))]) })],
  equations: ["ȳ", "−ȳ·trunc(x / y)"],
  safeArgument: [null, 1],
  cost: 8,
  samples: [
    {
      inputs: [
        { shape: [2], data: [5.5, -5.5] },
        { shape: [2], data: [2, 2] },
      ],
      outputs: [{ shape: [2], data: [1.5, -1.5] }],
      gradients: [
        [1, 1],
        [-2, 2],
      ],
      source: "by hand",
    },
    {
      inputs: [
        { dtype: "i32", shape: [3], data: [-7, 7, 5] },
        { dtype: "i32", shape: [3], data: [2, -2, 0] },
      ],
      outputs: [{ dtype: "i32", shape: [3], data: [-1, 1, 0] }],
      source: "by hand",
    },
  ],
});

/** The remainder of a truncating division: the sign of x, as JavaScript's and C's %. */
export function rem<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(remOp, [x, y]) as Join<A, B>;
}

/** The remainder of a flooring division: the sign of y, as NumPy's and Python's %. */
export function mod<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  const [dividend, divisor] = broadcastAll("mod", [x, y]);
  const r = make(remOp, dividend, divisor);
  const opposite = make(neOp, make(ltOp, r, 0), make(ltOp, divisor, 0));
  const moved = make(whereOp, opposite, make(addOp, r, divisor), r);
  // A remainder of 0 stays.
  return make(whereOp, make(eqOp, r, 0), r, moved) as Join<A, B>;
}
