import { elementwise } from "../kinds/elementwise.ts";
import type { LowerableOp } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { BinaryFn } from "../loop/ir.ts";
import type { IntDType } from "../shared/dtype.ts";
import { applyBroadcast, type Join, type Like, type Operand } from "./coerce.ts";

const INTEGERS = ["i32", "u32"] as const;

interface BitOperation {
  readonly name: string;
  readonly fn: BinaryFn;
  readonly commutative?: boolean;
  apply(x: number, y: number, dtype: string): number;
}

const bitwise = (b: BitOperation): LowerableOp =>
  elementwise({
    name: b.name,
    operands: ["x", "y"],
    dtypes: INTEGERS,
    commutative: b.commutative ?? false,
    scalar: ([x, y]) => s.binary(b.fn, x, y),
    reference: ([x, y], dtype) => b.apply(x, y, dtype),
    partials: null,
    cost: 1,
  });

export const bitAndOp = bitwise({
  name: "bitAnd",
  fn: "and",
  commutative: true,
  apply: (x, y) => x & y,
});
export const bitOrOp = bitwise({
  name: "bitOr",
  fn: "or",
  commutative: true,
  apply: (x, y) => x | y,
});
export const bitXorOp = bitwise({
  name: "bitXor",
  fn: "xor",
  commutative: true,
  apply: (x, y) => x ^ y,
});
export const shiftLeftOp = bitwise({
  name: "shiftLeft",
  fn: "shl",
  apply: (x, y) => x << y,
});
export const shiftRightOp = bitwise({
  name: "shiftRight",
  fn: "shr",
  apply: (x, y, dtype) => (dtype === "u32" ? x >>> y : x >> y),
});

export const bitNotOp = elementwise({
  name: "bitNot",
  operands: ["x"],
  dtypes: INTEGERS,
  scalar: ([x]) => s.unary("not", x),
  reference: ([x]) => ~x,
  partials: null,
  cost: 1,
});

/** The bits set in both integers. */
export function bitAnd<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(bitAndOp, [x, y]) as Join<A, B>;
}
/** The bits set in at least one of two integers. */
export function bitOr<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(bitOrOp, [x, y]) as Join<A, B>;
}
/** The bits set in exactly one of two integers. */
export function bitXor<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(bitXorOp, [x, y]) as Join<A, B>;
}
/** x·2ʸ in 32 bits; y modulo 32. */
export function shiftLeft<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(shiftLeftOp, [x, y]) as Join<A, B>;
}
/** ⌊x / 2ʸ⌋: arithmetic for i32, logical for u32; y modulo 32. */
export function shiftRight<A extends Operand<IntDType>, B extends Operand<IntDType>>(x: A, y: B): Join<A, B> {
  return applyBroadcast(shiftRightOp, [x, y]) as Join<A, B>;
}
/** All bits inverted. */
export function bitNot<X extends Operand<IntDType>>(x: X): Like<X> {
  return applyBroadcast(bitNotOp, [x]) as Like<X>;
}
