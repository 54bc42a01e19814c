import { jsTarget } from "../codegen/js/index.ts";
import type { Target } from "../codegen/target.ts";
import { wasmTarget } from "../codegen/wasm/index.ts";
import { instantiateInterpreter } from "./plan/interpret.ts";
import type { TargetName } from "./program/net-type.ts";

/** The interpreter as a target: needs nothing of the host. */
const interpretTarget: Target = {
  name: "interpret",
  profile: () => ({
    name: "interpret",
    lanes: { f32: 1, f64: 1, i32: 1, u32: 1, bool: 1 },
    fma: false,
    tile: { rows: 2, vectors: 2 },
  }),
  instantiate: instantiateInterpreter,
};

export const TARGETS: Readonly<Record<TargetName, Target>> = {
  wasm: wasmTarget,
  js: jsTarget,
  interpret: interpretTarget,
};
