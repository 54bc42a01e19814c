import {
  type ConvOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
  declarationError,
  type FloatDType,
  oneCall,
  param,
  type Tensor,
} from "../api.ts";
import { biased, checkCount, checkLayer, featuresOf, LAYER_OPTIONS, type LayerOptions } from "./layer.ts";

export type ConvolutionOptions<D extends FloatDType = FloatDType> = LayerOptions<D> & Omit<ConvOptions, "layout">;

export type TransposedConvolutionOptions<D extends FloatDType = FloatDType> = LayerOptions<D> &
  Omit<ConvTransposeOptions, "layout">;

const OPTIONS = [...LAYER_OPTIONS, "strides", "padding", "dilation", "groups"];

/** The sizes of a window, and channels that fall into groups. */
function windowOf(
  who: string,
  x: Tensor,
  window: number | readonly number[],
  { name, groups = 1 }: { readonly name: string; readonly groups?: number },
  out: number,
): { sizes: number[]; channels: number; groups: number } {
  const channels = featuresOf(who, x, name, 3);
  checkCount(who, "its number of channels", out);
  checkCount(who, "groups", groups);
  const rank = x.rank - 2;
  const sizes = Array.isArray(window) ? window : new Array<number>(rank).fill(window as number);
  if (sizes.length !== rank) {
    throw declarationError("attribute", `${who}(${JSON.stringify(name)}): the window has not the spatial axes`, {
      expected: `a size, or ${rank} of them`,
      received: `${sizes.length} sizes`,
    });
  }
  for (const size of sizes) checkCount(who, "the window", size);
  if (channels % groups !== 0 || out % groups !== 0) {
    throw declarationError("shape", `${who}(${JSON.stringify(name)}): the channels do not fall into groups`, {
      expected: `multiples of ${groups}`,
      received: `${channels} and ${out} channels`,
    });
  }
  return { sizes, channels, groups };
}

/**
 * A convolutional layer over one or more spatial axes: activation(conv(x, w) + b). Depthwise with `groups` = c.
 * @param x f32 or f64, [n, spatial…, c]; the spatial sizes are numbers
 * @param filters channels of the result
 * @param window its size, for all spatial axes or for each; `<name>.w` is [window…, c / groups, filters]
 * @returns [n, positions…, filters]
 * @throws GradcError `shape`, `dtype`, `attribute`, `dimension`
 */
export function convolution<D extends FloatDType>(
  x: Tensor<D>,
  filters: number,
  window: number | readonly number[],
  options: ConvolutionOptions<NoInfer<D>>,
): Tensor<D> {
  return oneCall(() => {
    checkLayer("convolution", x, options, OPTIONS);
    const { name, init, strides, padding, dilation } = options;
    const { sizes, channels, groups } = windowOf("convolution", x, window, options, filters);
    const w: Tensor<D> = param(`${name}.w`, [...sizes, channels / groups, filters], init, x.dtype);
    return biased("convolution", conv<D>(x, w, { strides, padding, dilation, groups }), options);
  });
}

/**
 * A transposed convolutional layer, which enlarges by its strides: activation(convTranspose(x, w) + b).
 * @param x f32 or f64, [n, spatial…, f]; the spatial sizes are numbers
 * @param channels of the result
 * @param window its size, for all spatial axes or for each; `<name>.w` is [window…, channels / groups, f]
 * @returns [n, sizes…, channels]
 * @throws GradcError `shape`, `dtype`, `attribute`, `dimension`
 */
export function transposedConvolution<D extends FloatDType>(
  x: Tensor<D>,
  channels: number,
  window: number | readonly number[],
  options: TransposedConvolutionOptions<NoInfer<D>>,
): Tensor<D> {
  return oneCall(() => {
    checkLayer("transposedConvolution", x, options, [...OPTIONS, "outputPadding"]);
    const { name, init, strides, padding, dilation, outputPadding } = options;
    const { sizes, channels: f, groups } = windowOf("transposedConvolution", x, window, options, channels);
    const w: Tensor<D> = param(`${name}.w`, [...sizes, channels / groups, f], init, x.dtype);
    const y = convTranspose<D>(x, w, { strides, padding, dilation, groups, outputPadding });
    return biased("transposedConvolution", y, options);
  });
}
