import type { TargetProfile } from "../../src/loop/ir.ts";

/**
 * Loops over typed arrays. Tiles have few rows: V8 runs larger ones hardly faster, and the unrolled text of products is
 * most of what the code of a small network weighs.
 */
export const JS_PROFILE: TargetProfile = {
  name: "js",
  lanes: { f32: 1, f64: 1, i32: 1, u32: 1, bool: 1 },
  fma: false,
  shareSizes: true,
  tile: { rows: 4, vectors: 2 },
};
