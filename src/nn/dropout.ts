import {
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

/**
 * In training, sets each element to 0 with probability `rate` and scales the others by 1/(1 − rate), so that the mean
 * stays; otherwise x itself (Srivastava et al. 2014, "inverted" form).
 * @param rate 0 ≤ rate < 1
 */
export function dropout<D extends FloatDType>(x: Tensor<D>, rate: number, mode: Mode): Tensor<D> {
  return oneCall(() => {
    checkTensors("dropout", { x });
    checkMode("dropout", mode);
    if (typeof rate !== "number" || !(rate >= 0 && rate < 1)) {
      throw declarationError("attribute", "dropout: not a rate", { expected: "0 ≤ rate < 1", received: String(rate) });
    }
    if (!mode.training || rate === 0) return x;
    const kept = ge(uniform(mode.key(), x.shape, { dtype: x.dtype }), rate);
    return where(kept, mul(x, 1 / (1 - rate)), 0) as Tensor<D>;
  });
}
