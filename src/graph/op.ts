import type { Dim, DimEnvironment } from "../shared/dim.ts";
import type { DType, TypedArray } from "../shared/dtype.ts";
import type { TensorType } from "../shared/shape.ts";
import type { Attrs } from "./attrs.ts";
import type { Node, Region } from "./node.ts";
import type { Tensor } from "./tensor.ts";

/** Numbers with a shape: what the reference evaluation computes on. Row-major. */
export interface NdArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What reference evaluation knows besides the operands. */
export interface EvaluationContext {
  /** Values of symbolic dimensions. */
  readonly env: DimEnvironment;
  /** Concrete types of the node's outputs. */
  readonly outputs: readonly { readonly dtype: DType; readonly shape: readonly number[] }[];
  /** Evaluates the body of a region for given arguments (parameters in order). */
  runRegion(region: Region, args: readonly NdArray[]): NdArray[];
}

/** A cotangent, a tangent, or null for a symbolic zero. */
export type Derivative = Tensor | null;

export interface VjpContext {
  readonly node: Node;
  readonly operands: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** One per output. At least one is not null. */
  readonly cotangents: readonly Derivative[];
  /** Which operands need a cotangent; others may get null at no cost. */
  readonly needed: readonly boolean[];
}

export interface JvpContext {
  readonly node: Node;
  readonly operands: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** One per operand. At least one is not null. */
  readonly tangents: readonly Derivative[];
}

/** How cotangents flow back and tangents flow forward. Both only build nodes. */
export interface DerivativeRule {
  /** The rule per operand as mathematics, ȳ the cotangent of the result: `["ȳ·y", "ȳ·x"]`. */
  readonly equations: readonly string[];
  vjp(context: VjpContext): Derivative[];
  jvp(context: JvpContext): Derivative[];
}

export interface BatchContext {
  readonly node: Node;
  /** The node's operands; batched ones have the batch as a further leading axis. */
  readonly operands: readonly Tensor[];
  /** Which operands are batched; at least one is. */
  readonly batched: readonly boolean[];
  readonly size: Dim;
}

/** Builds the outputs for all examples of a batch at once, each with the batch as a further leading axis. */
export type BatchRule = (context: BatchContext) => readonly Tensor[];

/**
 * An operation: what it means, its types, its derivative, its reference evaluation. Declared once, in src/ops; what people
 * and tests read of it besides is its page in src/ops/pages.
 */
export interface Op {
  readonly name: string;
  readonly kind: string;
  /** The operands' names, for derivations and documentation; `…` marks a list. */
  readonly operands: readonly string[];
  /** What the operands that must agree may be. */
  readonly dtypes: readonly DType[];
  /** Nominal nodes (inputs, parameters, state, region parameters) are equal only to themselves. */
  readonly nominal: boolean;
  /** x∘y = y∘x: operands may be matched in either order. */
  readonly commutative: boolean;
  /** null: not differentiable (its operands get symbolic zeros). */
  readonly derivative: DerivativeRule | null;
  /** Types of the outputs. @throws GradcError for operands or attributes that do not fit. */
  inferTypes(operands: readonly TensorType[], attrs: Attrs, regions: readonly Region[]): readonly TensorType[];
  /** Naive evaluation, independent of lowering. */
  evaluate(inputs: readonly NdArray[], attrs: Attrs, context: EvaluationContext, node: Node): NdArray[];
  /** Where an operand holds indices: which operand, and the (exclusive) upper bound of its values. */
  indexBounds?(node: Node): readonly { readonly operand: number; readonly below: Dim }[];
  /** For ops with singular points: an argument at which value and derivatives are finite (used by safe branches of where). */
  readonly safeArgument?: readonly (number | null)[];
  /** How a batch is computed at once. Absent: composites batch the graph they stand for, others loop over the batch. */
  readonly batch?: BatchRule;
  /**
   * Composites: the graph of other ops that this op stands for (built from fresh operands). `regions` are the node's own:
   * they may have been rewritten since the op was made.
   */
  expand?(operands: readonly Tensor[], attrs: Attrs, regions?: readonly Region[]): readonly Tensor[];
}
