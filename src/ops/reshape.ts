import { checkSizes, checkTensors, checkWholeNumbers } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Scalar, Tensor } from "../graph/tensor.ts";
import { lifted } from "../kinds/batch.ts";
import { view } from "../kinds/view.ts";
import { type Dim, dimEquals, divDims } from "../shared/dim.ts";
import type { DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatShape, formatType, type Shape, sizeOf } from "../shared/shape.ts";
import { axesOf, axisOf } from "./axes.ts";
import { apply, callError } from "./coerce.ts";

const build = (x: Tensor, shape: Shape): Tensor => apply(reshapeOp, [x], { shape });

export const reshapeOp = view({
  name: "reshape",
  operands: ["x"],
  arity: 1,
  shape: ([x], attrs: Attrs) => {
    const shape = attrs.shape as Shape;
    if (!dimEquals(sizeOf(shape), sizeOf(x.shape))) {
      throw new GradcError("shape", "reshape: another number of elements", {
        expected: `a shape of ${sizeOf(x.shape)} elements, as ${formatType(x)} has`,
        received: `${formatShape(shape)}, ${sizeOf(shape)} elements`,
      });
    }
    return shape;
  },
  transpose: (cotangent, node) => [build(cotangent, node.operands[0].shape)],
  build: ([x], attrs) => build(x, attrs.shape as Shape),
  equations: ["reshape(ȳ)"],
  batch: lifted(({ shape }, size) => ({ shape: [size, ...(shape as Shape)] })),
});

/**
 * The same elements, in row-major order, under another shape.
 * @param shape sizes; one of them may be −1, which stands for what is left
 * @throws GradcError `shape` when the numbers of elements differ
 */
export function reshape<D extends DType>(x: Tensor<D>, shape: readonly []): Scalar<D>;
export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D>;
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensors("reshape", { x });
  checkSizes("reshape", Array.isArray(shape) ? shape.map(d => (d === -1 ? 1 : d)) : shape);
  const open = shape.indexOf(-1);
  if (open < 0) return build(x, shape);
  const others = sizeOf(shape.filter((_, axis) => axis !== open));
  const rest: Dim | undefined = shape.indexOf(-1, open + 1) < 0 ? divDims(sizeOf(x.shape), others) : undefined;
  if (rest === undefined) {
    throw callError("shape", "reshape: −1 cannot be determined", {
      expected: `one −1 and sizes that divide ${sizeOf(x.shape)}`,
      received: formatShape(shape),
    });
  }
  return build(
    x,
    shape.map((d, axis) => (axis === open ? rest : d)),
  );
}

/**
 * Drops axes of size 1.
 * @param axes which; default: all of size 1
 * @throws GradcError `attribute`, `shape` when one of the axes has another size
 */
export function squeeze<D extends DType>(x: Tensor<D>, axes?: number | readonly number[]): Tensor<D> {
  checkTensors("squeeze", { x });
  const ones = x.shape.flatMap((d, axis) => (d === 1 ? [axis] : []));
  const dropped = axes === undefined ? ones : axesOf("squeeze", axes, x.rank);
  const wrong = dropped.find(axis => !ones.includes(axis));
  if (wrong !== undefined) {
    throw callError("shape", `squeeze: axis ${wrong} is not of size 1`, {
      expected: "an axis of size 1",
      received: formatType(x),
    });
  }
  return reshape(
    x,
    x.shape.filter((_, axis) => !dropped.includes(axis)),
  );
}

/**
 * Inserts axes of size 1.
 * @param axes where they stand in the result; negative ones count from the back of the result
 */
export function expandDims<D extends DType>(x: Tensor<D>, axes: number | readonly number[]): Tensor<D> {
  checkTensors("expandDims", { x });
  const list = typeof axes === "number" ? [axes] : axes;
  checkWholeNumbers("expandDims", "the axes", list);
  const count = list.length;
  const inserted = axesOf("expandDims", axes, x.rank + count);
  const rest = x.shape.values();
  const shape = Array.from({ length: x.rank + count }, (_, axis) =>
    inserted.includes(axis) ? 1 : (rest.next().value as Dim),
  );
  return reshape(x, shape);
}

/** The elements in row-major order, from axis `from` on: [B, 8, 8] → [B, 64] with from = 1. */
export function flatten<D extends DType>(x: Tensor<D>, from = 0): Tensor<D> {
  checkTensors("flatten", { x });
  const first = x.rank === 0 && from === 0 ? 0 : axisOf("flatten", from, x.rank);
  return reshape(x, [...x.shape.slice(0, first), sizeOf(x.shape.slice(first))]);
}
