import {
  argumentError,
  checkOptions,
  checkTensors,
  declarationError,
  type FloatDType,
  ge,
  mul,
  oneCall,
  type Tensor,
  uniform,
  where,
} from "../api.ts";
import { checkMode, type Mode } from "./mode.ts";

export interface DropoutOptions {
  /**
   * Axes along which elements are dropped together, negative ones count from the back: the spatial axes to drop whole
   * channels (Tompson et al. 2015). Default none.
   */
  readonly together?: readonly number[];
}

/**
 * In training, sets each element to 0 with probability `rate` and scales the others by 1/(1 − rate), so that the mean
 * stays; otherwise x itself (Srivastava et al. 2014, "inverted" form).
 * @param rate 0 ≤ rate < 1
 */
export function dropout<D extends FloatDType>(
  x: Tensor<D>,
  rate: number,
  mode: Mode,
  options: DropoutOptions = {},
): Tensor<D> {
  return oneCall(() => {
    checkTensors("dropout", { x });
    checkMode("dropout", mode);
    checkOptions("dropout", options, ["together"]);
    const { together = [] } = options;
    const isAxis = (axis: unknown): boolean =>
      Number.isInteger(axis) && (axis as number) >= -x.rank && (axis as number) < x.rank;
    if (!Array.isArray(together) || !together.every(isAxis)) {
      throw argumentError("dropout", "`together` are no axes of x", `axes of ${x}`, together);
    }
    if (typeof rate !== "number" || !(rate >= 0 && rate < 1)) {
      throw declarationError("attribute", "dropout: not a rate", { expected: "0 ≤ rate < 1", received: String(rate) });
    }
    if (!mode.training || rate === 0) return x;
    const drawn = x.shape.map((size, axis) => (together.includes(axis) || together.includes(axis - x.rank) ? 1 : size));
    const kept = ge(uniform(mode.key(), drawn, { dtype: x.dtype }), rate);
    return where(kept, mul(x, 1 / (1 - rate)), 0) as Tensor<D>;
  });
}
