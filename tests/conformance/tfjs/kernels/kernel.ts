import type * as g from "../../../../src/index.ts";

export type Float = g.Tensor<"f32">;
export type Int = g.Tensor<"i32">;

/** The operands of a recorded call. */
export interface Operands {
  one(name: string): Float;
  /** All of them, in order. */
  all(): Float[];
}

/** Attributes as they were recorded. */
export type Recorded = Readonly<Record<string, unknown>>;

/** A TensorFlow.js kernel in gradc's functions. Most have one result. */
export type KernelFunction = (operands: Operands, attrs: Recorded) => g.Tensor | readonly g.Tensor[];

export type Kernels = Readonly<Record<string, KernelFunction>>;

/** An attribute as a list: one number stands for `rank` equal ones. */
export const perAxis = (value: unknown, rank: number): number[] =>
  Array.isArray(value) ? (value as number[]) : new Array<number>(rank).fill(value as number);
