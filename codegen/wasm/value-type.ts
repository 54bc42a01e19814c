import type { Lanes } from "../../src/loop/ir.ts";
import type { DType } from "../../src/shared/dtype.ts";
import { invariant } from "../../src/shared/errors.ts";

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** Bytes of the binary format. */
export const TYPE_BYTES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

interface Typed {
  readonly dtype: DType;
  readonly lanes: Lanes;
}

export type FloatShape = "f32" | "f64" | "f32x4" | "f64x2";
export type IntShape = "i32" | "i32x4";

/**
 * How loop IR values stand in WebAssembly.
 * One lane: f32, f64, i32 (i32, u32 and bool; a bool is 0 or 1).
 * Vectors are v128: four lanes of 32 bits; two lanes of f64; two lanes of a 32-bit dtype in the low half (the high half
 * is anything). A mask has all bits of a lane set or none: four lanes of 32 bits or two lanes of 64.
 */
export function valueType({ dtype, lanes }: Typed): ValueType {
  if (lanes > 1) {
    invariant(dtype !== "f64" || lanes === 2, "f64 vectors have two lanes");
    return "v128";
  }
  return dtype === "f32" || dtype === "f64" ? dtype : "i32";
}

export function floatShape({ dtype, lanes }: Typed): FloatShape {
  if (dtype === "f64") return lanes === 1 ? "f64" : "f64x2";
  invariant(dtype === "f32", `${dtype} is not a float`);
  return lanes === 1 ? "f32" : "f32x4";
}

/** Two lanes of 32 bits in a half-filled vector. */
export const isHalf = ({ dtype, lanes }: Typed): boolean =>
  lanes === 2 && (dtype === "f32" || dtype === "i32" || dtype === "u32");
