import { elementwise } from "../kinds/elementwise.ts";
import * as s from "../loop/build.ts";
import { pow as powFunction } from "../loop/functions/power.ts";
import { type FloatDType, isFloat, type NumericDType } from "../shared/dtype.ts";
import { div, divOp, mul, mulOp, subOp } from "./arithmetic.ts";
import { applyBroadcast, callError, type Join, type Like, make, type Operand, Tensor } from "./coerce.ts";
import { eqOp } from "./compare.ts";
import { floatFunction, scalarCall } from "./float-function.ts";
import { whereOp } from "./select.ts";
import { onesLike } from "./source.ts";
import { logOp } from "./transcendental.ts";

export const sqrtOp = floatFunction({
  name: "sqrt",
  scalar: x => s.unary("sqrt", x),
  reference: Math.sqrt,
  partial: (_x, y) => ({ over: make(mulOp, y, 2) }),
  rule: "ȳ / (2y)",
  safe: 1,
  cost: 4,
});

export const rsqrtOp = floatFunction({
  name: "rsqrt",
  scalar: x => s.div(s.literal(x.dtype, 1), s.unary("sqrt", x)),
  reference: x => 1 / Math.sqrt(x),
  partial: (x, y) => ({ times: make(divOp, make(mulOp, y, -0.5), x) }),
  rule: "−ȳ·y / (2x)",
  safe: 1,
  cost: 8,
});

export const powOp = elementwise({
  name: "pow",
  operands: ["x", "y"],
  dtypes: ["f32", "f64"],
  scalar: args => scalarCall(powFunction)(...args),
  // IEEE's pow(±1, ±∞) and pow(1, NaN) are 1; JavaScript's are NaN.
  reference: ([x, y]) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y),
  partials: [
    ({ x: [x, y] }) => ({
      where: make(eqOp, y, 0),
      yes: "zero",
      no: { times: make(mulOp, y, make(powOp, x, make(subOp, y, 1))) },
    }),
    ({ x: [x], y: z }) => {
      const base = make(whereOp, make(eqOp, x, 0), onesLike(x), x);
      return { times: make(mulOp, z, make(logOp, base)) };
    },
  ],
  equations: ["ȳ·y·xʸ⁻¹, 0 where y = 0", "ȳ·z·ln x, 0 where x = 0"],
  safeArgument: [1, null],
  cost: 30,
});

/** √x. NaN below 0; the gradient at 0 is ∞. */
export function sqrt<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(sqrtOp, [x]) as Like<X>;
}
/** 1/√x. */
export function rsqrt<X extends Operand<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(rsqrtOp, [x]) as Like<X>;
}
/** x·x. */
export function square<X extends Tensor<NumericDType>>(x: X): Like<X> {
  return applyBroadcast(mulOp, [x, x]) as Like<X>;
}
/** 1 / x. */
export function reciprocal<X extends Tensor<FloatDType>>(x: X): Like<X> {
  return applyBroadcast(divOp, [1, x]) as Like<X>;
}

const LARGEST_UNROLLED = 64;

/** xⁿ for a whole n ≥ 1 by squaring. */
function powerByProducts(x: Tensor<NumericDType>, n: number): Tensor<NumericDType> {
  let result: Tensor<NumericDType> | undefined;
  let square = x;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result ? mul(result, square) : square;
    if (rest > 1) square = mul(square, square);
  }
  return result ?? onesLike(x);
}

/**
 * xʸ, elementwise with broadcasting. Whole exponents given as plain numbers up to 64 become products, which also
 * works for integers (then the exponent is not negative).
 * @throws GradcError `attribute` for a negative or fractional power of integers
 */
export function pow<A extends Operand<NumericDType>, B extends Operand<NumericDType>>(x: A, y: B): Join<A, B> {
  if (x instanceof Tensor && typeof y === "number") {
    const whole = Number.isInteger(y) && Math.abs(y) <= LARGEST_UNROLLED;
    if (!isFloat(x.dtype) && !(whole && y >= 0)) {
      throw callError("attribute", `pow: this power of ${x.dtype} is no integer`, {
        expected: `a whole exponent from 0 to ${LARGEST_UNROLLED}`,
        received: String(y),
      });
    }
    if (whole) {
      const product = powerByProducts(x, Math.abs(y));
      return (y < 0 ? div(onesLike(product), product) : product) as Join<A, B>;
    }
  }
  return applyBroadcast(powOp, [x, y]) as Join<A, B>;
}
