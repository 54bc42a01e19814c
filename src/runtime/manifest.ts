import type { DType } from "../shared/dtype.ts";

/** A size as JSON: a number, the name of a dimension, or the sum, product or least of some sizes. */
export type Size = number | string | readonly ["+" | "*" | "min", ...Size[]];

/** A named place in the memory. `offset` in bytes, a multiple of 16. */
export interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Size[];
  readonly offset: number;
}

export interface InputEntry extends Entry {
  /** Of a scalar: its value when the caller gives none. */
  readonly default?: number;
  /** Values are used as indices: 0 ≤ value < below. */
  readonly below?: Size;
}

export interface FunctionEntry {
  readonly name: string;
  readonly dims: readonly { readonly name: string; readonly max: number }[];
  /**
   * In what order the dims are found: which dim, and the input whose length tells it, being the only one not known yet
   * there. −1: no input tells it, it is an argument of its own.
   */
  readonly steps: readonly (readonly [dim: number, input: number])[];
  readonly inputs: readonly InputEntry[];
  readonly outputs: readonly Entry[];
}

export interface VariableEntry extends Entry {
  readonly role: "param" | "state";
}

/** What the runtime knows of a program: plain data that emitted modules carry as JSON. */
export interface Manifest {
  readonly name: string;
  /** Size of the memory. */
  readonly bytes: number;
  readonly functions: readonly FunctionEntry[];
  readonly variables: readonly VariableEntry[];
  /** Place of the u32 that `reset` reads. Absent: no initialisers. */
  readonly seed?: number;
}
