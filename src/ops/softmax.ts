import { checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted, shiftAxes } from "../kinds/batch.ts";
import { composite } from "../kinds/composite.ts";
import { checkAxis, checkDType, make } from "../kinds/linear-helpers.ts";
import type { FloatDType } from "../shared/dtype.ts";
import type { TensorType } from "../shared/shape.ts";
import { div, mul, sub } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { apply } from "./coerce.ts";
import { expand, otherAxes } from "./expand.ts";
import { rawMaxNumber, rawSum } from "./reduce.ts";
import { log, rawExpNonPositive } from "./transcendental.ts";

const FLOATS = ["f32", "f64"] as const;
const axisIn = (attrs: Attrs): number => attrs.axis as number;

/** Repeats a value that lost `axis` along it again. */
const spread = (y: Tensor, x: Tensor, axis: number): Tensor<FloatDType> =>
  expand(y as Tensor<FloatDType>, x.shape, otherAxes(x.rank, [axis]));

const total = (x: Tensor, axis: number): Tensor<FloatDType> => spread(rawSum(x as Tensor<FloatDType>, [axis]), x, axis);

/** x less its maximum along the axis: exponentials of it cannot overflow. Where x is NaN, so is the difference. */
export const shifted = (x: Tensor, axis: number): Tensor<FloatDType> =>
  sub(x as Tensor<FloatDType>, spread(rawMaxNumber(x, [axis]), x, axis));

const inferType = (name: string, x: TensorType, attrs: Attrs): TensorType[] => {
  checkDType(name, x, FLOATS);
  checkAxis(name, x, attrs.axis);
  return [{ dtype: x.dtype, shape: x.shape }];
};

export const softmaxOp = composite({
  name: "softmax",
  operands: ["x"],
  dtypes: FLOATS,
  inferTypes: ([x], attrs) => inferType("softmax", x, attrs),
  expand: ([x], attrs) => {
    const axis = axisIn(attrs);
    const powers = rawExpNonPositive(shifted(x, axis));
    return [div(powers, total(powers, axis))];
  },
  batch: lifted(shiftAxes),
  derivative: {
    equations: ["y·(ȳ − Σ ȳ·y)"],
    vjp: ({ node, outputs: [y], cotangents: [cotangent] }) => [cotangent && project(y, cotangent, axisIn(node.attrs))],
    // The Jacobian diag(y) − y·yᵀ is symmetric.
    jvp: ({ node, outputs: [y], tangents: [tangent] }) => [tangent && project(y, tangent, axisIn(node.attrs))],
  },
});

function project(y: Tensor, v: Tensor, axis: number): Tensor {
  const probabilities = y as Tensor<FloatDType>;
  return mul(probabilities, sub(v as Tensor<FloatDType>, total(mul(v as Tensor<FloatDType>, probabilities), axis)));
}

/**
 * Exponentials scaled to add up to 1 along an axis; exact for logits of any size.
 * @param axis counted from the back where negative; default the last
 * @throws GradcError `attribute` where x has no such axis
 */
export function softmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  checkTensors("softmax", { x });
  return apply(softmaxOp, [x], { axis: axisOf("softmax", axis, x.rank) }) as Tensor<D>;
}

export const logSoftmaxOp = composite({
  name: "logSoftmax",
  operands: ["x"],
  dtypes: FLOATS,
  inferTypes: ([x], attrs) => inferType("logSoftmax", x, attrs),
  expand: ([x], attrs) => {
    const axis = axisIn(attrs);
    const centred = shifted(x, axis);
    return [sub(centred, spread(log(rawSum(rawExpNonPositive(centred), [axis])), x, axis))];
  },
  batch: lifted(shiftAxes),
  derivative: {
    equations: ["ȳ − exp(y)·Σ ȳ"],
    vjp: ({ node, outputs: [y], cotangents: [cotangent] }) => {
      if (!cotangent) return [null];
      const given = cotangent as Tensor<FloatDType>;
      return [sub(given, mul(rawExpNonPositive(y), total(given, axisIn(node.attrs))))];
    },
    jvp: ({ node, outputs: [y], tangents: [tangent] }) => {
      if (!tangent) return [null];
      const given = tangent as Tensor<FloatDType>;
      return [sub(given, total(mul(rawExpNonPositive(y), given), axisIn(node.attrs)))];
    },
  },
});

/**
 * The logarithm of softmax along an axis; exact for logits of any size.
 * @param axis counted from the back where negative; default the last
 * @throws GradcError `attribute` where x has no such axis
 */
export function logSoftmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  checkTensors("logSoftmax", { x });
  return apply(logSoftmaxOp, [x], { axis: axisOf("logSoftmax", axis, x.rank) }) as Tensor<D>;
}

/** The nodes, for derivative rules. */
export const rawSoftmax = (x: Tensor, axis: number): Tensor<FloatDType> =>
  make(softmaxOp, [x], { axis }) as Tensor<FloatDType>;
export const rawLogSoftmax = (x: Tensor, axis: number): Tensor<FloatDType> =>
  make(logSoftmaxOp, [x], { axis }) as Tensor<FloatDType>;
export { spread as spreadAlong };
