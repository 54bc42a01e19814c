import {
  add,
  declarationError,
  type FloatDType,
  mul,
  oneCall,
  onesInit,
  param,
  reshape,
  standardize,
  type Tensor,
  zerosInit,
} from "../api.ts";
import { checkCount, checkLayer, featuresOf } from "./layer.ts";

export interface NormOptions {
  /** Parameters `<name>.scale` and `<name>.shift`, of the size of the last axis. */
  readonly name: string;
  /** Added to the variance or mean square (default 1e-5). */
  readonly epsilon?: number;
  /** Multiplies by `scale`, ones at first (default true). */
  readonly scale?: boolean;
  /** Adds `shift`, zeros at first (default true; false for rmsNorm). */
  readonly shift?: boolean;
}

const OPTIONS = ["name", "epsilon", "scale", "shift"];

/** scale·y + shift, along the last axis. */
function scaled<D extends FloatDType>(y: Tensor<D>, { name, scale = true, shift = true }: NormOptions): Tensor<D> {
  const features = y.shape[y.rank - 1] as number;
  const of = (what: string, init: ReturnType<typeof onesInit>): Tensor<FloatDType> =>
    param(`${name}.${what}`, [features], init, y.dtype);
  const stretched: Tensor<FloatDType> = scale ? mul(y as Tensor<FloatDType>, of("scale", onesInit())) : y;
  return (shift ? add(stretched, of("shift", zerosInit())) : stretched) as Tensor as Tensor<D>;
}

/**
 * Layer normalisation (Ba et al. 2016): scale·(x − mean)/√(variance + ε) + shift, over the last axis.
 * @param x f32 or f64, […, features] with a fixed number of features
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function layerNorm<D extends FloatDType>(x: Tensor<D>, options: NormOptions): Tensor<D> {
  return oneCall(() => {
    checkLayer("layerNorm", x, options, OPTIONS);
    featuresOf("layerNorm", x, options.name);
    return scaled(standardize(x, -1, { epsilon: options.epsilon }), options);
  });
}

/**
 * RMS normalisation (Zhang & Sennrich 2019): scale·x/√(mean x² + ε), over the last axis.
 * @param x f32 or f64, […, features] with a fixed number of features
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function rmsNorm<D extends FloatDType>(x: Tensor<D>, options: NormOptions): Tensor<D> {
  return oneCall(() => {
    checkLayer("rmsNorm", x, options, OPTIONS);
    featuresOf("rmsNorm", x, options.name);
    return scaled(standardize(x, -1, { epsilon: options.epsilon, center: false }), { shift: false, ...options });
  });
}

/**
 * Group normalisation (Wu & He 2018): each example's channels in groups, normalised over the group and all positions.
 * @param x f32 or f64, [n, spatial…, c] with a fixed number of channels
 * @param groups a divisor of c
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function groupNorm<D extends FloatDType>(x: Tensor<D>, groups: number, options: NormOptions): Tensor<D> {
  return oneCall(() => {
    checkLayer("groupNorm", x, options, OPTIONS);
    checkCount("groupNorm", "groups", groups);
    const channels = featuresOf("groupNorm", x, options.name, 2);
    if (channels % groups !== 0) {
      throw declarationError(
        "shape",
        `groupNorm(${JSON.stringify(options.name)}): the channels do not fall into groups`,
        {
          expected: `a multiple of ${groups}`,
          received: `${channels} channels`,
        },
      );
    }
    const inGroups = reshape(x, [...x.shape.slice(0, -1), groups, channels / groups]);
    const axes = [...x.shape.slice(1, -1).map((_, axis) => axis + 1), x.rank];
    const y = standardize(inGroups, axes, { epsilon: options.epsilon });
    return scaled(reshape(y, x.shape) as Tensor<D>, options);
  });
}

/**
 * Instance normalisation (Ulyanov et al. 2016): each channel of each example over all positions.
 * @param x f32 or f64, [n, spatial…, c] with a fixed number of channels
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function instanceNorm<D extends FloatDType>(x: Tensor<D>, options: NormOptions): Tensor<D> {
  return oneCall(() => {
    checkLayer("instanceNorm", x, options, OPTIONS);
    featuresOf("instanceNorm", x, options.name, 3);
    const positions = x.shape.slice(1, -1).map((_, axis) => axis + 1);
    return scaled(standardize(x, positions, { epsilon: options.epsilon }), options);
  });
}
