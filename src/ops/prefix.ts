import type { DerivativeRule } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { make } from "../kinds/linear-helpers.ts";
import { type PrefixAttrs, prefix, prefixAttrs } from "../kinds/prefix.ts";
import * as s from "../loop/build.ts";
import { exp as expFunction } from "../loop/functions/exponential.ts";
import { log1p as log1pFunction } from "../loop/functions/logarithm.ts";
import { type FloatDType, isFloat, type NumericDType } from "../shared/dtype.ts";
import { along } from "./along.ts";
import { mulOp, subOp } from "./arithmetic.ts";
import { make as combine } from "./coerce.ts";
import { gtOp } from "./compare.ts";
import { scalarCall } from "./float-function.ts";
import { afterZero, following, neighbours, previous, recur } from "./recurrence.ts";
import { whereOp } from "./select.ts";
import { zerosLike } from "./source.ts";
import { expOp } from "./transcendental.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

/** Linear, so that the transpose is the sum from the other end. */
const cumsumRule: DerivativeRule = {
  equations: ["the sum of ȳ from the other end"],
  vjp: ({ node, operands: [x], cotangents: [cotangent] }) => {
    const attrs = prefixAttrs(node.attrs);
    return [cotangent && isFloat(x.dtype) ? make(cumsumOp, [cotangent], { ...attrs, reverse: !attrs.reverse }) : null];
  },
  jvp: ({ node, tangents: [tangent] }) => [tangent && make(cumsumOp, [tangent], node.attrs)],
};

export const cumsumOp = prefix({
  name: "cumsum",
  dtypes: NUMERIC,
  neutral: () => 0,
  combine: s.add,
  reference: (state, x, dtype) => (isFloat(dtype) ? state + x : (state + x) | 0),
  derivative: cumsumRule,
});

/**
 * With e[j] = Π x[i], i < j: x̄ = e·s, where s gathers ȳ from the other end through the factors between. No division, so
 * that it is right with any number of zeros.
 */
const cumprodRule: DerivativeRule = {
  equations: ["Π x[i], i < j, times s[j] = ȳ[j] + x[j + 1]·s[j + 1]"],
  vjp: ({ node, operands: [x], cotangents: [cotangent] }) => {
    if (!cotangent) return [null];
    const attrs = prefixAttrs(node.attrs);
    const given = attrs.exclusive ? following(cotangent, attrs) : cotangent;
    const sums = recur(following(x, attrs), given, { axis: attrs.axis, reverse: !attrs.reverse });
    return [make(mulOp, [sums, make(cumprodOp, [x], { ...attrs, exclusive: true })])];
  },
  jvp: ({ node, operands: [x], tangents: [tangent] }) => {
    if (!tangent) return [null];
    const attrs = prefixAttrs(node.attrs);
    const moved = make(mulOp, [tangent, make(cumprodOp, [x], { ...attrs, exclusive: true })]);
    const y = recur(x, moved, attrs);
    return [attrs.exclusive ? previous(y, attrs) : y];
  },
};

export const cumprodOp = prefix({
  name: "cumprod",
  dtypes: NUMERIC,
  neutral: () => 1,
  combine: s.mul,
  reference: (state, x, dtype) => (isFloat(dtype) ? state * x : Math.imul(state, x)),
  derivative: cumprodRule,
});

const [exp, log1p] = [scalarCall(expFunction), scalarCall(log1pFunction)];

/** e^(x − y) for x ≤ y; 1 where both are −∞. */
const share = (x: Tensor, y: Tensor): Tensor =>
  combine(expOp, combine(whereOp, combine(gtOp, y, -Infinity), combine(subOp, x, y), zerosLike(x)));

/** What is known of every element: its share in the sum, and what the sum before it is of that sum. */
function shares(x: Tensor, y: Tensor, attrs: PrefixAttrs): { readonly own: Tensor; readonly decay: Tensor } {
  const sums = attrs.exclusive ? make(logcumsumexpOp, [x], { ...attrs, exclusive: false }) : y;
  return { own: share(x, sums), decay: afterZero(share(...neighbours(sums, attrs)), attrs) };
}

/** All exponents are ≤ 0, so that nothing overflows. */
const logcumsumexpRule: DerivativeRule = {
  equations: ["e^(x − y) times s[j] = ȳ[j] + e^(y[j] − y[j + 1])·s[j + 1]"],
  vjp: ({ node, operands: [x], outputs: [y], cotangents: [cotangent] }) => {
    if (!cotangent) return [null];
    const attrs = prefixAttrs(node.attrs);
    const { own, decay } = shares(x, y, attrs);
    const given = attrs.exclusive ? following(cotangent, attrs) : cotangent;
    const sums = recur(following(decay, attrs), given, { axis: attrs.axis, reverse: !attrs.reverse });
    return [make(mulOp, [own, sums])];
  },
  jvp: ({ node, operands: [x], outputs: [y], tangents: [tangent] }) => {
    if (!tangent) return [null];
    const attrs = prefixAttrs(node.attrs);
    const { own, decay } = shares(x, y, attrs);
    const moved = recur(decay, make(mulOp, [own, tangent]), attrs);
    return [attrs.exclusive ? previous(moved, attrs) : moved];
  },
};

export const logcumsumexpOp = prefix({
  name: "logcumsumexp",
  dtypes: ["f32", "f64"],
  neutral: () => -Infinity,
  // max + ln(1 + e^(min − max)); equal infinities have no difference.
  combine: (state, x) => {
    const [low, high] = [s.min(state, x), s.max(state, x)];
    const difference = s.select(s.eq(low, high), s.literal(x.dtype, 0), s.sub(low, high));
    return s.add(high, log1p(exp(difference)));
  },
  reference: (state, x) => {
    if (state === x) return state + Math.LN2;
    return Math.max(state, x) + Math.log1p(Math.exp(-Math.abs(state - x)));
  },
  derivative: logcumsumexpRule,
  cost: 40,
});

export interface PrefixOptions {
  /** From the last element to the first. */
  readonly reverse?: boolean;
  /** Leave out the element itself: the first result is that of no elements. */
  readonly exclusive?: boolean;
}

const FLAGS = ["reverse", "exclusive"];

/**
 * Running sums along an axis: y[j] = x[0] + … + x[j].
 * @param axis counted from the back where negative; default the last
 * @param options.reverse sum from the last element to the first
 * @param options.exclusive leave out the element itself, so that the first result is 0
 * @throws GradcError `attribute` where x has no such axis
 */
export function cumsum<D extends NumericDType>(x: Tensor<D>, axis = -1, options: PrefixOptions = {}): Tensor<D> {
  return along("cumsum", cumsumOp, x, axis, options, FLAGS)[0] as Tensor<D>;
}

/**
 * Running products along an axis: y[j] = x[0] · … · x[j]. Integers wrap. The gradient is right with any number of zeros.
 * @param axis counted from the back where negative; default the last
 * @param options.reverse multiply from the last element to the first
 * @param options.exclusive leave out the element itself, so that the first result is 1
 * @throws GradcError `attribute` where x has no such axis
 */
export function cumprod<D extends NumericDType>(x: Tensor<D>, axis = -1, options: PrefixOptions = {}): Tensor<D> {
  return along("cumprod", cumprodOp, x, axis, options, FLAGS)[0] as Tensor<D>;
}

/**
 * Running log-sum-exp along an axis, without overflow: y[j] = ln(eˣ⁰ + … + eˣʲ). Neither does its gradient overflow.
 * @param axis counted from the back where negative; default the last
 * @param options.reverse from the last element to the first
 * @param options.exclusive leave out the element itself, so that the first result is −∞
 * @throws GradcError `attribute` where x has no such axis, `dtype` for integers
 */
export function logcumsumexp<D extends FloatDType>(x: Tensor<D>, axis = -1, options: PrefixOptions = {}): Tensor<D> {
  return along("logcumsumexp", logcumsumexpOp, x, axis, options, FLAGS)[0] as Tensor<D>;
}
