/** gradc: declare, evaluate, compile, inspect. */
export * from "./api.ts";
export { type Evaluated, evaluate } from "./evaluate.ts";
