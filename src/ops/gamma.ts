import { checkTensors } from "../graph/arguments.ts";
import { elementwise } from "../kinds/elementwise.ts";
import { call } from "../loop/build.ts";
import { lgamma as lgammaFunction, polygamma as polygammaFunction } from "../loop/functions/gamma.ts";
import { describe } from "../shared/describe.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import { apply, applyBroadcast, type Like, type Operand, type Tensor, weaken } from "./coerce.ts";
import { floatFunction, scalarCall } from "./float-function.ts";
import { lgammaReference, polygammaReference } from "./special.ts";

/** n! of higher orders leaves the range of f32. */
const HIGHEST = 30;

export const lgammaOp = floatFunction({
  name: "lgamma",
  scalar: scalarCall(lgammaFunction),
  reference: lgammaReference,
  partial: x => ({ times: rawPolygamma(x, 0) }),
  rule: "ȳ·ψ(x)",
  safe: 1,
  cost: 60,
});

export const polygammaOp = elementwise({
  name: "polygamma",
  operands: ["x"],
  dtypes: ["f32", "f64"],
  checkAttrs: ({ order }) => {
    if (Number.isInteger(order) && (order as number) >= 0 && (order as number) <= HIGHEST) return;
    throw new GradcError("attribute", "polygamma: the order is not one of a derivative", {
      expected: `a whole number from 0 to ${HIGHEST}`,
      received: describe(order),
    });
  },
  scalar: ([x], { order }) => call(polygammaFunction(order as number, x.dtype as FloatDType), x),
  reference: ([x], _dtype, { order }) => polygammaReference(order as number, x),
  partials: [({ x: [x], attrs }) => ({ times: rawPolygamma(x, (attrs.order as number) + 1) })],
  equations: ["ȳ·polygamma(x, order + 1)"],
  safeArgument: [1],
  cost: 60,
});

const rawPolygamma = (x: Tensor, order: number): Tensor => apply(polygammaOp, [x], { order });

/** ln |Γ(x)|: ∞ at 0, −1, −2, … */
export function lgamma<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(lgammaOp, [x]) as Like<X>;
}

/** ψ(x), the derivative of ln Γ(x). NaN at 0, −1, −2, … */
export function digamma<X extends Operand<FloatDType>>(x: X): Like<X> {
  return rawPolygamma(weaken("digamma", [x])[0], 0) as Like<X>;
}

/**
 * The derivative of order `order` of digamma: 0 is digamma itself, 1 trigamma. At 0, −1, −2, … it is ∞ for odd orders and
 * NaN for even ones.
 * @throws GradcError `attribute` for an order that is not a whole number from 0 to 30
 */
export function polygamma<X extends Tensor<FloatDType>>(x: X, order: number): Like<X> {
  checkTensors("polygamma", { x });
  return rawPolygamma(x, order) as Like<X>;
}
