import { checkTensors, checkWholeNumbers } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted } from "../kinds/batch.ts";
import { view } from "../kinds/view.ts";
import type { DType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { axisOf, checkAxes } from "./axes.ts";
import { apply } from "./coerce.ts";

const permOf = (attrs: { readonly perm?: unknown }): readonly number[] => attrs.perm as readonly number[];

/** The permutation that undoes `perm`. */
export const inversePermutation = (perm: readonly number[]): number[] => perm.map((_, axis) => perm.indexOf(axis));

export const transposeOp = view({
  name: "transpose",
  operands: ["x"],
  arity: 1,
  shape: ([x], attrs) => {
    const perm = permOf(attrs);
    checkAxes("transpose", perm, x.shape.length);
    if (perm.length !== x.shape.length) {
      throw new GradcError("attribute", "transpose: the permutation has the wrong length", {
        expected: `all ${x.shape.length} axes`,
        received: `[${perm.join(", ")}]`,
      });
    }
    return perm.map(axis => x.shape[axis]);
  },
  pieces: (index, { attrs }) => [{ operand: 0, index: inversePermutation(permOf(attrs)).map(axis => index[axis]) }],
  reference: (index, { attrs }) => {
    const source: number[] = [];
    permOf(attrs).forEach((axis, k) => {
      source[axis] = index[k];
    });
    return [0, source];
  },
  transpose: (cotangent, node) => [apply(transposeOp, [cotangent], { perm: inversePermutation(permOf(node.attrs)) })],
  build: ([x], attrs) => apply(transposeOp, [x], attrs),
  equations: ["transpose(ȳ, perm⁻¹)"],
  batch: lifted(attrs => ({ perm: [0, ...permOf(attrs).map(axis => axis + 1)] })),
});

/**
 * Reorders the axes.
 * @param perm axis k of the result is axis perm[k] of x; default: all axes reversed, as in NumPy
 */
export function transpose<D extends DType>(x: Tensor<D>, perm?: readonly number[]): Tensor<D> {
  checkTensors("transpose", { x });
  if (perm !== undefined) checkWholeNumbers("transpose", "the axes", perm);
  const order = perm?.map(axis => axisOf("transpose", axis, x.rank)) ?? x.shape.map((_, axis) => x.rank - 1 - axis);
  if (order.length === x.rank && order.every((axis, k) => axis === k)) return x;
  return apply(transposeOp, [x], { perm: order }) as Tensor<D>;
}
