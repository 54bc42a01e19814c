import { checkOptions, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import { type Dim, dimMax } from "../shared/dim.ts";
import type { DType, FloatDType, IntDType } from "../shared/dtype.ts";
import type { Shape } from "../shared/shape.ts";
import { clip } from "./activation.ts";
import { argmax } from "./argmax.ts";
import { add, mul, neg, rem } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { bitcast } from "./cast.ts";
import { broadcastTo, callError } from "./coerce.ts";
import { gather } from "./gather.ts";
import { checkDraw, checkFloat, checkFloatDraw, checkKey, randomBits, splitKey, uniform } from "./random.ts";
import { abs, sign } from "./rounding.ts";
import { argsort } from "./sort.ts";
import { arange, scalarConstant } from "./source.ts";
import { erf, erfinv, log, log1p } from "./transcendental.ts";

type Key = Tensor<"u32">;
type Float = Tensor<FloatDType>;

export interface DrawOptions<D extends FloatDType = FloatDType> {
  /** Default f32. */
  readonly dtype?: D;
}

/** The least positive normal number, and the distance from 1 to the next number below. */
const TINY: Readonly<Record<FloatDType, number>> = { f32: 2 ** -126, f64: 2 ** -1022 };
const BELOW_ONE: Readonly<Record<FloatDType, number>> = { f32: 2 ** -24, f64: 2 ** -53 };

/** Draws floats of one distribution. */
export type Draw = <D extends FloatDType = "f32">(
  key: Key,
  shape: Shape,
  options?: DrawOptions<D>,
) => Tensor<NoInfer<D>>;

/** A function of numbers that are uniform on [low, 1). */
const drawOf =
  (who: string, low: (dtype: FloatDType) => number, transform: (u: Float) => Tensor): Draw =>
  <D extends FloatDType>(key: Key, shape: Shape, options: DrawOptions<D> = {}) =>
    oneCall(() => {
      const dtype = checkFloatDraw(who, key, shape, options);
      return transform(uniform(key, shape, { low: low(dtype), dtype })) as Tensor<D>;
    });

/** Random numbers of the exponential distribution of rate 1, −ln(1 − u); those of jax.random.exponential. */
export const exponential: Draw = drawOf(
  "exponential",
  () => 0,
  u => neg(log1p(neg(u))),
);

/** Random numbers of the Gumbel distribution, −ln(−ln u); those of jax.random.gumbel. */
export const gumbel: Draw = drawOf(
  "gumbel",
  dtype => TINY[dtype],
  u => neg(log(neg(log(u)))),
);

/** Random numbers of the Laplace distribution of scale 1, sign(u)·ln(1 − |u|); those of jax.random.laplace. */
export const laplace: Draw = drawOf(
  "laplace",
  dtype => -1 + BELOW_ONE[dtype],
  u => mul(sign(u), log1p(neg(abs(u)))),
);

export interface TruncatedOptions<D extends FloatDType = FloatDType> extends DrawOptions<D> {
  /** Default −2. */
  readonly low?: number;
  /** Default 2. */
  readonly high?: number;
}

/**
 * Standard normal random numbers from low to high: √2·erf⁻¹(u) with u uniform on
 * (erf(low/√2), erf(high/√2)); those of jax.random.truncated_normal.
 * @throws GradcError `attribute` unless low < high are finite numbers
 */
export function truncatedNormal<D extends FloatDType = "f32">(
  key: Key,
  shape: Shape,
  options: TruncatedOptions<D> = {},
): Tensor<NoInfer<D>> {
  return oneCall(() => {
    const dtype = checkFloatDraw("truncatedNormal", key, shape, options, ["low", "high"]);
    const { low = -2, high = 2 } = options;
    if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) {
      throw callError("attribute", "truncatedNormal: these are no bounds", {
        expected: "numbers, low < high",
        received: `${describe(low)} and ${describe(high)}`,
      });
    }
    const round = dtype === "f64" ? (x: number): number => x : Math.fround;
    const root = round(Math.SQRT2);
    const bound = (x: number): Float => erf(scalarConstant(round(round(x) / root), dtype) as Float) as Float;
    const u = uniform<FloatDType>(key, shape, { low: bound(low), high: bound(high), dtype });
    // Rounding may lead out of the bounds.
    return clip(mul(erfinv(u), root) as Float, low, high) as Tensor as Tensor<D>;
  });
}

/**
 * Whole random numbers, uniform on low … high − 1; those of jax.random.randint. Of 64 random bits each, so that what a
 * remainder prefers is less than 2⁻³².
 * @param options.low default 0
 * @param options.high exclusive
 * @param options.dtype i32 (the default) or u32
 * @throws GradcError `attribute` unless low < high are whole numbers of the dtype, `dtype`
 */
export function randint<D extends IntDType = "i32">(
  key: Key,
  shape: Shape,
  options: { readonly low?: number; readonly high: number; readonly dtype?: D },
): Tensor<NoInfer<D>> {
  return oneCall(() => {
    checkDraw("randint", key, shape);
    checkOptions("randint", options, ["low", "high", "dtype"]);
    const { low = 0, high, dtype = "i32" as D } = options;
    if (dtype !== "i32" && dtype !== "u32") {
      throw callError("dtype", "randint makes whole numbers", { expected: "i32, u32", received: describe(dtype) });
    }
    const [least, most] = dtype === "i32" ? [-(2 ** 31), 2 ** 31] : [0, 2 ** 32];
    const span = high - low;
    const whole = Number.isInteger(low) && Number.isInteger(high) && low >= least && high <= most;
    if (!whole || span < 1 || span === 2 ** 32) {
      throw callError("attribute", "randint: these are no bounds", {
        expected: `whole numbers of ${dtype}, low < high`,
        received: `${describe(low)} and ${describe(high)}`,
      });
    }
    const [high32, low32] = splitKey(key).map(k => rem(randomBits(k, shape), span) as Key);
    // 2³² mod span, in 32 bits as JAX has it.
    const half = 2 ** 16 % span;
    const multiplier = ((half * half) % 2 ** 32) % span;
    const offset = rem(add(mul(high32, multiplier), low32), span) as Key;
    const shifted = add(offset, low < 0 ? low + 2 ** 32 : low) as Key;
    return (dtype === "i32" ? bitcast(shifted, "i32") : shifted) as Tensor<IntDType> as Tensor<D>;
  });
}

/**
 * Random classes with the probabilities softmax(logits) along an axis, which is dropped: the argmax of
 * logits + Gumbel noise; those of jax.random.categorical. Not differentiable.
 * @param logits f32 or f64, log-probabilities that need not add up to 1
 * @param options.axis of the classes; default the last
 * @param options.draws axes of independent draws in front; default none
 * @returns i32, [draws…, the other axes of logits]
 * @throws GradcError `attribute`, `dtype`
 */
export function categorical(
  key: Key,
  logits: Tensor<FloatDType>,
  options: { readonly axis?: number; readonly draws?: Shape } = {},
): Tensor<"i32"> {
  return oneCall(() => {
    checkTensors("categorical", { logits });
    checkOptions("categorical", options, ["axis", "draws"]);
    const { draws = [] } = options;
    checkDraw("categorical", key, draws);
    checkFloat("categorical", logits.dtype);
    const axis = axisOf("categorical", options.axis ?? -1, logits.rank);
    const shape = [...draws, ...logits.shape];
    const noise: Float = gumbel<FloatDType>(key, shape, { dtype: logits.dtype });
    return argmax(add(noise, broadcastTo(logits, shape)) as Float, axis + draws.length);
  });
}

/**
 * The numbers 0 … n − 1 in random order; those of jax.random.permutation. Sorts by random bits, often enough for each
 * pair to have been told apart.
 * @param n a size
 * @returns i32 [n]
 */
export function permutation(key: Key, n: Dim): Tensor<"i32"> {
  return oneCall(() => {
    checkKey("permutation", key);
    let order = arange(n);
    let current = key;
    const rounds = Math.ceil((3 * Math.log(Math.max(1, dimMax(n)))) / Math.log(2 ** 32 - 1));
    for (let round = 0; round < rounds; round++) {
      const [next, own] = splitKey(current);
      order = gather(order, argsort(randomBits(own, [n])));
      current = next;
    }
    return order;
  });
}

/**
 * Slices of x in random order along an axis; those of jax.random.permutation. The gradient goes back to where they stood.
 * @param axis counted from the back where negative; default the first
 * @throws GradcError `attribute` where x has no such axis
 */
export function shuffle<D extends DType>(key: Key, x: Tensor<D>, axis = 0): Tensor<D> {
  return oneCall(() => {
    checkTensors("shuffle", { x });
    checkKey("shuffle", key);
    const along = axisOf("shuffle", axis, x.rank);
    return gather(x, permutation(key, x.shape[along]), along);
  });
}
