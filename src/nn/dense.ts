import { type FloatDType, matmul, oneCall, param, type Tensor } from "../api.ts";
import { biased, checkCount, checkLayer, featuresOf, LAYER_OPTIONS, type LayerOptions } from "./layer.ts";

export type DenseOptions<D extends FloatDType = FloatDType> = LayerOptions<D>;

/**
 * A fully connected layer: activation(x·w + b).
 * @param x f32 or f64, […, features] with a fixed number of features
 * @param units features of the result
 * @returns […, units]
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function dense<D extends FloatDType>(x: Tensor<D>, units: number, options: DenseOptions<NoInfer<D>>): Tensor<D> {
  checkLayer("dense", x, options, LAYER_OPTIONS);
  checkCount("dense", "units", units);
  const { name, init } = options;
  const features = featuresOf("dense", x, name);
  return oneCall(() => {
    const w: Tensor<D> = param(`${name}.w`, [features, units], init, x.dtype);
    return biased("dense", matmul<D>(x, w), options);
  });
}
