import type { Tensor } from "./tensor.ts";

/** One function of a program: all outputs and updates see the old values of variables. */
export interface FunctionGraph {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly { readonly name: string; readonly value: Tensor }[];
  readonly updates: readonly { readonly target: Tensor; readonly value: Tensor }[];
}

/** A variable lives as long as an instance: a parameter (trained) or state (saved, not trained). */
export interface Variable {
  readonly name: string;
  readonly role: "param" | "state";
  readonly value: Tensor;
  /** The value after reset, as a graph of `seed` (u32 []) alone. */
  readonly initial: Tensor;
}

/** What the compiler works on. */
export interface ProgramGraph {
  readonly name: string;
  readonly functions: readonly FunctionGraph[];
  readonly variables: readonly Variable[];
  /** The u32 [] input that initial values depend on. */
  readonly seed: Tensor;
}

export const rootsOf = (f: FunctionGraph): Tensor[] => [...f.outputs.map(o => o.value), ...f.updates.map(u => u.value)];

/** The same function with other roots, given in the order of rootsOf. */
export function withRoots(f: FunctionGraph, roots: readonly Tensor[]): FunctionGraph {
  const count = f.outputs.length;
  return {
    ...f,
    outputs: f.outputs.map((o, i) => ({ ...o, value: roots[i] })),
    updates: f.updates.map((u, i) => ({ ...u, value: roots[count + i] })),
  };
}
