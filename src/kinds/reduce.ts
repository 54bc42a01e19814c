import type { Attrs } from "../graph/attrs.ts";
import type { Node } from "../graph/node.ts";
import type { DerivativeRule } from "../graph/op.ts";
import type { Expr } from "../loop/ir.ts";
import { allocate, type DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, type TensorType } from "../shared/shape.ts";
import { lifted, shiftAxes } from "./batch.ts";
import type { LowerableOp } from "./form.ts";
import { flatten, forEachIndex } from "./view.ts";

/** What is particular to a reduction. attrs: `axes` (integer list) or `axis` (one integer); they are dropped. */
export interface ReduceDeclaration {
  readonly name: string;
  readonly dtypes: readonly DType[];
  /** The dtype of the result, if not the operand's. */
  readonly result?: DType;
  /** Reduces one axis, given as `axis`, instead of several. */
  readonly oneAxis?: boolean;
  /** Whether reducing no elements is allowed (then the result is the neutral element). */
  readonly empty: boolean;
  states(dtype: DType): readonly { readonly dtype: DType; readonly init: number }[];
  /** The states for one element; `reduced`: its index along the reduced axes. */
  element(x: Expr, reduced: readonly Expr[]): readonly Expr[];
  combine(a: readonly Expr[], b: readonly Expr[]): readonly Expr[];
  finish(state: readonly Expr[]): Expr;
  /** The reduction of a list in plain numbers, written independently. */
  reference(values: readonly number[], dtype: DType): number;
  readonly derivative: DerivativeRule | null;
  readonly cost: number;
}

/** The axes that a reduction drops, increasing. */
export function reducedAxes(attrs: Attrs): readonly number[] {
  return typeof attrs.axis === "number" ? [attrs.axis] : (attrs.axes as readonly number[]);
}

function inferType(d: ReduceDeclaration, [x]: readonly TensorType[], attrs: Attrs): TensorType {
  if (!d.dtypes.includes(x.dtype)) {
    throw new GradcError("dtype", `${d.name} does not take ${x.dtype}`, {
      expected: d.dtypes.join(", "),
      received: formatType(x),
    });
  }
  const axes = reducedAxes(attrs);
  const rank = x.shape.length;
  const valid = axes.every((axis, i) => Number.isInteger(axis) && axis > (axes[i - 1] ?? -1) && axis < rank);
  if (!valid) {
    throw new GradcError("attribute", `${d.name}: the axes do not fit the operand`, {
      expected: rank === 0 ? "no axes: the operand is a scalar" : `increasing axes from 0 to ${rank - 1}`,
      received: `[${axes.join(", ")}] for ${formatType(x)}`,
    });
  }
  if (!d.empty && axes.some(axis => x.shape[axis] === 0)) {
    throw new GradcError("shape", `${d.name} of no elements`, {
      expected: "at least one element along the axes",
      received: formatType(x),
    });
  }
  return { dtype: d.result ?? x.dtype, shape: x.shape.filter((_, axis) => !axes.includes(axis)) };
}

/** The operand index for an index of the result and one along the reduced axes. */
function mergeIndex<T>(rank: number, axes: readonly number[], kept: readonly T[], reduced: readonly T[]): T[] {
  let next = 0;
  return Array.from({ length: rank }, (_, axis) => {
    const at = axes.indexOf(axis);
    return at < 0 ? kept[next++] : reduced[at];
  });
}

/** Declares a reduction. */
export function reduce(d: ReduceDeclaration): LowerableOp {
  return {
    name: d.name,
    kind: "reduce",
    operands: ["x"],
    dtypes: d.dtypes,
    nominal: false,
    commutative: false,
    derivative: d.derivative,
    batch: lifted(shiftAxes),
    inferTypes: (operands, attrs) => [inferType(d, operands, attrs)],
    evaluate: ([x], attrs, { outputs: [type] }) => {
      const axes = reducedAxes(attrs);
      const rank = x.shape.length;
      const extents = axes.map(axis => x.shape[axis]);
      const data = allocate(
        type.dtype,
        type.shape.reduce((p, n) => p * n, 1),
      );
      forEachIndex(type.shape, (kept, flat) => {
        const values: number[] = [];
        forEachIndex(extents, reduced => {
          values.push(x.data[flatten(mergeIndex(rank, axes, kept, reduced), x.shape)]);
        });
        data[flat] = d.reference(values, x.dtype);
      });
      return [{ ...type, data }];
    },
    form: (node: Node) => {
      const [x] = node.operands;
      const axes = reducedAxes(node.attrs);
      return {
        form: "reduction",
        extents: axes.map(axis => x.shape[axis]),
        axes,
        states: d.states(x.dtype),
        element: (index, reduced, read) => d.element(read(0, mergeIndex(x.rank, axes, index, reduced)), reduced),
        combine: d.combine,
        finish: state => [d.finish(state)],
        cost: d.cost,
      };
    },
  };
}
