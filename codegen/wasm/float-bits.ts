import type { FunctionBuilder } from "./function-builder.ts";
import type { FloatShape, ValueType } from "./value-type.ts";

/** The number format of a float shape and the instructions that take its bits apart. */
interface Format {
  readonly float: FloatShape;
  readonly floatType: ValueType;
  readonly int: "i32" | "i64" | "i32x4" | "i64x2";
  readonly intType: ValueType;
  /** Holds a comparison's result: i32 for scalars, a mask for vectors. */
  readonly boolType: ValueType;
  readonly logic: "i32" | "v128";
  readonly bits: "i32" | "i64" | "v128";
  readonly mantissaBits: number;
  /** Exponent field of 2⁻¹ … i.e. of the numbers in ½ ≤ |m| < 1. */
  readonly halfField: number;
  readonly maxField: number;
}

const F32 = { mantissaBits: 23, halfField: 126, maxField: 255 };
const F64 = { mantissaBits: 52, halfField: 1022, maxField: 2047 };
const VECTOR = { floatType: "v128", intType: "v128", boolType: "v128", logic: "v128", bits: "v128" } as const;

const FORMATS: Readonly<Record<FloatShape, Format>> = {
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

function intConst(f: FunctionBuilder, { int }: Format, value: bigint): void {
  if (int === "i32") f.i32(Number(BigInt.asIntN(32, value)));
  else if (int === "i64") f.i64(value);
  else if (int === "i32x4") f.v128(new Int32Array(4).fill(Number(BigInt.asIntN(32, value))));
  else f.v128(new BigInt64Array(2).fill(BigInt.asIntN(64, value)));
}

/** Shift counts have the operand's type in scalar code and are i32 for vectors. */
function shift(f: FunctionBuilder, { int }: Format, direction: "shl" | "shr_u", count: number): void {
  if (int === "i64") f.i64(BigInt(count));
  else f.i32(count);
  f.emit(`${int}.${direction}`);
}

function toBits(f: FunctionBuilder, { float }: Format): void {
  if (float === "f32") f.emit("i32.reinterpret_f32");
  if (float === "f64") f.emit("i64.reinterpret_f64");
}

function fromBits(f: FunctionBuilder, { float }: Format): void {
  if (float === "f32") f.emit("f32.reinterpret_i32");
  if (float === "f64") f.emit("f64.reinterpret_i64");
}

/** (then, otherwise, condition) → then or otherwise. */
const choose = (f: FunctionBuilder, { logic }: Format): void => f.emit(logic === "i32" ? "select" : "v128.bitselect");

const binary64 = (value: number): bigint => BigInt(value);

/**
 * x on the stack → its mantissa or exponent. Denormals are first scaled by 2^(mantissaBits + 2) into the normal range;
 * 0, ∞ and NaN (exponent field 0 after scaling, or the greatest) map to themselves and to 0.
 */
export function splitFloat(f: FunctionBuilder, shape: FloatShape, part: "mantissa" | "exponent"): void {
  const format = FORMATS[shape];
  const { float, int, bits, logic, mantissaBits, halfField, maxField } = format;
  const scale = mantissaBits + 2;
  const fieldMask = BigInt(maxField) << BigInt(mantissaBits);
  const { floatType, intType, boolType } = format;
  f.withLocals([floatType, boolType, intType, intType], (x, tiny, scaled, field) => {
    f.tee(x);
    floatConst(f, shape, 2 ** scale);
    f.emit(`${float}.mul`);
    f.get(x);
    f.get(x);
    f.emit(`${float}.abs`);
    floatConst(f, shape, 2 ** (1 - halfField - 1));
    f.emit(`${float}.lt`);
    f.tee(tiny);
    choose(f, format);
    toBits(f, format);
    f.tee(scaled);
    shift(f, format, "shr_u", mantissaBits);
    intConst(f, format, BigInt(maxField));
    f.emit(`${bits}.and`);
    f.set(field);
    if (part === "mantissa") {
      f.get(scaled);
      intConst(f, format, ~fieldMask);
      f.emit(`${bits}.and`);
      intConst(f, format, BigInt(halfField) << BigInt(mantissaBits));
      f.emit(`${bits}.or`);
      fromBits(f, format);
      f.get(x);
    } else {
      f.get(field);
      intConst(f, format, BigInt(halfField + scale));
      intConst(f, format, BigInt(halfField));
      f.get(tiny);
      choose(f, format);
      f.emit(`${int}.sub`);
      intConst(f, format, 0n);
    }
    f.get(field);
    intConst(f, format, 0n);
    f.emit(`${int}.ne`);
    f.get(field);
    intConst(f, format, BigInt(maxField));
    f.emit(`${int}.ne`, `${logic}.and`);
    choose(f, format);
    if (part === "exponent" && shape === "f64") f.emit("i32.wrap_i64");
    if (part === "exponent" && shape === "f64x2") lowHalves(f);
  });
}

/** The low 32 bits of two 64-bit lanes, side by side in the low half. */
export function lowHalves(f: FunctionBuilder): void {
  f.v128(Uint8Array.of(0, 1, 2, 3, 8, 9, 10, 11, 255, 255, 255, 255, 255, 255, 255, 255));
  f.emit("i8x16.swizzle");
}

/** (x, n: i32) on the stack → x·2ⁿ, rounded once. */
export function loadExponent(f: FunctionBuilder, shape: FloatShape): void {
  if (shape === "f32") scaleF32(f);
  else if (shape === "f32x4") scaleF32x4(f);
  else scaleF64(f, FORMATS[shape]);
}

/** Beyond ±300 every f32 but 0, ∞ and NaN is scaled to 0 or ∞; within, x·2ⁿ is exact in f64. */
const F32_REACH = 300;
const F64_BIAS = 1023n;

function scaleF32(f: FunctionBuilder): void {
  f.withLocals(["i32"], n => {
    clampScalar(f, n, F32_REACH);
    f.emit("f64.promote_f32");
    f.get(n);
    f.emit("i64.extend_i32_s");
    powerOfTwo(f, FORMATS.f64);
    f.emit("f64.mul", "f32.demote_f64");
  });
}

/** n = min(max(top of the stack, −limit), limit) */
function clampScalar(f: FunctionBuilder, n: number, limit: number): void {
  f.set(n);
  for (const [bound, compare] of [
    [limit, "i32.lt_s"],
    [-limit, "i32.gt_s"],
  ] as const) {
    f.get(n);
    f.i32(bound);
    f.get(n);
    f.i32(bound);
    f.emit(compare, "select");
    f.set(n);
  }
}

/** n, an integer of the format on the stack → 2ⁿ. */
function powerOfTwo(f: FunctionBuilder, format: Format): void {
  intConst(f, format, F64_BIAS);
  f.emit(`${format.int}.add`);
  shift(f, format, "shl", F64.mantissaBits);
  fromBits(f, format);
}

function scaleF32x4(f: FunctionBuilder): void {
  f.withLocals(["v128", "v128"], (x, n) => {
    intConst(f, FORMATS.f32x4, binary64(F32_REACH));
    f.emit("i32x4.min_s");
    intConst(f, FORMATS.f32x4, binary64(-F32_REACH));
    f.emit("i32x4.max_s");
    f.set(n);
    f.tee(x);
    f.emit("f64x2.promote_low_f32x4");
    f.get(n);
    f.emit("i64x2.extend_low_i32x4_s");
    powerOfTwo(f, FORMATS.f64x2);
    f.emit("f64x2.mul", "f32x4.demote_f64x2_zero");
    f.get(x);
    f.get(x);
    f.shuffle([8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]);
    f.emit("f64x2.promote_low_f32x4");
    f.get(n);
    f.emit("i64x2.extend_high_i32x4_s");
    powerOfTwo(f, FORMATS.f64x2);
    f.emit("f64x2.mul", "f32x4.demote_f64x2_zero");
    f.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
  });
}

/**
 * Up to two steps of 2^1023 or 2^−969 and a last factor within the format. The step down leaves 53 bits of room above
 * the denormals, so that only the last product rounds.
 */
function scaleF64(f: FunctionBuilder, format: Format): void {
  const { int, float, floatType, intType } = format;
  const constant = (value: number): void => intConst(f, format, BigInt(value));
  f.emit(format.logic === "i32" ? "i64.extend_i32_s" : "i64x2.extend_low_i32x4_s");
  f.withLocals([floatType, intType, intType], (x, n, step) => {
    f.set(n);
    f.set(x);
    for (let i = 0; i < 2; i++) {
      constant(1023);
      constant(-969);
      constant(0);
      f.get(n);
      constant(-1022);
      f.emit(`${int as "i64" | "i64x2"}.lt_s`);
      choose(f, format);
      f.get(n);
      constant(1023);
      f.emit(`${int as "i64" | "i64x2"}.gt_s`);
      choose(f, format);
      f.set(step);
      f.get(x);
      f.get(step);
      powerOfTwo(f, format);
      f.emit(`${float}.mul`);
      f.set(x);
      f.get(n);
      f.get(step);
      f.emit(`${int}.sub`);
      f.set(n);
    }
    for (const [bound, compare] of [
      [1023, "lt_s"],
      [-1022, "gt_s"],
    ] as const) {
      f.get(n);
      constant(bound);
      f.get(n);
      constant(bound);
      f.emit(`${int as "i64" | "i64x2"}.${compare}`);
      choose(f, format);
      f.set(n);
    }
    f.get(x);
    f.get(n);
    powerOfTwo(f, format);
    f.emit(`${float}.mul`);
  });
}
