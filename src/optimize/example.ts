import { inputOp } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { DType } from "../shared/dtype.ts";
import type { Shape } from "../shared/shape.ts";

/** A leaf for the examples of rules: stands for any value. */
export const sample = <D extends DType = "f32">(name: string, dtype?: D, shape: Shape = [3]): Tensor<D> =>
  createNode(inputOp, [], { name, dtype: dtype ?? "f32", shape }).outputs[0] as Tensor<D>;
