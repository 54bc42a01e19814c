/** () → v128: the relaxed multiply-add of three zeros. Valid only where the host has relaxed SIMD. */
export const RELAXED_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 17, 65, 0, 253, 17, 65,
  0, 253, 17, 253, 133, 2, 11,
];

/** Whether the host compiles relaxed SIMD: one rounding in f32x4 multiply-add. False where it has no WebAssembly. */
export function hasRelaxedSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(Uint8Array.from(RELAXED_MODULE));
}
