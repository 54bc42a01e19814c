import type { Scalar, Tensor } from "../graph/tensor.ts";
import { elementwise } from "../kinds/elementwise.ts";
import type { LowerableOp } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { CompareFn } from "../loop/ir.ts";
import { DTYPES } from "../shared/dtype.ts";
import { applyBroadcast, type Join, type Operand } from "./coerce.ts";

/** bool in the shape that the operands broadcast to. */
export type Truth<A, B = number> = Join<A, B> extends Scalar ? Scalar<"bool"> : Tensor<"bool">;

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

interface Comparison {
  readonly name: CompareFn;
  /** Order does not matter, and bool is taken too. */
  readonly symmetric?: boolean;
  test(x: number, y: number): boolean;
}

const comparison = (c: Comparison): LowerableOp =>
  elementwise({
    name: c.name,
    operands: ["x", "y"],
    dtypes: c.symmetric ? DTYPES : NUMERIC,
    signature: "compare",
    commutative: c.symmetric ?? false,
    scalar: ([x, y]) => s.compare(c.name, x, y),
    reference: ([x, y]) => (c.test(x, y) ? 1 : 0),
    partials: null,
    cost: 1,
  });

export const eqOp = comparison({
  name: "eq",
  symmetric: true,
  test: (x, y) => x === y,
});
export const neOp = comparison({
  name: "ne",
  symmetric: true,
  test: (x, y) => x !== y,
});
export const ltOp = comparison({
  name: "lt",
  test: (x, y) => x < y,
});
export const leOp = comparison({
  name: "le",
  test: (x, y) => x <= y,
});
export const gtOp = comparison({
  name: "gt",
  test: (x, y) => x > y,
});
export const geOp = comparison({
  name: "ge",
  test: (x, y) => x >= y,
});

/** x = y, elementwise with broadcasting. False where one is NaN. */
export function eq<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(eqOp, [x, y]) as Truth<A, B>;
}
/** x ≠ y, elementwise with broadcasting. True where one is NaN. */
export function ne<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(neOp, [x, y]) as Truth<A, B>;
}
/** x < y, elementwise with broadcasting. */
export function lt<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(ltOp, [x, y]) as Truth<A, B>;
}
/** x ≤ y, elementwise with broadcasting. */
export function le<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(leOp, [x, y]) as Truth<A, B>;
}
/** x > y, elementwise with broadcasting. */
export function gt<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(gtOp, [x, y]) as Truth<A, B>;
}
/** x ≥ y, elementwise with broadcasting. */
export function ge<A extends Operand, B extends Operand>(x: A, y: B): Truth<A, B> {
  return applyBroadcast(geOp, [x, y]) as Truth<A, B>;
}
