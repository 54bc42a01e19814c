import type { FunctionBuilder } from "./function-builder.ts";
import type { FloatShape, ValueType } from "./value-type.ts";

/** The number format of a float shape and the instructions that take its bits apart. */
export interface Format {
  readonly float: FloatShape;
  readonly floatType: ValueType;
  readonly int: "i32" | "i64" | "i32x4" | "i64x2";
  readonly intType: ValueType;
  /** Holds a comparison's result: i32 for scalars, a mask for vectors. */
  readonly boolType: ValueType;
  readonly logic: "i32" | "v128";
  readonly bits: "i32" | "i64" | "v128";
  readonly mantissaBits: number;
  /** The exponent field of the numbers in ½ ≤ |m| < 1; 2^−halfField is the least normal number. */
  readonly halfField: number;
  readonly maxField: number;
}

const F32 = { mantissaBits: 23, halfField: 126, maxField: 255 };
export const F64 = { mantissaBits: 52, halfField: 1022, maxField: 2047 };
const VECTOR = { floatType: "v128", intType: "v128", boolType: "v128", logic: "v128", bits: "v128" } as const;

export const FORMATS: Readonly<Record<FloatShape, Format>> = {
  f32: {
    ...F32,
    float: "f32",
    floatType: "f32",
    int: "i32",
    intType: "i32",
    boolType: "i32",
    logic: "i32",
    bits: "i32",
  },
  f64: {
    ...F64,
    float: "f64",
    floatType: "f64",
    int: "i64",
    intType: "i64",
    boolType: "i32",
    logic: "i32",
    bits: "i64",
  },
  f32x4: { ...F32, ...VECTOR, float: "f32x4", int: "i32x4" },
  f64x2: { ...F64, ...VECTOR, float: "f64x2", int: "i64x2" },
};

export function floatConst(f: FunctionBuilder, shape: FloatShape, value: number): void {
  if (shape === "f32") f.f32(value);
  else if (shape === "f64") f.f64(value);
  else f.v128(shape === "f32x4" ? new Float32Array(4).fill(value) : new Float64Array(2).fill(value));
}

export function intConst(f: FunctionBuilder, { int }: Format, value: bigint): void {
  if (int === "i32") f.i32(Number(BigInt.asIntN(32, value)));
  else if (int === "i64") f.i64(value);
  else if (int === "i32x4") f.v128(new Int32Array(4).fill(Number(BigInt.asIntN(32, value))));
  else f.v128(new BigInt64Array(2).fill(BigInt.asIntN(64, value)));
}

/** Shift counts have the operand's type in scalar code and are i32 for vectors. */
export function shift(f: FunctionBuilder, { int }: Format, direction: "shl" | "shr_u", count: number): void {
  if (int === "i64") f.i64(BigInt(count));
  else f.i32(count);
  f.emit(`${int}.${direction}`);
}

export function toBits(f: FunctionBuilder, { float }: Format): void {
  if (float === "f32") f.emit("i32.reinterpret_f32");
  if (float === "f64") f.emit("i64.reinterpret_f64");
}

export function fromBits(f: FunctionBuilder, { float }: Format): void {
  if (float === "f32") f.emit("f32.reinterpret_i32");
  if (float === "f64") f.emit("f64.reinterpret_i64");
}

/** (then, otherwise, condition) → then or otherwise. */
export const choose = (f: FunctionBuilder, { logic }: Format): void =>
  f.emit(logic === "i32" ? "select" : "v128.bitselect");

/** The low 32 bits of two 64-bit lanes, side by side in the low half. */
export function lowHalves(f: FunctionBuilder): void {
  f.v128(Uint8Array.of(0, 1, 2, 3, 8, 9, 10, 11, 255, 255, 255, 255, 255, 255, 255, 255));
  f.emit("i8x16.swizzle");
}
