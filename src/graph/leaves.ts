import { DTYPES, type DType } from "../shared/dtype.ts";
import { InternalError } from "../shared/errors.ts";
import type { Shape, TensorType } from "../shared/shape.ts";
import type { Attrs } from "./attrs.ts";
import { createNode } from "./node.ts";
import type { Op } from "./op.ts";
import { Tensor } from "./tensor.ts";

/** Leaves are nominal: each is equal only to itself and carries its type in its attributes. */
function leaf(name: string): Op {
  return {
    name,
    kind: "leaf",
    nominal: true,
    commutative: false,
    derivative: null,
    operands: [],
    dtypes: DTYPES,
    inferTypes: (_operands, attrs): TensorType[] => [{ dtype: attrs.dtype as DType, shape: attrs.shape as Shape }],
    evaluate: () => {
      throw new InternalError(`a ${name} has no value of its own`);
    },
  };
}

/** A value given at each call. */
export const inputOp = leaf("input");
/** A trained variable. */
export const paramOp = leaf("param");
/** A variable that is saved but not trained. */
export const stateOp = leaf("state");
/** A parameter of a region's body. */
export const parameterOp = leaf("parameter");

export const LEAVES: readonly Op[] = [inputOp, paramOp, stateOp, parameterOp];

export class Input<N extends string = string, D extends DType = DType> extends Tensor<D> {
  declare readonly inputName: N;
}
export class Param<N extends string = string, D extends DType = DType> extends Tensor<D> {
  declare readonly variableName: N;
}
export class State<N extends string = string, D extends DType = DType> extends Tensor<D> {
  declare readonly variableName: N;
}

export const isLeaf = (value: Tensor, op: Op): boolean => value.node.op === op;

/** A fresh parameter for the body of a region. */
export function regionParameter(type: TensorType, name: string): Tensor {
  const attrs: Attrs = { name, dtype: type.dtype, shape: type.shape };
  return createNode(parameterOp, [], attrs).outputs[0];
}
