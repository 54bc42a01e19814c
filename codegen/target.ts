import type { NumericMode, TargetProfile } from "../src/loop/ir.ts";
import type { LoweredProgram } from "../src/plan/ir.ts";

/** A running instance of a lowered program: one memory and its functions. */
export interface Executable {
  readonly memory: ArrayBufferLike;
  /** Calls a plan function with the values of its dims, in order. */
  readonly functions: Readonly<Record<string, (...dims: number[]) => void>>;
}

/** A backend: plan and kernels in, something that runs out. Adding a backend is adding a folder with one of these. */
export interface Target {
  readonly name: TargetProfile["name"];
  profile(mode: NumericMode): TargetProfile;
  /** Compiles for this host. @throws GradcError `host` where the host forbids it. */
  instantiate(program: LoweredProgram): Executable;
}
