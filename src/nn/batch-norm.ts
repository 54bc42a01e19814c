import {
  add,
  checkOptions,
  checkTensors,
  checkText,
  declarationError,
  type FloatDType,
  fill,
  mean,
  mul,
  oneCall,
  onesInit,
  param,
  requireUpdate,
  rsqrt,
  set,
  standardize,
  state,
  sub,
  type Tensor,
  variance,
  zerosInit,
} from "../api.ts";
import { checkMode, type Mode } from "./mode.ts";

export interface BatchNormOptions {
  /** Parameters `<name>.scale`, `<name>.shift`; state `<name>.mean`, `<name>.variance`. */
  readonly name: string;
  /** Weight of the old running statistics at an update (default 0.9). */
  readonly momentum?: number;
  /** Added to the variance (default 1e-5). */
  readonly epsilon?: number;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015): scale·(x − mean)/√(variance + ε) + shift, each feature of the last axis
 * over all other axes. Training uses the statistics of the batch (variance divided by the count) and adds the update of
 * the running ones to `mode.updates`; inference uses the running ones.
 * @param x f32 or f64, […, features] with a fixed number of features
 */
export function batchNorm<D extends FloatDType>(x: Tensor<D>, options: BatchNormOptions, mode: Mode): Tensor<D> {
  return oneCall(() => {
    checkTensors("batchNorm", { x });
    checkOptions("batchNorm", options, ["name", "momentum", "epsilon"]);
    checkText("batchNorm", "its name", options.name);
    checkMode("batchNorm", mode);
    const { name, momentum = 0.9, epsilon = 1e-5 } = options;
    const features = x.shape[x.rank - 1];
    if (x.rank < 2 || typeof features !== "number") {
      throw declarationError(
        "shape",
        `batchNorm(${JSON.stringify(name)}): not a batch with a fixed number of features`,
        {
          expected: "[…, features] of rank 2 or more",
          received: String(x),
        },
      );
    }
    const scale = param(`${name}.scale`, [features], onesInit(), x.dtype);
    const shift = param(`${name}.shift`, [features], zerosInit(), x.dtype);
    const runningMean = state(`${name}.mean`, fill(0, [features], x.dtype));
    const runningVariance = state(`${name}.variance`, fill(1, [features], x.dtype));
    if (!mode.training) {
      const factor = mul(scale, rsqrt(add(runningVariance, epsilon)));
      return add(mul(sub(x, runningMean), factor), shift) as Tensor<FloatDType> as Tensor<D>;
    }
    const axes = x.shape.slice(0, -1).map((_, axis) => axis);
    const blend = (old: Tensor<FloatDType>, now: Tensor<FloatDType>) => add(mul(old, momentum), mul(now, 1 - momentum));
    const moved = [
      set(runningMean, blend(runningMean, mean(x, axes))),
      set(runningVariance, blend(runningVariance, variance(x, axes))),
    ];
    mode.updates.push(...moved);
    const y = add(mul(standardize(x, axes, { epsilon }), scale), shift) as Tensor<FloatDType>;
    for (const update of moved) requireUpdate(y, update);
    return y as Tensor<D>;
  });
}
