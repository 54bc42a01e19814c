import * as g from "../../../../src/index.ts";

export type Float = g.Tensor<"f32">;

/** The arguments of a recorded operator by name, operands as tensors, and those of its options. */
export interface Arguments {
  /** An operand. */
  one(name: string): Float;
  /** An operand that is a list. */
  list(name: string): Float[];
  /** A plain argument. */
  plain<T>(name: string): T;
  option<T>(name: string, fallback: T): T;
  /** An operand among the options. */
  given(name: string): Float | undefined;
}

/** An operator of WebNN in gradc's functions. Most have one result. */
export type OperatorFunction = (a: Arguments) => g.Tensor | readonly g.Tensor[];
export type Operators = Readonly<Record<string, OperatorFunction>>;

/** The sizes: recorded shapes have no symbols. */
export const numbers = (x: g.Tensor): number[] => x.shape as number[];

/** A vector along one axis of a tensor of this rank. */
export const along = (x: Float, axis: number, rank: number): Float =>
  g.reshape(x, [...new Array<number>(axis).fill(1), -1, ...new Array<number>(rank - 1 - axis).fill(1)]);
