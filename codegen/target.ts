import type { NumericMode, TargetProfile } from "../src/loop/ir.ts";
import type { Executable } from "../src/plan/executable.ts";
import type { LoweredProgram } from "../src/plan/ir.ts";

export type { Executable };

/** A backend: plan and kernels in, something that runs out. Adding a backend is adding a folder with one of these. */
export interface Target {
  readonly name: TargetProfile["name"];
  profile(mode: NumericMode): TargetProfile;
  /** Compiles for this host. @throws GradcError `host` where the host forbids it. */
  instantiate(program: LoweredProgram): Executable;
}
