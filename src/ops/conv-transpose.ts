import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { callError } from "./coerce.ts";
import { type ConvOptions, groupedKernel, inGroups, inputCotangent, kernelToLast } from "./conv.ts";
import { depthwiseTranspose, isDepthwise } from "./depthwise.ts";
import { reshape } from "./reshape.ts";
import {
  fixedSizes,
  isChannelsFirst,
  perAxis,
  toFirst,
  toLast,
  type WindowPadding,
  widthsOf,
} from "./window-options.ts";

export interface ConvTransposeOptions extends Omit<ConvOptions, "padding"> {
  /**
   * What the convolution has whose transpose this is, cut off the result; default valid: nothing. `same` gives sizes
   * of spatial·stride.
   */
  readonly padding?: WindowPadding;
  /** Added to the sizes of the result, behind; smaller than the strides or the dilation. Default 0. */
  readonly outputPadding?: number | readonly number[];
}

/**
 * Transposed convolution: the linear map that carries cotangents back through conv(·, w), used forward to enlarge.
 * @param x f32 or f64, [n, spatial…, f] (or channels first)
 * @param w the kernel of the convolution whose transpose this is, [window…, c / groups, f] (or [f, c / groups, window…])
 * @returns [n, (spatial − 1)·stride + dilation·(window − 1) + 1 − padding + outputPadding…, c] (or channels first)
 * @throws GradcError `shape`, `dtype`, `attribute`, `dimension`
 */
export function convTranspose<D extends FloatDType>(
  x: Tensor<D>,
  w: Tensor<NoInfer<D>>,
  options: ConvTransposeOptions = {},
): Tensor<D> {
  return oneCall(() => {
    const name = "convTranspose";
    checkTensors(name, { x, w });
    checkOptions(name, options, ["strides", "padding", "dilation", "groups", "layout", "outputPadding"]);
    const { strides = 1, padding = "valid", dilation = 1, groups = 1, layout, outputPadding = 0 } = options;
    const rank = x.rank - 2;
    const channels = (last: Tensor): unknown => last.shape[last.rank - 1];
    if (isChannelsFirst(name, layout) && rank > 0 && w.rank === x.rank) {
      return toFirst(convTranspose(toLast(x), kernelToLast(w), { ...options, layout: "channelsLast" }));
    }
    const f = channels(w);
    if (rank < 1 || w.rank !== x.rank || channels(x) !== f || typeof f !== "number" || f % groups !== 0) {
      throw callError("shape", "convTranspose: the channels do not fit", {
        expected: `x [n, spatial…, f] and w [window…, c / ${groups}, f]`,
        received: `${formatType(x)} and ${formatType(w)}`,
      });
    }
    const sizes = fixedSizes(name, x, x.shape.slice(1, -1));
    const window = fixedSizes(name, w, w.shape.slice(0, rank + 1)).slice(0, rank);
    const steps = perAxis(name, "strides", strides, rank);
    const spacing = perAxis(name, "dilation", dilation, rank);
    const reach = window.map((k, axis) => spacing[axis] * (k - 1) + 1);
    const same = padding === "same" || padding === "sameLower";
    const enlarged = sizes.map((size, axis) => size * steps[axis]);
    const { low, high } = widthsOf(name, padding, same ? enlarged : sizes, window, steps, spacing);
    const behind = same
      ? reach.map((span, axis) => Math.max(0, steps[axis] - span))
      : perAxis(name, "output paddings", outputPadding, rank, 0);
    const spatial = sizes.map((size, axis) => {
      return (size - 1) * steps[axis] + reach[axis] - low[axis] - high[axis] + behind[axis];
    });
    const fits = behind.every((n, axis) => n < Math.max(steps[axis], spacing[axis]));
    if (!fits || spatial.some(n => n < 1)) {
      throw callError("attribute", "convTranspose: padding or outputPadding does not fit", {
        expected: "outputPadding smaller than the strides or the dilation, and a result of at least one element",
        received: `outputPadding [${behind.join(", ")}], sizes [${spatial.join(", ")}]`,
      });
    }
    const attrs = { strides: steps, low, high: high.map((n, axis) => n - behind[axis]), dilation: spacing };
    if (isDepthwise(Number(w.shape[rank]) * groups, groups, f)) {
      return depthwiseTranspose(x, w, groups, attrs, spatial) as Tensor<D>;
    }
    const y = inputCotangent(inGroups(x, groups), groupedKernel(w, groups), attrs, spatial);
    return reshape(y, [x.shape[0], ...spatial, -1]) as Tensor<D>;
  });
}
