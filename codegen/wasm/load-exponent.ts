import type { Lanes } from "../../src/loop/ir.ts";
import { choose, F64, FORMATS, type Format, fromBits, intConst, shift } from "./float-format.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { FloatShape } from "./value-type.ts";

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

/** n: i32 on the stack, or two lanes of it → 2ⁿ in f64. */
export function emitPowerOfTwo(f: FunctionBuilder, lanes: Lanes): void {
  f.emit(lanes === 1 ? "i64.extend_i32_s" : "i64x2.extend_low_i32x4_s");
  powerOfTwo(f, FORMATS[lanes === 1 ? "f64" : "f64x2"]);
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
    intConst(f, FORMATS.f32x4, BigInt(F32_REACH));
    f.emit("i32x4.min_s");
    intConst(f, FORMATS.f32x4, BigInt(-F32_REACH));
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
