/** gradc: declare, evaluate, compile, inspect. */
export * from "./api.ts";
export { type CompileOptions, compile, type TargetName } from "./compile.ts";
export { compileSync } from "./compile-sync.ts";
export { type Evaluated, evaluate } from "./evaluate.ts";
export { type InspectFormat, type InspectOptions, inspect } from "./inspect.ts";
export type { NumericMode } from "./loop/ir.ts";
export type { Feed } from "./program/feed.ts";
