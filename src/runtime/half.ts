/** Numbers of 16 bits (IEEE 754 binary16): 1 bit of sign, 5 of exponent, 10 of fraction. */

/** The value of a half, exactly: ±fraction·2⁻²⁴ where the exponent is 0, else ±(1 + fraction/1024)·2^(exponent − 15). */
export function widenHalf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 1024 + fraction : fraction) * 2 ** ((exponent || 1) - 25);
}

/** The half nearest to a number, the even one of two; too large ones become infinite. */
export function narrowHalf(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  if (Number.isNaN(size)) return 0x7e00;
  // From here on the next half is infinity: 65504 and half of its last place.
  if (size >= 65520) return sign | 0x7c00;
  // The last place of halves of this size; those below 2⁻¹⁴ all have the same one.
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const places = roundToEven(size * 2 ** (10 - exponent));
  // A fraction that rounds up to 1024 carries into the exponent by itself.
  return sign | (places + (exponent + 14) * 1024);
}

function roundToEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}
