import type { Attrs } from "../graph/attrs.ts";
import type { Node } from "../graph/node.ts";
import type { BatchRule, Derivative } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { guard, literal } from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import type { DimEnvironment } from "../shared/dim.ts";
import { allocate, DTYPES, type DType } from "../shared/dtype.ts";
import { GradcError, present } from "../shared/errors.ts";
import { formatType, type Shape, type TensorType } from "../shared/shape.ts";
import { algebra } from "./algebra.ts";
import type { LowerableOp } from "./form.ts";

/** A part of the result: where `when` holds (absent: everywhere), it is operand[index]. */
export interface Piece {
  readonly operand: number;
  readonly index: readonly Expr[];
  readonly when?: Expr;
}

export interface ViewContext {
  /** Shapes of the operands. */
  readonly shapes: readonly Shape[];
  readonly attrs: Attrs;
}

/** Where a result element comes from, in plain numbers; undefined: it is the fill. */
export type ViewSource = readonly [operand: number, index: readonly number[]] | undefined;

/** What is particular to a view: every result element is one operand element, or the fill. */
export interface ViewDeclaration {
  readonly name: string;
  readonly operands: readonly string[];
  /** How many operands; absent: any number, at least one. */
  readonly arity?: number;
  /** The shape of the result. All operands have one dtype, which is the result's. */
  shape(operands: readonly TensorType[], attrs: Attrs): Shape;
  /** In order of precedence. Absent: the elements stay in row-major order (an alias). */
  pieces?(index: readonly Expr[], context: ViewContext): readonly Piece[];
  /** What elements outside all pieces are; default 0. */
  fill?(attrs: Attrs): number;
  /** The same as `pieces` in plain numbers, written independently. Absent for aliases. */
  reference?(
    index: readonly number[],
    context: { readonly shapes: readonly (readonly number[])[]; readonly attrs: Attrs; readonly env: DimEnvironment },
  ): ViewSource;
  /** The attributes of the linear part (a fill becomes 0); default: the same. */
  linear?(attrs: Attrs): Attrs;
  /** The transposed map: the cotangents of the operands for a cotangent of the result. */
  transpose(cotangent: Tensor, node: Node, needed: readonly boolean[]): readonly Derivative[];
  /** Builds the view of other operands (for tangents). */
  build(operands: readonly Tensor[], attrs: Attrs): Tensor;
  readonly equations: readonly string[];
  readonly batch?: BatchRule;
}

/** Visits all indices of a shape in row-major order. The array is reused. */
export function forEachIndex(shape: readonly number[], visit: (index: readonly number[], flat: number) => void): void {
  const length = shape.reduce((p, n) => p * n, 1);
  const index = new Array<number>(shape.length).fill(0);
  for (let flat = 0; flat < length; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

/** The row-major place of an index. */
export const flatten = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((flat, i, axis) => flat * shape[axis] + i, 0);

function inferType(d: ViewDeclaration, operands: readonly TensorType[], attrs: Attrs): TensorType {
  const [first] = operands;
  if (!first || (d.arity !== undefined && operands.length !== d.arity)) {
    throw new GradcError("shape", `${d.name}: the wrong number of operands`, {
      expected: d.arity === undefined ? "at least one" : String(d.arity),
      received: String(operands.length),
    });
  }
  if (operands.some(o => o.dtype !== first.dtype)) {
    throw new GradcError("dtype", `${d.name}: operands of different dtypes`, {
      received: operands.map(formatType).join(" and "),
    });
  }
  return { dtype: first.dtype, shape: d.shape(operands, attrs) };
}

function element(d: ViewDeclaration, node: Node, index: readonly Expr[], read: (p: Piece) => Expr): Expr {
  const pieces = present(d.pieces, `${d.name} has no pieces`)(index, {
    shapes: node.operands.map(o => o.shape),
    attrs: node.attrs,
  });
  const dtype: DType = node.outputs[0].dtype;
  return pieces.reduceRight<Expr>(
    (rest, piece) => (piece.when ? guard(piece.when, read(piece), rest) : read(piece)),
    literal(dtype, d.fill?.(node.attrs) ?? 0),
  );
}

/** Declares a view. Views are linear: tangents go through the view, cotangents through its transpose. */
export function view(d: ViewDeclaration): LowerableOp {
  return {
    name: d.name,
    kind: "view",
    operands: d.operands,
    dtypes: DTYPES,
    nominal: false,
    commutative: false,
    derivative: {
      equations: d.equations,
      vjp: ({ node, cotangents: [cotangent], needed }) =>
        cotangent ? [...d.transpose(cotangent, node, needed)] : node.operands.map(() => null),
      jvp: ({ node, operands, tangents }) => {
        const dense = tangents.map((t, i) => t ?? algebra().zerosLike(operands[i]));
        return [d.build(dense, d.linear?.(node.attrs) ?? node.attrs)];
      },
    },
    batch: d.batch,
    inferTypes: (operands, attrs) => [inferType(d, operands, attrs)],
    evaluate: (inputs, attrs, { outputs: [type], env }) => {
      const { reference } = d;
      if (!reference) return [{ ...type, data: inputs[0].data.slice() }];
      const data = allocate(
        type.dtype,
        type.shape.reduce((p, n) => p * n, 1),
      );
      const context = { shapes: inputs.map(x => x.shape), attrs, env };
      const fill = d.fill?.(attrs) ?? 0;
      forEachIndex(type.shape, (index, flat) => {
        const source = reference(index, context);
        data[flat] = source ? inputs[source[0]].data[flatten(source[1], inputs[source[0]].shape)] : fill;
      });
      return [{ ...type, data }];
    },
    form: node =>
      d.pieces
        ? {
            form: "pointwise",
            cost: 0,
            at: (_output, index, read) => element(d, node, index, p => read(p.operand, p.index)),
          }
        : { form: "alias" },
  };
}
