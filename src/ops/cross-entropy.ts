import { checkTensors } from "../graph/arguments.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lifted } from "../kinds/batch.ts";
import { composite } from "../kinds/composite.ts";
import { addDerivatives, checkDType, make } from "../kinds/linear-helpers.ts";
import { type FloatDType, isFloat } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { formatShape, formatType, shapeEquals, type TensorType } from "../shared/shape.ts";
import { mul, neg, sub } from "./arithmetic.ts";
import { apply } from "./coerce.ts";
import { gatherAlongOp } from "./gather.ts";
import { constantBounds } from "./index-bounds.ts";
import { oneHotOp } from "./one-hot.ts";
import { rawSum } from "./reduce.ts";
import { reshape } from "./reshape.ts";
import { rawLogSoftmax, rawSoftmax, shifted, spreadAlong } from "./softmax.ts";
import { log, rawExpNonPositive } from "./transcendental.ts";

const FLOATS = ["f32", "f64"] as const;
type Float = Tensor<FloatDType>;
const float = (x: Tensor): Float => x as Float;
const lastAxis = (x: { readonly shape: readonly unknown[] }): number => x.shape.length - 1;

function classesOf(name: string, logits: TensorType): number {
  checkDType(name, logits, FLOATS);
  const classes = logits.shape[lastAxis(logits)];
  if (typeof classes !== "number") {
    throw new GradcError("shape", `${name}: the logits need a last axis of fixed size, one place per class`, {
      expected: "[..., classes]",
      received: formatType(logits),
    });
  }
  return classes;
}

/** softmax(x) − oneHot(label): the derivative of the loss by the logits. */
function residual(logits: Tensor, labels: Tensor): Float {
  const axis = lastAxis(logits);
  const target = make(oneHotOp, [labels], { depth: logits.shape[axis], dtype: logits.dtype });
  return sub(rawSoftmax(logits, axis), float(target));
}

export const softmaxCrossEntropyOp = composite({
  name: "softmaxCrossEntropy",
  operands: ["logits", "labels"],
  dtypes: FLOATS,
  inferTypes: ([logits, labels]) => {
    classesOf("softmaxCrossEntropy", logits);
    checkDType("softmaxCrossEntropy (labels)", labels, ["i32"]);
    const shape = logits.shape.slice(0, -1);
    if (!shapeEquals(shape, labels.shape)) {
      throw new GradcError("shape", "softmaxCrossEntropy: one label per row of logits is needed", {
        expected: `labels ${formatShape(shape)}`,
        received: `logits ${formatType(logits)} and labels ${formatType(labels)}`,
      });
    }
    return [{ dtype: logits.dtype, shape }];
  },
  expand: ([logits, labels]) => {
    const axis = lastAxis(logits);
    const centred = shifted(logits, axis);
    const chosen = make(gatherAlongOp, [centred, reshape(labels, [...labels.shape, 1])], { axis });
    return [sub(log(rawSum(rawExpNonPositive(centred), [axis])), reshape(float(chosen), labels.shape))];
  },
  batch: lifted(),
  derivative: {
    equations: ["ȳ·(softmax(logits) − oneHot(label))", "0"],
    vjp: ({ operands: [logits, labels], cotangents: [cotangent] }) => [
      cotangent && mul(spreadAlong(cotangent, logits, lastAxis(logits)), residual(logits, labels)),
      null,
    ],
    jvp: ({ operands: [logits, labels], tangents: [tangent] }) => [
      tangent && rawSum(mul(float(tangent), residual(logits, labels)), [lastAxis(logits)]),
    ],
  },
  indexBounds: node => [{ operand: 1, below: classesOf("softmaxCrossEntropy", node.operands[0]) }],
});

export const softmaxCrossEntropyDenseOp = composite({
  name: "softmaxCrossEntropyDense",
  operands: ["logits", "probabilities"],
  dtypes: FLOATS,
  inferTypes: ([logits, probabilities]) => {
    checkDType("softmaxCrossEntropy", logits, FLOATS);
    if (
      logits.shape.length === 0 ||
      logits.dtype !== probabilities.dtype ||
      !shapeEquals(logits.shape, probabilities.shape)
    ) {
      throw new GradcError("shape", "softmaxCrossEntropy: one probability per logit is needed", {
        expected: `[..., classes] twice, or i32 labels [...]`,
        received: `logits ${formatType(logits)} and ${formatType(probabilities)}`,
      });
    }
    return [{ dtype: logits.dtype, shape: logits.shape.slice(0, -1) }];
  },
  expand: ([logits, probabilities]) => {
    const axis = lastAxis(logits);
    return [neg(rawSum(mul(float(probabilities), rawLogSoftmax(logits, axis)), [axis]))];
  },
  batch: lifted(),
  derivative: {
    equations: ["ȳ·(softmax(logits)·Σ p − p)", "−ȳ·logSoftmax(logits)"],
    vjp: ({ operands: [logits, p], cotangents: [cotangent], needed }) => {
      if (!cotangent) return [null, null];
      const axis = lastAxis(logits);
      const rows = spreadAlong(cotangent, logits, axis);
      return [
        needed[0] ? mul(rows, denseResidual(logits, p)) : null,
        needed[1] ? neg(mul(rows, rawLogSoftmax(logits, axis))) : null,
      ];
    },
    jvp: ({ operands: [logits, p], tangents: [dx, dp] }) => {
      const axis = lastAxis(logits);
      return [
        addDerivatives(
          dx && rawSum(mul(float(dx), denseResidual(logits, p)), [axis]),
          dp && neg(rawSum(mul(float(dp), rawLogSoftmax(logits, axis)), [axis])),
        ),
      ];
    },
  },
});

/** softmax(x)·Σ p − p; Σ p is 1 for probabilities, but the rule holds for any weights. */
function denseResidual(logits: Tensor, p: Tensor): Float {
  const axis = lastAxis(logits);
  return sub(mul(rawSoftmax(logits, axis), spreadAlong(rawSum(float(p), [axis]), logits, axis)), float(p));
}

/**
 * The cross entropy of labels and the softmax of logits, one number per example: take its mean for a loss. Exact for
 * logits of any size.
 * @param logits [..., classes], f32 or f64
 * @param labels i32 [...], 0 ≤ label < classes; or probabilities [..., classes] of the logits' dtype
 * @returns [...]
 * @throws GradcError `shape`, `dtype`; `input-range` for constant labels out of range (labels that are inputs are checked
 * at each call)
 */
export function softmaxCrossEntropy<D extends FloatDType>(
  logits: Tensor<D>,
  labels: Tensor<"i32"> | Tensor<NoInfer<D>>,
): Tensor<D> {
  checkTensors("softmaxCrossEntropy", { logits, labels });
  const op = isFloat(labels.dtype) ? softmaxCrossEntropyDenseOp : softmaxCrossEntropyOp;
  const y = apply(op, [logits, labels]);
  constantBounds(y.node);
  return y as Tensor<D>;
}
