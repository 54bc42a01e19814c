import type { Place } from "../../src/runtime/fill.ts";
import type { PoolLayout } from "../../src/runtime/pool.ts";

/** Code of a backend, ready to be put in a module. */
export type EmittedCode = JsCode | WasmCode;

export interface JsCode {
  readonly target: "js";
  /** An expression: the memory in, an object with a function per plan function out. */
  readonly factory: string;
}

export interface WasmCode {
  readonly target: "wasm";
  readonly variants: Variants;
  /** What a plan function is exported as. The memory is exported as `memory`. */
  exportName(name: string): string;
  /** Of code for several threads; functions are exported by their numbers then. */
  readonly threads?: ThreadCode;
  /** Where the bytes go: into the module, into a file beside it that is fetched, or into one that is imported. */
  readonly placement: Placement;
}

export interface ThreadCode {
  readonly layout: PoolLayout;
  /** The byte that says that the memory is shared (3); with 1 in its place it is not, and the code is for one thread. */
  readonly sharedAt: number;
}

export type Placement = "inline" | "beside" | "import";

/** The same code for plain SIMD, for hosts with relaxed SIMD, or both, between which the host is asked at load. */
export type Variants =
  | { readonly plain: Uint8Array; readonly relaxed?: Uint8Array }
  | { readonly plain?: undefined; readonly relaxed: Uint8Array };

/** Values of variables that become part of the module: one after the other, and where each goes. */
export interface StoredValues {
  readonly bytes: Uint8Array;
  readonly places: readonly Place[];
}
