import type { NumericMode, TargetProfile } from "../../src/loop/ir.ts";
import type { Target } from "../target.ts";
import { generateWasm } from "./generate.ts";
import { instantiateWasm } from "./instantiate.ts";
import { hasRelaxedSimd } from "./probe.ts";

/**
 * 6×8 tiles: twelve accumulators, two vectors of the right operand, one of the left and one to spare fill the sixteen
 * registers of x86-64; larger tiles spill.
 */
const TILE = { rows: 6, vectors: 2 } as const;

/** 128-bit vectors; fused multiply-add in fast mode where the host has relaxed SIMD. */
export const wasmTarget: Target = {
  name: "wasm",
  profile: (mode: NumericMode): TargetProfile => ({
    name: "wasm",
    lanes: { f32: 4, f64: 2, i32: 4, u32: 4, bool: 1 },
    fma: mode === "fast" && hasRelaxedSimd(),
    dropsZeros: mode === "fast",
    tile: TILE,
  }),
  instantiate: program => instantiateWasm(generateWasm(program, { relaxed: hasRelaxedSimd() })),
};

export { generateWasm, type WasmOptions } from "./generate.ts";
export { compileWasm, instantiateWasm } from "./instantiate.ts";
export { hasRelaxedSimd } from "./probe.ts";
