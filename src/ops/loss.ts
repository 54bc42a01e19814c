import { checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Scalar, Tensor } from "../graph/tensor.ts";
import { lifted } from "../kinds/batch.ts";
import { composite } from "../kinds/composite.ts";
import { addDerivatives, checkDType } from "../kinds/linear-helpers.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatType, shapeEquals, sizeOf } from "../shared/shape.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { apply, broadcastAll, callError, type Operand } from "./coerce.ts";
import { maximum } from "./maximum.ts";
import { sum } from "./reduce.ts";
import { abs } from "./rounding.ts";
import { extent } from "./source.ts";
import { exp, log1p, sigmoid } from "./transcendental.ts";

export { softmaxCrossEntropy, softmaxCrossEntropyDenseOp, softmaxCrossEntropyOp } from "./cross-entropy.ts";

const FLOATS = ["f32", "f64"] as const;
type Float = Tensor<FloatDType>;
const float = (x: Tensor): Float => x as Float;

export const binaryCrossEntropyOp = composite({
  name: "binaryCrossEntropyWithLogits",
  operands: ["x", "t"],
  dtypes: FLOATS,
  inferTypes: ([x, t]) => {
    checkDType("binaryCrossEntropyWithLogits", x, FLOATS);
    if (x.dtype !== t.dtype || !shapeEquals(x.shape, t.shape)) {
      throw new GradcError("shape", "binaryCrossEntropyWithLogits: one target per logit is needed", {
        expected: formatType(x),
        received: formatType(t),
      });
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  // The difference first: it is exact where x·t = max(x, 0), and the small rest is not lost.
  expand: ([x, t]) => {
    const linear = sub(maximum(float(x), 0), mul(float(x), float(t)));
    return [add(linear, log1p(exp(neg(abs(float(x))))))];
  },
  batch: lifted(),
  derivative: {
    equations: ["ȳ·(sigmoid(x) − t)", "−ȳ·x"],
    vjp: ({ operands: [x, t], cotangents: [cotangent], needed }) => {
      if (!cotangent) return [null, null];
      const given = float(cotangent);
      return [
        needed[0] ? mul(given, sub(sigmoid(float(x)), float(t))) : null,
        needed[1] ? neg(mul(given, float(x))) : null,
      ];
    },
    jvp: ({ operands: [x, t], tangents: [dx, dt] }) => [
      addDerivatives(dx && mul(float(dx), sub(sigmoid(float(x)), float(t))), dt && neg(mul(float(dt), float(x)))),
    ],
  },
});

/**
 * The cross entropy of targets and sigmoid(logits), elementwise with broadcasting: take its mean for a loss. Exact for
 * logits of any size.
 * @param logits f32 or f64
 * @param targets 0 … 1, of the logits' dtype, or a number
 */
export function binaryCrossEntropyWithLogits<D extends FloatDType>(
  logits: Tensor<D>,
  targets: Operand<NoInfer<D>>,
): Tensor<D> {
  checkTensors("binaryCrossEntropyWithLogits", { logits });
  return apply(binaryCrossEntropyOp, broadcastAll("binaryCrossEntropyWithLogits", [logits, targets])) as Tensor<D>;
}

/**
 * The mean of the squared differences, over all elements.
 * @throws GradcError `shape` unless both have one shape: broadcasting hides mistakes here
 */
export function meanSquaredError<D extends FloatDType>(prediction: Tensor<D>, target: Tensor<NoInfer<D>>): Scalar<D> {
  return oneCall(() => {
    checkTensors("meanSquaredError", { prediction, target });
    if (!shapeEquals(prediction.shape, target.shape)) {
      throw callError("shape", "meanSquaredError: prediction and target differ in shape", {
        expected: formatType(prediction),
        received: formatType(target),
      });
    }
    const difference = sub(prediction, target);
    const total: Scalar<D> = sum(mul(difference, difference) as Tensor<D>);
    return div(total, extent(sizeOf(prediction.shape), prediction.dtype)) as Scalar<D>;
  });
}
