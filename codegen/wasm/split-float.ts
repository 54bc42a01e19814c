import { choose, FORMATS, floatConst, fromBits, intConst, lowHalves, shift, toBits } from "./float-format.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { FloatShape } from "./value-type.ts";

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
    floatConst(f, shape, 2 ** -halfField);
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
