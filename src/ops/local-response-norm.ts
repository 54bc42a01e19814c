import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { add, div, mul } from "./arithmetic.ts";
import { callError } from "./coerce.ts";
import { averagePool } from "./pool.ts";
import { pow } from "./power.ts";
import type { Layout } from "./window-options.ts";

export interface LocalResponseNormOptions {
  /** Channels that count, the own one in the middle (default 5). */
  readonly size?: number;
  /** α (default 1e-4). */
  readonly alpha?: number;
  /** β (default 0.75). */
  readonly beta?: number;
  /** k (default 1). */
  readonly bias?: number;
  /** `channelsLast` (default) or `channelsFirst`. */
  readonly layout?: Layout;
}

/**
 * Local response normalisation: x / (k + α/size · Σ over neighbouring channels of x²)^β, channels that are not there
 * count as 0 (Krizhevsky et al. 2012, α divided by the size as PyTorch does).
 * @param x f32 or f64, […, c] (or [n, c, …])
 * @returns x's shape
 * @throws GradcError `shape`, `attribute`
 */
export function localResponseNorm<D extends FloatDType>(
  x: Tensor<D>,
  options: LocalResponseNormOptions = {},
): Tensor<D> {
  return oneCall(() => {
    const name = "localResponseNorm";
    checkTensors(name, { x });
    checkOptions(name, options, ["size", "alpha", "beta", "bias", "layout"]);
    const { size = 5, alpha = 1e-4, beta = 0.75, bias = 1, layout } = options;
    if (!Number.isInteger(size) || size < 1 || ![alpha, beta, bias].every(Number.isFinite)) {
      throw callError("attribute", `${name}: its options are no numbers that fit`, {
        expected: "size: a whole number of at least 1; alpha, beta, bias: numbers",
        received: describe([size, alpha, beta, bias]),
      });
    }
    const given = x as Tensor<FloatDType>;
    const around = averagePool(mul(given, given) as Tensor<FloatDType>, size, {
      over: "channels",
      strides: 1,
      padding: [[Math.floor(size / 2), Math.floor((size - 1) / 2)]],
      includePadding: true,
      layout,
    });
    return div(given, pow(add(mul(around, alpha), bias), beta)) as Tensor<FloatDType> as Tensor<D>;
  });
}
