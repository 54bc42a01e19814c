import {
  argmax,
  cast,
  checkTensors,
  eq,
  type FloatDType,
  mean,
  type NumericDType,
  oneCall,
  type Scalar,
  softmaxCrossEntropy,
  type Tensor,
} from "../api.ts";

/**
 * The mean of softmaxCrossEntropy over all rows.
 * @param logits f32 or f64, […, classes]
 * @param labels i32 […] (0 ≤ label < classes), or probabilities of the shape of the logits
 */
export const crossEntropy = <D extends FloatDType>(
  logits: Tensor<D>,
  labels: Tensor<"i32"> | Tensor<NoInfer<D>>,
): Scalar<D> => {
  checkTensors("crossEntropy", { logits, labels });
  return oneCall(() => mean(softmaxCrossEntropy<D>(logits, labels)));
};

/**
 * The share of rows whose largest logit stands at the label; f32 [].
 * @param logits […, classes]
 * @param labels i32 […]
 */
export const accuracy = (logits: Tensor<NumericDType>, labels: Tensor<"i32">): Scalar<"f32"> => {
  checkTensors("accuracy", { logits, labels });
  return oneCall(() => mean(cast(eq(argmax(logits, -1), labels), "f32")));
};
