/** gradc: declare, evaluate, compile, inspect. */
export * from "./api.ts";
export { type CompileOptions, compile, compileSync } from "./compile.ts";
export { type Evaluated, evaluate } from "./evaluate.ts";
export { type InspectFormat, type InspectOptions, inspect } from "./inspect.ts";
export type { Feed } from "./program/feed.ts";
