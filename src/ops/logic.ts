import { elementwise } from "../kinds/elementwise.ts";
import type { LowerableOp } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { applyBroadcast, type Join, type Like, make, type Operand, type Scalar, type Tensor } from "./coerce.ts";
import { eqOp, ltOp, neOp } from "./compare.ts";
import { absOp } from "./rounding.ts";

const connective = (name: "and" | "or" | "xor", test: (x: boolean, y: boolean) => boolean): LowerableOp =>
  elementwise({
    name,
    operands: ["x", "y"],
    dtypes: ["bool"],
    commutative: true,
    scalar: ([x, y]) => s.binary(name, x, y),
    reference: ([x, y]) => (test(x !== 0, y !== 0) ? 1 : 0),
    partials: null,
    cost: 1,
  });

export const andOp = connective("and", (x, y) => x && y);
export const orOp = connective("or", (x, y) => x || y);
export const xorOp = connective("xor", (x, y) => x !== y);

export const notOp = elementwise({
  name: "not",
  operands: ["x"],
  dtypes: ["bool"],
  scalar: ([x]) => s.unary("not", x),
  reference: ([x]) => (x ? 0 : 1),
  partials: null,
  cost: 1,
});

/** Both hold. bool, broadcasting. */
export function and<A extends Operand<"bool">, B extends Operand<"bool">>(x: A, y: B): Join<A, B> {
  return applyBroadcast(andOp, [x, y]) as Join<A, B>;
}
/** At least one holds. bool, broadcasting. */
export function or<A extends Operand<"bool">, B extends Operand<"bool">>(x: A, y: B): Join<A, B> {
  return applyBroadcast(orOp, [x, y]) as Join<A, B>;
}
/** Exactly one holds. bool, broadcasting. */
export function xor<A extends Operand<"bool">, B extends Operand<"bool">>(x: A, y: B): Join<A, B> {
  return applyBroadcast(xorOp, [x, y]) as Join<A, B>;
}
/** It does not hold. bool. */
export function not<X extends Tensor<"bool">>(x: X): Like<X> {
  return applyBroadcast(notOp, [x]) as Like<X>;
}

type Test<X> = X extends Scalar ? Scalar<"bool"> : Tensor<"bool">;

/** Whether x is NaN, elementwise: x ≠ x. */
export function isNan<X extends Tensor<FloatDType>>(x: X): Test<X> {
  return make(neOp, x, x) as Test<X>;
}
/** Whether x is neither NaN nor infinite, elementwise: |x| < ∞. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name that users look for
export function isFinite<X extends Tensor<FloatDType>>(x: X): Test<X> {
  return make(ltOp, make(absOp, x), Number.POSITIVE_INFINITY) as Test<X>;
}
/** Whether x is ∞ or −∞, elementwise. */
export function isInfinite<X extends Tensor<FloatDType>>(x: X): Test<X> {
  return make(eqOp, make(absOp, x), Number.POSITIVE_INFINITY) as Test<X>;
}
