import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import { dimEquals } from "../shared/dim.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { add, mul } from "./arithmetic.ts";
import { callError } from "./coerce.ts";
import { ge } from "./compare.ts";
import { matmul } from "./contraction.ts";
import { where } from "./select.ts";
import { softmax } from "./softmax.ts";
import { iota } from "./source.ts";
import { transpose } from "./transpose.ts";

export interface AttentionOptions {
  /**
   * Broadcasts to […, queries, keys]. bool: true where a query may attend to a key; or of q's dtype: added to the scores.
   */
  readonly mask?: Tensor;
  /** Query i attends to keys 0 … i alone. */
  readonly causal?: boolean;
  /** What scores are multiplied by (default 1/√d). */
  readonly scale?: number;
}

/** Scores of forbidden keys: so low that their weight is exactly 0 wherever a query may attend to any key. */
const FORBIDDEN: Readonly<Record<FloatDType, number>> = { f32: -(2 ** 127), f64: -(2 ** 1023) };

/**
 * Scaled dot-product attention: softmax(q·kᵀ·scale + mask)·v (Vaswani et al. 2017). A query that may attend to nothing
 * gets the mean of v.
 * @param q f32 or f64, […, queries, d]
 * @param k […, keys, d]; the leading axes broadcast, as those of matmul
 * @param v […, keys, e]
 * @returns […, queries, e]
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function attention<D extends FloatDType>(
  q: Tensor<D>,
  k: Tensor<NoInfer<D>>,
  v: Tensor<NoInfer<D>>,
  options: AttentionOptions = {},
): Tensor<D> {
  return oneCall(() => {
    checkTensors("attention", { q, k, v });
    checkOptions("attention", options, ["mask", "causal", "scale"]);
    const { mask, causal = false, scale } = options;
    const [d, keys] = [q.shape[q.rank - 1], k.shape[k.rank - 2]];
    const fits = [q, k, v].every(t => t.rank >= 2) && dimEquals(d, k.shape[k.rank - 1]);
    if (!fits || !dimEquals(keys, v.shape[v.rank - 2])) {
      throw callError("shape", "attention: the operands do not fit", {
        expected: "q […, queries, d], k […, keys, d] and v […, keys, e]",
        received: [q, k, v].map(formatType).join(", "),
      });
    }
    const factor = scale ?? (typeof d === "number" ? d ** -0.5 : undefined);
    if (typeof factor !== "number" || !Number.isFinite(factor)) {
      throw callError("attribute", "attention: the scale is not a number", {
        expected: "scale: a number, or a fixed size d of which it is 1/√d",
        received: describe(scale),
      });
    }
    const turned = transpose(k, [...k.shape.slice(2).map((_, axis) => axis), k.rank - 1, k.rank - 2]);
    let scores: Tensor<FloatDType> = mul(matmul<FloatDType>(q, turned as Tensor<FloatDType>), factor);
    if (mask !== undefined) {
      checkTensors("attention", { mask });
      scores =
        mask.dtype === "bool" ? allowed(scores, mask as Tensor<"bool">) : add(scores, mask as Tensor<FloatDType>);
    }
    if (causal) {
      const square = scores.shape.slice(-2);
      scores = allowed(scores, ge(iota(square, 0), iota(square, 1)));
    }
    return matmul<FloatDType>(softmax(scores), v as Tensor<FloatDType>) as Tensor as Tensor<D>;
  });
}

const allowed = (scores: Tensor<FloatDType>, mask: Tensor<"bool">): Tensor<FloatDType> =>
  where(mask, scores, FORBIDDEN[scores.dtype]);
