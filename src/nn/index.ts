/** gradc/nn: layers, losses, optimizers and schedules over the core vocabulary. */
export { type AdamOptions, type AdamWOptions, adam, adamW } from "./adam.ts";
export { type AdagradOptions, adagrad, type RmspropOptions, rmsprop } from "./adaptive.ts";
export { type BatchNormOptions, batchNorm } from "./batch-norm.ts";
export { type DenseOptions, dense } from "./dense.ts";
export { dropout } from "./dropout.ts";
export { accuracy, crossEntropy } from "./loss.ts";
export { inference, type Mode, training } from "./mode.ts";
export { type LearningRate, type Optimizer, type OptimizerOptions, optimizer, type Slot } from "./optimizer.ts";
export { parameters } from "./parameters.ts";
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
