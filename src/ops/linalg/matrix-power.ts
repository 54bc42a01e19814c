import { argumentError, checkTensors } from "../../graph/arguments.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { FloatDType } from "../../shared/dtype.ts";
import { inverse } from "./inverse.ts";
import { product, unitLike } from "./matrix-graphs.ts";
import { checkedSquare } from "./systems.ts";

/**
 * Powers of square matrices by repeated squaring; of the inverse where the exponent is negative.
 * @param x [..., n, n]; leading axes are batches
 * @param exponent a whole number; 0 gives unit matrices
 * @throws GradcError `shape` unless the matrices are square, `dtype` unless they are floats, `argument` for the exponent
 */
export function matrixPower<D extends FloatDType>(x: Tensor<D>, exponent: number): Tensor<D> {
  checkTensors("matrixPower", { x });
  if (!Number.isSafeInteger(exponent)) {
    throw argumentError("matrixPower", "the exponent is no whole number", "a whole number", exponent);
  }
  checkedSquare("matrixPower", x);
  let square: Tensor = exponent < 0 ? inverse(x) : x;
  let result: Tensor | undefined;
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result ? product(result, square) : square;
    if (rest > 1) square = product(square, square);
  }
  return (result ?? unitLike(x)) as Tensor<D>;
}
