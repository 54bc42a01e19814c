import type { Attrs } from "../graph/attrs.ts";
import { createNode } from "../graph/node.ts";
import type { Derivative, Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Dim } from "../shared/dim.ts";
import { GradcError, present } from "../shared/errors.ts";
import { formatType, type Shape, sizeOf, type TensorType } from "../shared/shape.ts";
import { algebra } from "./algebra.ts";

/** The first (usually only) output of a new node: for derivative rules, which cannot fail. */
export const make = (op: Op, operands: readonly Tensor[], attrs: Attrs = {}): Tensor =>
  createNode(op, operands, attrs).outputs[0];

/** The sum of two derivatives, null being zero. */
export function addDerivatives(x: Derivative, y: Derivative): Derivative {
  if (!x || !y) return x ?? y;
  return algebra().add(x, y);
}

/** Makes something of all derivatives that are not zero; zeros stay. */
export function mapPresent(
  values: readonly Derivative[],
  make: (values: readonly Tensor[]) => readonly Tensor[],
): Derivative[] {
  const made = make(values.filter(v => v !== null)).values();
  return values.map(v => v && present(made.next().value));
}

/** A row-major shape around one axis: element (o, j, i) lies at (o·length + j)·inner + i. */
export interface AxisSplit<D = Dim> {
  readonly outer: D;
  readonly length: D;
  readonly inner: D;
}

export const splitAtAxis = (shape: Shape, axis: number): AxisSplit => ({
  outer: sizeOf(shape.slice(0, axis)),
  length: shape[axis],
  inner: sizeOf(shape.slice(axis + 1)),
});

const product = (sizes: readonly number[]): number => sizes.reduce((p, n) => p * n, 1);

/** The same for concrete sizes. */
export const splitNumbers = (shape: readonly number[], axis: number): AxisSplit<number> => ({
  outer: product(shape.slice(0, axis)),
  length: shape[axis],
  inner: product(shape.slice(axis + 1)),
});

/** Fails unless `axis` is an axis of `type`. */
export function checkAxis(name: string, type: TensorType, axis: unknown): asserts axis is number {
  if (typeof axis !== "number" || !Number.isInteger(axis) || axis < 0 || axis >= type.shape.length) {
    throw new GradcError("attribute", `${name}: no such axis`, {
      expected: `an axis of ${formatType(type)}`,
      received: String(axis),
    });
  }
}

/** Fails unless the dtype is one of `allowed`. */
export function checkDType(name: string, type: TensorType, allowed: readonly string[]): void {
  if (!allowed.includes(type.dtype)) {
    throw new GradcError("dtype", `${name} does not take ${type.dtype}`, {
      expected: allowed.join(", "),
      received: formatType(type),
    });
  }
}
