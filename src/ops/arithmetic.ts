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
  operands: ["x", "y"],
  dtypes: NUMERIC,
  commutative: true,
  scalar: ([x, y]) => s.add(x, y),
  reference: ([x, y]) => x + y,
  partials: [() => "one", () => "one"],
  equations: ["ȳ", "ȳ"],
  cost: 1,
});

/** x + y, elementwise with NumPy broadcasting. Integers wrap. */
export function add<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(addOp, [x, y]) as Join<A, B>;
}

export const mulOp = elementwise({
  name: "mul",
  operands: ["x", "y"],
  dtypes: NUMERIC,
  commutative: true,
  scalar: ([x, y]) => s.mul(x, y),
  reference: ([x, y], dtype) => (dtype === "f32" || dtype === "f64" ? x * y : Math.imul(x, y)),
  partials: [({ x }) => ({ times: x[1] }), ({ x }) => ({ times: x[0] })],
  equations: ["ȳ·y", "ȳ·x"],
  cost: 1,
});

/** x·y, elementwise with NumPy broadcasting. Integers wrap. */
export function mul<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(mulOp, [x, y]) as Join<A, B>;
}

export const negOp = elementwise({
  name: "neg",
  operands: ["x"],
  dtypes: ["f32", "f64", "i32"],
  scalar: ([x]) => s.neg(x),
  reference: ([x]) => -x,
  partials: [() => "minusOne"],
  equations: ["−ȳ"],
  cost: 1,
});

/** −x, elementwise. */
export function neg<X extends Operand<NumericDType>>(x: X): Like<X> {
  return applyBroadcast(negOp, [x]) as Like<X>;
}

export const subOp = elementwise({
  name: "sub",
  operands: ["x", "y"],
  dtypes: NUMERIC,
  scalar: ([x, y]) => s.sub(x, y),
  reference: ([x, y]) => x - y,
  partials: [() => "one", () => "minusOne"],
  equations: ["ȳ", "−ȳ"],
  cost: 1,
});

/** x − y, elementwise with NumPy broadcasting. Integers wrap. */
export function sub<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(subOp, [x, y]) as Join<A, B>;
}

export const divOp = elementwise({
  name: "div",
  operands: ["x", "y"],
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
});

/** x / y, elementwise with NumPy broadcasting. Integers truncate towards 0, x / 0 = 0; floats as IEEE 754 says. */
export function div<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(divOp, [x, y]) as Join<A, B>;
}

export const remOp = elementwise({
  name: "rem",
  operands: ["x", "y"],
  dtypes: NUMERIC,
  scalar: ([x, y]) => s.binary("rem", x, y),
  reference: ([x, y], dtype) => (!isFloatName(dtype) && y === 0 ? 0 : x % y),
  partials: [() => "one", ({ x: [x, y] }) => ({ times: apply(negOp, [make(truncOp, make(divOp, x, y))]) })],
  equations: ["ȳ", "−ȳ·trunc(x / y)"],
  safeArgument: [null, 1],
  cost: 8,
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
