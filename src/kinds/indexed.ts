import type { Attrs } from "../graph/attrs.ts";
import type { Node } from "../graph/node.ts";
import type { BatchRule, DerivativeRule, NdArray, Op } from "../graph/op.ts";
import * as s from "../loop/build.ts";
import type { Expr, Stmt } from "../loop/ir.ts";
import type { Dim } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, type TensorType } from "../shared/shape.ts";
import type { LowerableOp, Read } from "./form.ts";
import { checkDType } from "./linear-helpers.ts";

/**
 * Operations with an operand of i32 positions. Positions come from data, so they are checked at the door where they are
 * inputs (`indexBounds`); inside compiled code and in reference evaluation they are clamped to 0 … bound − 1, so that no
 * access ever leaves its buffer.
 */
export interface IndexedDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
  readonly dtypes: readonly DType[];
  /** Which operand holds the positions. */
  readonly indices: number;
  inferType(operands: readonly TensorType[], attrs: Attrs): TensorType;
  /** The exclusive bound of the positions. */
  below(operands: readonly { readonly shape: readonly Dim[] }[], attrs: Attrs): Dim;
  evaluate(inputs: readonly NdArray[], attrs: Attrs, out: NdArrayType): NdArray["data"];
  /** Element by element (gathers), or … */
  at?(node: Node, index: readonly Expr[], read: Read): Expr;
  /** … with loops of its own (scatters). */
  build?(node: Node, fresh: (hint: string) => string): readonly Stmt[];
  readonly derivative: DerivativeRule | null;
  readonly batch?: BatchRule;
}

type NdArrayType = Omit<NdArray, "data">;

/** A position in reference evaluation. */
export const clampIndex = (position: number, length: number): number => Math.max(0, Math.min(position, length - 1));

/** The same in loop IR. */
export const clampExpr = (position: Expr, length: Expr): Expr =>
  s.max(s.int(0), s.min(position, s.isub(length, s.int(1))));

function checkIndices(d: IndexedDeclaration, operands: readonly TensorType[]): void {
  const positions = operands[d.indices];
  if (positions.dtype !== "i32") {
    throw new GradcError("dtype", `${d.name}: indices must be i32`, {
      expected: "i32",
      received: formatType(positions),
      mend: 'Convert them with cast(indices, "i32").',
    });
  }
  operands.forEach((o, k) => {
    if (k !== d.indices) checkDType(d.name, o, d.dtypes);
  });
}

/** Declares an operation with an operand of indices. */
export function indexed(d: IndexedDeclaration): LowerableOp & Required<Pick<Op, "indexBounds">> {
  const { at, build } = d;
  return {
    name: d.name,
    kind: "indexed",
    operands: d.operands,
    dtypes: d.dtypes,
    nominal: false,
    commutative: false,
    derivative: d.derivative,
    batch: d.batch,
    inferTypes: (operands, attrs) => {
      checkIndices(d, operands);
      return [d.inferType(operands, attrs)];
    },
    evaluate: (inputs, attrs, { outputs: [type] }) => [{ ...type, data: d.evaluate(inputs, attrs, type) }],
    indexBounds: node => [{ operand: d.indices, below: d.below(node.operands, node.attrs) }],
    form: node =>
      build
        ? { form: "procedure", cost: 1, build: fresh => build(node, fresh) }
        : { form: "pointwise", cost: 1, at: (_output, index, read) => at?.(node, index, read) ?? s.int(0) },
  };
}
