/**
 * The instructions this backend uses, as runs of consecutive opcodes (`_`: one that is not used), by the names of the
 * WebAssembly core specification 2.0 and of the relaxed SIMD and threads proposals.
 */
const RUNS = [
  { prefix: 0, first: 0x01, names: "nop" },
  { prefix: 0, first: 0x1a, names: "drop select select_typed" },
  { prefix: 0, first: 0x20, names: "local.get local.set local.tee" },
  { prefix: 0, first: 0x28, names: "i32.load i64.load f32.load f64.load _ i32.load8_u _ i32.load16_u" },
  { prefix: 0, first: 0x36, names: "i32.store i64.store f32.store f64.store i32.store8 i32.store16" },
  { prefix: 0, first: 0x41, names: "i32.const i64.const f32.const f64.const" },
  { prefix: 0, first: 0x45, names: "i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u" },
  { prefix: 0, first: 0x4c, names: "i32.le_s i32.le_u i32.ge_s i32.ge_u" },
  { prefix: 0, first: 0x50, names: "i64.eqz i64.eq i64.ne i64.lt_s _ i64.gt_s _ i64.le_s _ i64.ge_s" },
  { prefix: 0, first: 0x5b, names: "f32.eq f32.ne f32.lt f32.gt f32.le f32.ge" },
  { prefix: 0, first: 0x61, names: "f64.eq f64.ne f64.lt f64.gt f64.le f64.ge" },
  { prefix: 0, first: 0x6a, names: "i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u" },
  { prefix: 0, first: 0x71, names: "i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u" },
  { prefix: 0, first: 0x7c, names: "i64.add i64.sub i64.mul" },
  { prefix: 0, first: 0x83, names: "i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u" },
  { prefix: 0, first: 0x8b, names: "f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt" },
  { prefix: 0, first: 0x92, names: "f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign" },
  { prefix: 0, first: 0x99, names: "f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt" },
  { prefix: 0, first: 0xa0, names: "f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign" },
  { prefix: 0, first: 0xa7, names: "i32.wrap_i64" },
  { prefix: 0, first: 0xac, names: "i64.extend_i32_s i64.extend_i32_u" },
  { prefix: 0, first: 0xb2, names: "f32.convert_i32_s f32.convert_i32_u _ _ f32.demote_f64" },
  { prefix: 0, first: 0xb7, names: "f64.convert_i32_s f64.convert_i32_u _ _ f64.promote_f32" },
  { prefix: 0, first: 0xbc, names: "i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64" },
  { prefix: 0xfc, first: 0x00, names: "i32.trunc_sat_f32_s i32.trunc_sat_f32_u" },
  { prefix: 0xfc, first: 0x02, names: "i32.trunc_sat_f64_s i32.trunc_sat_f64_u" },
  { prefix: 0xfc, first: 0x08, names: "memory.init _ memory.copy" },
  { prefix: 0xfd, first: 0x00, names: "v128.load" },
  { prefix: 0xfd, first: 0x08, names: "v128.load16_splat v128.load32_splat v128.load64_splat v128.store v128.const" },
  {
    prefix: 0xfd,
    first: 0x0d,
    names: "i8x16.shuffle i8x16.swizzle _ _ i32x4.splat i64x2.splat f32x4.splat f64x2.splat",
  },
  { prefix: 0xfd, first: 0x1b, names: "i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane" },
  { prefix: 0xfd, first: 0x1f, names: "f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane" },
  { prefix: 0xfd, first: 0x37, names: "i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u" },
  { prefix: 0xfd, first: 0x3d, names: "i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u" },
  { prefix: 0xfd, first: 0x41, names: "f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge" },
  { prefix: 0xfd, first: 0x47, names: "f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge" },
  { prefix: 0xfd, first: 0x4d, names: "v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect" },
  { prefix: 0xfd, first: 0x54, names: "v128.load8_lane _ v128.load32_lane v128.load64_lane" },
  { prefix: 0xfd, first: 0x58, names: "v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane" },
  { prefix: 0xfd, first: 0x5c, names: "v128.load32_zero v128.load64_zero" },
  { prefix: 0xfd, first: 0x5e, names: "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4" },
  { prefix: 0xfd, first: 0x67, names: "f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest" },
  { prefix: 0xfd, first: 0x74, names: "f64x2.ceil f64x2.floor _ _ _ _ f64x2.trunc" },
  { prefix: 0xfd, first: 0x94, names: "f64x2.nearest" },
  { prefix: 0xfd, first: 0xa0, names: "i32x4.abs i32x4.neg _ i32x4.all_true" },
  { prefix: 0xfd, first: 0xab, names: "i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add _ _ i32x4.sub _ _ _ i32x4.mul" },
  { prefix: 0xfd, first: 0xb6, names: "i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u" },
  { prefix: 0xfd, first: 0xc7, names: "i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s" },
  { prefix: 0xfd, first: 0xcb, names: "i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add _ _ i64x2.sub" },
  { prefix: 0xfd, first: 0xd6, names: "i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s" },
  { prefix: 0xfd, first: 0xe0, names: "f32x4.abs f32x4.neg _ f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div" },
  { prefix: 0xfd, first: 0xe8, names: "f32x4.min f32x4.max f32x4.pmin f32x4.pmax" },
  { prefix: 0xfd, first: 0xec, names: "f64x2.abs f64x2.neg _ f64x2.sqrt f64x2.add f64x2.sub f64x2.mul f64x2.div" },
  { prefix: 0xfd, first: 0xf4, names: "f64x2.min f64x2.max f64x2.pmin f64x2.pmax" },
  { prefix: 0xfd, first: 0xf8, names: "i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u" },
  { prefix: 0xfd, first: 0xfa, names: "f32x4.convert_i32x4_s f32x4.convert_i32x4_u" },
  { prefix: 0xfd, first: 0xfc, names: "i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero" },
  { prefix: 0xfd, first: 0xfe, names: "f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u" },
  { prefix: 0xfd, first: 0x105, names: "f32x4.relaxed_madd _ f64x2.relaxed_madd" },
  { prefix: 0xfd, first: 0x10b, names: "i32x4.relaxed_laneselect i64x2.relaxed_laneselect" },
  { prefix: 0xfe, first: 0x00, names: "memory.atomic.notify" },
  { prefix: 0xfe, first: 0x10, names: "i32.atomic.load" },
  { prefix: 0xfe, first: 0x17, names: "i32.atomic.store" },
  { prefix: 0xfe, first: 0x1e, names: "i32.atomic.rmw.add" },
] as const;

type Names<S extends string> = S extends `${infer Head} ${infer Rest}` ? Head | Names<Rest> : S;

/** The name of an instruction, as the specification spells it. */
export type Instruction = Exclude<Names<(typeof RUNS)[number]["names"]>, "_">;

/** Opcode by name; `prefix` is 0 for one-byte opcodes. */
export const OPCODES: ReadonlyMap<string, { readonly prefix: number; readonly code: number }> = new Map(
  RUNS.flatMap(({ prefix, first, names }) =>
    names.split(" ").map((name, i) => [name, { prefix, code: first + i }] as const),
  ).filter(([name]) => name !== "_"),
);
