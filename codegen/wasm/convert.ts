import type { Expr } from "../../src/loop/ir.ts";
import type { DType } from "../../src/shared/dtype.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { InternalError } from "../../src/shared/errors.ts";
import { floatConst, lowHalves } from "./float-format.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { floatShape, isHalf } from "./value-type.ts";

type Typed = Pick<Expr, "dtype" | "lanes">;

/** A literal of any type; all lanes alike. */
export function emitConst(f: FunctionBuilder, { dtype, lanes }: Typed, value: number): void {
  if (isFloat(dtype)) floatConst(f, floatShape({ dtype, lanes }), value);
  else if (lanes > 1) f.v128(new Int32Array(4).fill(dtype === "bool" ? -Number(value !== 0) : value));
  else f.i32(dtype === "bool" ? Number(value !== 0) : value);
}

/** A scalar on the stack → all lanes. */
export function emitSplat(f: FunctionBuilder, dtype: DType): void {
  if (dtype === "f32") {
    f.emit("f32x4.splat");
    return;
  }
  if (dtype === "f64") {
    f.emit("f64x2.splat");
    return;
  }
  if (dtype === "bool") emitUnaryMinus(f);
  f.emit("i32x4.splat");
}

/** 1 → all bits. */
function emitUnaryMinus(f: FunctionBuilder): void {
  f.i32(-1);
  f.emit("i32.mul");
}

/** A vector on the stack → one of its lanes. */
export function emitLane(f: FunctionBuilder, x: Typed, lane: number): void {
  if (x.dtype === "f32") {
    f.lane("f32x4.extract_lane", lane);
    return;
  }
  if (x.dtype === "f64") {
    f.lane("f64x2.extract_lane", lane);
    return;
  }
  if (x.dtype !== "bool") {
    f.lane("i32x4.extract_lane", lane);
    return;
  }
  f.lane("i32x4.extract_lane", x.lanes === 2 ? 2 * lane : lane);
  f.i32(1);
  f.emit("i32.and");
}

/** Same bits in another dtype of 32 bits. */
export function emitBitcast(f: FunctionBuilder, from: Typed, to: DType): void {
  if (from.lanes > 1) return;
  if (from.dtype === "f32" && to !== "f32") f.emit("i32.reinterpret_f32");
  if (from.dtype !== "f32" && to === "f32") f.emit("f32.reinterpret_i32");
}

/** Numeric conversion of the value on the stack. */
export function emitCast(f: FunctionBuilder, from: Typed, to: DType): void {
  if (from.dtype === to) return;
  if (to === "bool") {
    emitNonZero(f, from);
    return;
  }
  if (from.lanes > 1) {
    emitVectorCast(f, from, to);
    return;
  }
  if (from.dtype === "bool") {
    isFloat(to) ? f.emit(`${to}.convert_i32_u`) : undefined;
    return;
  }
  if (isFloat(from.dtype)) {
    if (to === "f64") {
      f.emit("f64.promote_f32");
      return;
    }
    if (to === "f32") {
      f.emit("f32.demote_f64");
      return;
    }
    f.emit(`i32.trunc_sat_${from.dtype}_${to === "i32" ? "s" : "u"}`);
    return;
  }
  // Between i32 and u32 the bits stay.
  if (isFloat(to)) f.emit(`${to}.convert_i32_${from.dtype === "i32" ? "s" : "u"}`);
}

/** x ≠ 0; true of NaN. */
function emitNonZero(f: FunctionBuilder, from: Typed): void {
  emitConst(f, from, 0);
  if (isFloat(from.dtype)) f.emit(`${floatShape(from)}.ne`);
  else f.emit(from.lanes === 1 ? "i32.ne" : "i32x4.ne");
  if (isHalf(from)) f.emit("i64x2.extend_low_i32x4_s");
}

function emitVectorCast(f: FunctionBuilder, from: Typed, to: DType): void {
  const half = from.lanes === 2;
  if (from.dtype === "bool") {
    if (half && to !== "f64") lowHalves(f);
    emitConst(f, { dtype: to, lanes: from.lanes }, 1);
    f.emit("v128.and");
    return;
  }
  const sign = (dtype: DType): "s" | "u" => (dtype === "i32" ? "s" : "u");
  switch (`${from.dtype}>${to}`) {
    case "i32>u32":
    case "u32>i32":
      return;
    case "f32>i32":
    case "f32>u32":
      f.emit(`i32x4.trunc_sat_f32x4_${sign(to)}`);
      return;
    case "i32>f32":
    case "u32>f32":
      f.emit(`f32x4.convert_i32x4_${sign(from.dtype)}`);
      return;
    case "f64>i32":
    case "f64>u32":
      f.emit(`i32x4.trunc_sat_f64x2_${sign(to)}_zero`);
      return;
    case "i32>f64":
    case "u32>f64":
      f.emit(`f64x2.convert_low_i32x4_${sign(from.dtype)}`);
      return;
    case "f32>f64":
      f.emit("f64x2.promote_low_f32x4");
      return;
    case "f64>f32":
      f.emit("f32x4.demote_f64x2_zero");
      return;
    default:
      throw new InternalError(`wasm: cast from ${from.dtype} to ${to}`);
  }
}
