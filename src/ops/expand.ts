import { checkSizes, checkTensors, checkWholeNumbers } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted } from "../kinds/batch.ts";
import { view } from "../kinds/view.ts";
import { dimEquals } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatShape, formatType, type Shape, shapeEquals } from "../shared/shape.ts";
import { checkAxes } from "./axes.ts";
import { apply } from "./coerce.ts";
import { rawSum } from "./sum.ts";

/** The axes of `rank` that are not among `axes`. */
export const otherAxes = (rank: number, axes: readonly number[]): number[] =>
  Array.from({ length: rank }, (_, axis) => axis).filter(axis => !axes.includes(axis));

export const expandOp = view({
  name: "expand",
  operands: ["x"],
  arity: 1,
  shape: ([x], attrs) => {
    const shape = attrs.shape as Shape;
    const axes = attrs.axes as readonly number[];
    checkAxes("expand", axes, shape.length);
    const increasing = axes.every((axis, i) => i === 0 || axis > axes[i - 1]);
    if (!increasing || axes.length !== x.shape.length || axes.some((a, i) => !dimEquals(shape[a], x.shape[i]))) {
      throw new GradcError("shape", "expand: the operand does not fit the axes", {
        expected: `increasing axes of ${formatShape(shape)} with the operand's sizes`,
        received: `${formatType(x)} at axes [${axes.join(", ")}]`,
      });
    }
    return shape;
  },
  pieces: (index, { attrs }) => [{ operand: 0, index: (attrs.axes as readonly number[]).map(axis => index[axis]) }],
  reference: (index, { attrs }) => [0, (attrs.axes as readonly number[]).map(axis => index[axis])],
  transpose: (cotangent, node) => [rawSum(cotangent, otherAxes(cotangent.rank, node.attrs.axes as readonly number[]))],
  build: ([x], attrs) => expand(x, attrs.shape as Shape, attrs.axes as readonly number[]),
  equations: ["sum(ȳ, the other axes)"],
  batch: lifted(({ shape, axes }, size) => ({
    shape: [size, ...(shape as Shape)],
    axes: [0, ...(axes as readonly number[]).map(axis => axis + 1)],
  })),
});

/**
 * Repeats a tensor along new axes: operand axis i becomes axis `axes[i]` of `shape`, along all other axes it repeats.
 * See broadcastTo for NumPy's rule.
 * @param axes increasing; the sizes there equal the operand's
 */
export function expand<D extends DType>(x: Tensor<D>, shape: Shape, axes: readonly number[]): Tensor<D> {
  checkTensors("expand", { x });
  checkSizes("expand", shape);
  checkWholeNumbers("expand", "the axes", axes);
  if (axes.length === shape.length && shapeEquals(x.shape, shape)) return x;
  return apply(expandOp, [x], { shape, axes }) as Tensor<D>;
}
