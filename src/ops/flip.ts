import { checkTensors } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted, shiftAxes } from "../kinds/batch.ts";
import { view } from "../kinds/view.ts";
import { dimExpr, int, isub } from "../loop/build.ts";
import type { DType } from "../shared/dtype.ts";
import { axesOf, checkAxes } from "./axes.ts";
import { apply } from "./coerce.ts";

export const flipOp = view({
  name: "flip",
  operands: ["x"],
  arity: 1,
  shape: ([x], attrs) => {
    checkAxes("flip", attrs.axes as readonly number[], x.shape.length);
    return x.shape;
  },
  pieces: (index, { shapes: [shape], attrs }) => {
    const axes = attrs.axes as readonly number[];
    return [
      {
        operand: 0,
        index: index.map((i, axis) => (axes.includes(axis) ? isub(isub(dimExpr(shape[axis]), int(1)), i) : i)),
      },
    ];
  },
  reference: (index, { shapes: [shape], attrs }) => {
    const axes = attrs.axes as readonly number[];
    return [0, index.map((i, axis) => (axes.includes(axis) ? shape[axis] - 1 - i : i))];
  },
  transpose: (cotangent, node) => [apply(flipOp, [cotangent], node.attrs)],
  build: ([x], attrs) => apply(flipOp, [x], attrs),
  equations: ["flip(ȳ)"],
  batch: lifted(shiftAxes),
});

/** Reverses the order of the elements along axes (default: all). */
export function flip<D extends DType>(x: Tensor<D>, axes?: number | readonly number[]): Tensor<D> {
  checkTensors("flip", { x });
  return apply(flipOp, [x], { axes: axesOf("flip", axes, x.rank) }) as Tensor<D>;
}
