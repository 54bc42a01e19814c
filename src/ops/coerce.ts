import { argumentError, callError, checkSizes, checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import { CallSite } from "../graph/call-site.ts";
import { createNode } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import { enterCall, isOutermostCall, leaveCall } from "../graph/provenance.ts";
import { Scalar, Tensor } from "../graph/tensor.ts";
import { dimEquals } from "../shared/dim.ts";
import { type DType, isInt } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { broadcastShapes, formatShape, formatType, type Shape, shapeEquals } from "../shared/shape.ts";
import { fill } from "./source.ts";
import { expand, reshape } from "./view.ts";

/** A tensor, or a plain number that takes the dtype of the other operand. */
export type Operand<D extends DType = DType> = Tensor<D> | number;

/** The same kind of handle: Scalar for Scalar, Tensor for Tensor. */
export type Like<T> = T extends Scalar<infer D> ? Scalar<D> : T extends Tensor<infer D> ? Tensor<D> : never;

type DTypeOf<A, B> = A extends Tensor<infer D> ? D : B extends Tensor<infer D> ? D : "f32";

/** The result of broadcasting two operands: a Scalar only when both are. */
export type Join<A, B> = A extends Scalar | number
  ? B extends Scalar | number
    ? Scalar<DTypeOf<A, B>>
    : Tensor<DTypeOf<A, B>>
  : Tensor<DTypeOf<A, B>>;

/** Runs the type rule of an op and adds the user's place to what it throws. */
export function apply(op: Op, operands: readonly Tensor[], attrs: Attrs = {}): Tensor {
  const strange = operands.findIndex(x => !(x instanceof Tensor));
  if (strange >= 0) throw argumentError(op.name, `operand ${strange} is not a tensor`, "a tensor", operands[strange]);
  try {
    return createNode(op, operands, attrs).outputs[0];
  } catch (error) {
    if (error instanceof GradcError && error.details.sites === undefined) {
      const problem = error.message.split("\n", 1)[0];
      throw callError(error.code, problem, error.details);
    }
    throw error;
  }
}

/** Turns plain numbers into constants of the tensors' dtype (f32 when all are numbers), of shape []. */
export function weaken(name: string, values: readonly Operand[]): Tensor[] {
  const leader = values.find(v => v instanceof Tensor);
  const dtype: DType = leader instanceof Tensor ? leader.dtype : "f32";
  return values.map(v => {
    if (v instanceof Tensor) return v;
    if (typeof v !== "number") {
      throw argumentError(name, "an operand is neither a tensor nor a number", "a tensor or a number", v);
    }
    if ((isInt(dtype) || dtype === "bool") && !Number.isInteger(v)) {
      throw callError("dtype", `${name}: a fraction meets ${dtype}`, {
        expected: `a whole number, or cast(x, "f32")`,
        received: String(v),
      });
    }
    return fill(v, [], dtype);
  });
}

/**
 * Repeats a tensor to a shape it fits by NumPy's rule: aligned at the last axis, sizes are equal or 1.
 * @throws GradcError `shape`
 */
export function broadcastTo<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  checkTensors("broadcastTo", { x });
  checkSizes("broadcastTo", shape);
  if (shapeEquals(x.shape, shape)) return x;
  const common = broadcastShapes(x.shape, shape);
  if (!common || !shapeEquals(common, shape)) {
    throw callError("shape", "broadcastTo: the shape does not fit", {
      expected: `a shape that ${formatType(x)} repeats to`,
      received: formatShape(shape),
    });
  }
  const lead = shape.length - x.rank;
  const kept = x.shape.map((_, axis) => axis).filter(axis => dimEquals(x.shape[axis], shape[lead + axis]));
  const squeezed =
    kept.length === x.rank
      ? x
      : reshape(
          x,
          kept.map(axis => x.shape[axis]),
        );
  return expand(
    squeezed,
    shape,
    kept.map(axis => lead + axis),
  );
}

/** Coerces numbers and broadcasts all operands to their common shape. */
export function broadcastAll(name: string, values: readonly Operand[]): Tensor[] {
  const tensors = weaken(name, values);
  let shape: Shape = [];
  for (const t of tensors) {
    const common = broadcastShapes(shape, t.shape);
    if (!common) {
      throw callError("shape", `${name}: shapes that do not broadcast`, {
        expected: "sizes that are equal or 1, aligned at the last axis",
        received: tensors.map(formatType).join(" and "),
      });
    }
    shape = common;
  }
  return tensors.map(t => broadcastTo(t, shape));
}

/** Applies an elementwise op to operands that broadcast. */
export function applyBroadcast(op: Op, values: readonly Operand[], attrs: Attrs = {}): Tensor {
  const outermost = isOutermostCall();
  if (outermost) enterCall(CallSite.capture());
  try {
    return apply(op, broadcastAll(op.name, values), attrs);
  } finally {
    if (outermost) leaveCall();
  }
}

/** For derivative rules: an elementwise op on tensors and numbers. */
export const make = (op: Op, ...values: readonly Operand[]): Tensor => applyBroadcast(op, values);

export { callError, Scalar, Tensor };
