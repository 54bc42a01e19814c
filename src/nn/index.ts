/** gradc/nn: layers, losses, optimizers and schedules over the core vocabulary. */
export { accumulate, inParts } from "./accumulate.ts";
export { type AdamOptions, adam } from "./adam.ts";
export { type BatchNormOptions, batchNorm } from "./batch-norm.ts";
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clipping.ts";
export {
  type ConvolutionOptions,
  convolution,
  type TransposedConvolutionOptions,
  transposedConvolution,
} from "./convolution.ts";
export { type DenseOptions, dense } from "./dense.ts";
export { type DropoutOptions, dropout } from "./dropout.ts";
export { type EmbeddingOptions, embedding } from "./embedding.ts";
export type { LayerOptions } from "./layer.ts";
export { accuracy, crossEntropy } from "./loss.ts";
export { inference, type Mode, training } from "./mode.ts";
export { type MultiHeadAttentionOptions, multiHeadAttention } from "./multi-head-attention.ts";
export { groupNorm, instanceNorm, layerNorm, type NormOptions, rmsNorm } from "./norm.ts";
export { type LearningRate, type Optimizer, type OptimizerOptions, optimizer, type Slot } from "./optimizer.ts";
export { parameters } from "./parameters.ts";
export { constantRate, cosineDecay, exponentialDecay, type Schedule, stepDecay, warmup } from "./schedule.ts";
export { type MomentumOptions, momentum, sgd } from "./sgd.ts";
