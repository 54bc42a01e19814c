/** gradc/nn: layers, losses, optimizers and schedules over the core vocabulary. */
export { accumulate, inParts } from "./accumulate.ts";
export { type AdamOptions, type AdamWOptions, adam, adamW } from "./adam.ts";
export { type AdagradOptions, adagrad, type RmspropOptions, rmsprop } from "./adaptive.ts";
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
export { type GruOptions, gru, gruCell } from "./gru.ts";
export type { LayerOptions } from "./layer.ts";
export { accuracy, crossEntropy } from "./loss.ts";
export { type LstmCarry, type LstmOptions, lstm, lstmCell } from "./lstm.ts";
export { inference, type Mode, training } from "./mode.ts";
export { type MultiHeadAttentionOptions, multiHeadAttention } from "./multi-head-attention.ts";
export { groupNorm, instanceNorm, layerNorm, type NormOptions, rmsNorm } from "./norm.ts";
export { type LearningRate, type Optimizer, type OptimizerOptions, optimizer, type Slot } from "./optimizer.ts";
export { type ParameterTree, parameters, parameterTree } from "./parameters.ts";
export {
  bidirectional,
  type Cell,
  type CellOptions,
  type DirectedPart,
  deep,
  type GatedOptions,
  type Part,
  recurrent,
  type Sequence,
  type SequenceOptions,
} from "./recurrent.ts";
export { type JordanOptions, jordan, jordanCell, type RnnOptions, rnn, rnnCell } from "./rnn.ts";
export {
  constantRate,
  cosineDecay,
  exponentialDecay,
  type OneCycleOptions,
  oneCycle,
  piecewise,
  type Schedule,
  stepDecay,
  warmup,
} from "./schedule.ts";
export { type MomentumOptions, momentum, sgd } from "./sgd.ts";
