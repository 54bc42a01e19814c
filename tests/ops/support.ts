import { expandRequests } from "../../src/autodiff/index.ts";
import type { Attrs } from "../../src/graph/attrs.ts";
import { evaluateGraph } from "../../src/graph/evaluate.ts";
import { inputOp } from "../../src/graph/leaves.ts";
import { createNode, type Region } from "../../src/graph/node.ts";
import type { NdArray, Op } from "../../src/graph/op.ts";
import type { Scalar, Tensor } from "../../src/graph/tensor.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import type { SampleArray } from "../../src/ops/pages/page.ts";
import { rawSum } from "../../src/ops/reduce.ts";
import { constantOf } from "../../src/ops/source.ts";
import { isFloat, type NumericDType } from "../../src/shared/dtype.ts";
import type { TensorType } from "../../src/shared/shape.ts";
import { array } from "./instances.ts";

let count = 0;

/** A declared input. */
export function leaf({ dtype, shape }: TensorType): Tensor {
  return createNode(inputOp, [], { name: `x${count++}`, dtype, shape }).outputs[0];
}

/** An op applied to fresh inputs. */
export function applied(
  op: Op,
  operands: readonly TensorType[],
  attrs: Attrs,
  regions: readonly Region[] = [],
): { x: Tensor[]; y: readonly Tensor[] } {
  const x = operands.map(leaf);
  return { x, y: createNode(op, x, attrs, regions).outputs };
}

export const fromSample = ({ dtype = "f32", shape, data }: SampleArray): NdArray => array(dtype, shape, data);

/** Expands derivatives and evaluates with the ops' own reference. */
export function evaluate(values: readonly Tensor[], x: readonly Tensor[], data: readonly NdArray[]): number[][] {
  const feeds = new Map(x.map((t, i) => [t, data[i]]));
  return evaluateGraph(expandRequests(values), feeds).map(a => Array.from(a.data));
}

/** Σ over the float values of the elements times weights: a scalar of their dtype. */
export function weightedSum(values: readonly Tensor[], weight: (t: Tensor) => NdArray): Scalar | undefined {
  let total: Tensor | undefined;
  for (const value of values) {
    if (!isFloat(value.dtype)) continue;
    const w = weight(value);
    const weights = constantOf(w.dtype, w.shape, w.data) as Tensor<NumericDType>;
    const all = Array.from({ length: value.rank }, (_, axis) => axis);
    const part = rawSum(mul(value as Tensor<NumericDType>, weights), all);
    total = total ? add(total as Tensor<NumericDType>, part as Tensor<NumericDType>) : part;
  }
  return total as Scalar | undefined;
}

export const ones = (t: TensorType): NdArray => {
  const shape = t.shape as readonly number[];
  const length = shape.reduce((p, n) => p * n, 1);
  return array(t.dtype, shape, new Array<number>(length).fill(1));
};

export const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, v, i) => sum + v * y[i], 0);
