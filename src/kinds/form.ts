import type { Node, Region } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import type { Expr, Kernel, Stmt } from "../loop/ir.ts";
import type { Dim } from "../shared/dim.ts";
import type { DType, TypedArray } from "../shared/dtype.ts";

/**
 * What lowering knows of a node: not which op it is, but in what way its elements come about. Every kind gives its
 * members one of these forms.
 */
export type Form =
  | PointwiseForm
  | AliasForm
  | ConstantForm
  | ReductionForm
  | ContractionForm
  | ProcedureForm
  | ScanForm
  | CondForm;

/** Reads one element of an operand; the index has one expression per axis and must be in bounds where it is evaluated. */
export type Read = (operand: number, index: readonly Expr[]) => Expr;

/** Each output element is an expression of some elements of the operands: can be inlined anywhere. */
export interface PointwiseForm {
  readonly form: "pointwise";
  at(output: number, index: readonly Expr[], read: Read): Expr;
  /** Arithmetic per element: 0 for pure index work, 1 for an add, about 10 for exp. Decides recompute or store. */
  readonly cost: number;
}

/**
 * The result has the first operand's elements in the same row-major order (reshape): no work, shared storage. Further
 * operands are not read: what reads the result is computed after them.
 */
export interface AliasForm {
  readonly form: "alias";
}

/** Numbers known at compile time, row-major: they lie in the memory's initial contents. (One element: pointwise.) */
export interface ConstantForm {
  readonly form: "constant";
  readonly data: TypedArray;
}

/**
 * out[i] = finish(fold over r of combine(state, element(i, r))), r in row-major order of `extents`. `combine` is
 * associative and commutative up to rounding and `init` its neutral element, so that lanes and trees may split the fold.
 */
export interface ReductionForm {
  readonly form: "reduction";
  /** Extents of the reduced axes, outermost first. */
  readonly extents: readonly Dim[];
  /** Where reduced axis k stands among the operand's axes: lets lowering see contiguity. */
  readonly axes: readonly number[];
  readonly states: readonly { readonly dtype: DType; readonly init: number }[];
  element(index: readonly Expr[], reduced: readonly Expr[], read: Read): readonly Expr[];
  combine(a: readonly Expr[], b: readonly Expr[]): readonly Expr[];
  /** One expression per output of the node. */
  finish(state: readonly Expr[]): readonly Expr[];
  readonly cost: number;
}

/** One axis of a contraction's operand as Σ coefficient·letter + offset; outside 0 … extent−1 it reads 0 (padding). */
export interface AxisMap {
  readonly terms: readonly { readonly letter: string; readonly coefficient: number }[];
  readonly offset: number;
  /** The index may leave the operand. */
  readonly guarded: boolean;
}

/** out[o…] = Σ over letters not in `out` of left[…]·right[…]. Two operands, float or integer. */
export interface ContractionForm {
  readonly form: "contraction";
  readonly extents: Readonly<Record<string, Dim>>;
  readonly left: readonly AxisMap[];
  readonly right: readonly AxisMap[];
  readonly out: readonly string[];
}

/** Loops of its own over materialised operands: sort, prefix sums, scatter. */
export interface ProcedureForm {
  readonly form: "procedure";
  /** Extra buffers: contents undefined at the start. `private`: every thread has its own. */
  readonly scratch?: readonly { readonly dtype: DType; readonly shape: readonly Dim[]; readonly private?: boolean }[];
  /** Statements that read operand buffers `in$0`, `in$1` … and write `out$0` …, `scratch$0` …; names made with `fresh`. */
  build(fresh: (hint: string) => string): readonly Stmt[];
  readonly cost: number;
}

/**
 * Carries through a loop. Region parameters: carries, then one slice per sequence, then captures; region results: new
 * carries, then one slice per stacked output. Operands of the node in the same order; outputs: final carries, stacks.
 */
export interface ScanForm {
  readonly form: "scan";
  readonly region: Region;
  readonly carries: number;
  readonly sequences: number;
  readonly captures: number;
  /** The number of steps, or the most of them; undefined: no bound (a loop with a condition that stacks nothing). */
  readonly length: Dim | undefined;
  readonly reverse: boolean;
  /** Before every step: does another one follow? Parameters: carries, then captures. */
  readonly condition: Region | undefined;
  /** The operand, i32 [], that is the number of steps where it is less than `length`. */
  readonly steps: number | undefined;
}

/** The loop may stop early: slices of stacks that it does not reach are zeros. */
export const stopsEarly = (form: ScanForm): boolean => form.condition !== undefined || form.steps !== undefined;

/** One of two regions runs. Operands: a condition, bool [], then what both have as parameters; outputs: their results. */
export interface CondForm {
  readonly form: "cond";
  readonly then: Region;
  readonly otherwise: Region;
}

/** An op whose kind knows how to lower it. */
export interface LowerableOp extends Op {
  form(node: Node): Form;
}

export const isLowerable = (op: Op): op is LowerableOp => "form" in op;

export type { Kernel };
