import { argumentError, checkOptions, checkSizes, checkTensors } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import { type Scalar, Tensor } from "../graph/tensor.ts";
import { describe } from "../shared/describe.ts";
import { type DType, type FloatDType, isFloat } from "../shared/dtype.ts";
import { type Shape, sizeOf } from "../shared/shape.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { bitOr, shiftRight } from "./bits.ts";
import { bitcast, cast } from "./cast.ts";
import { apply, callError } from "./coerce.ts";
import { lt } from "./compare.ts";
import { concat, indexAt } from "./concat.ts";
import { maximum } from "./maximum.ts";
import { reshape } from "./reshape.ts";
import { constant, iota, scalarConstant } from "./source.ts";
import { threefryOp, threefryWordsOp } from "./threefry.ts";
import { erfinv } from "./transcendental.ts";

type Key = Tensor<"u32">;

const wordsOf = (key: Key, counters: Tensor<"u32">): Tensor<"u32"> =>
  apply(threefryWordsOp, [key, counters]) as Tensor<"u32">;

/**
 * A random key, u32 [2], from a seed. Equal seeds give equal numbers, those of JAX's default generator.
 * @param seed a whole number (its 64 bits count), or a u32 scalar of the graph
 */
export function key(seed: number | Tensor<"u32">): Key {
  return oneCall(() => {
    if (typeof seed !== "number") checkTensors("key", { seed });
    if (typeof seed !== "number") return concat([constant([0], [1], "u32"), reshape(seed, [1])]);
    if (!Number.isSafeInteger(seed)) {
      throw callError("attribute", "key: the seed is not a whole number", { received: String(seed) });
    }
    return constant([Math.floor(seed / 2 ** 32) >>> 0, seed >>> 0], [2], "u32");
  });
}

/** Each is a value of the graph. */
const MOST_KEYS = 1_000_000;

/**
 * New keys from one, which must not be used afterwards.
 * @param n how many
 */
export function splitKey(key: Key, n = 2): Key[] {
  return oneCall(() => {
    checkKey("splitKey", key);
    if (!Number.isInteger(n) || n < 1 || n > MOST_KEYS) {
      throw callError("attribute", "splitKey: not a number of keys", {
        expected: `a whole number from 1 to ${MOST_KEYS}`,
        received: describe(n),
      });
    }
    const keys = wordsOf(key, iota([n], 0, "u32"));
    return Array.from({ length: n }, (_, i) => indexAt(keys, i));
  });
}

/**
 * A key for one of many purposes: the layer's number, the step …
 * @param data a whole number from 0 to 2³² − 1, or a u32 scalar of the graph
 */
export function foldIn(key: Key, data: number | Tensor<"u32">): Key {
  return oneCall(() => {
    checkKey("foldIn", key);
    if (typeof data !== "number") checkTensors("foldIn", { data });
    return wordsOf(key, typeof data === "number" ? scalarConstant(data, "u32") : reshape(data, []));
  });
}

/** 32 random bits per element. */
export function randomBits(key: Key, shape: Shape): Tensor<"u32"> {
  checkDraw("randomBits", key, shape);
  return apply(threefryOp, [key], { shape }) as Tensor<"u32">;
}

export function checkKey(who: string, key: unknown): void {
  if (key instanceof Tensor) return;
  throw argumentError(
    who,
    "this is not a random key",
    "a key: of key(seed), splitKey(key) or foldIn(key, n)",
    key,
    "Make one of a seed with key(seed).",
  );
}

export function checkDraw(who: string, key: unknown, shape: Shape): void {
  checkKey(who, key);
  checkSizes(who, shape);
}

/** Uniform on [0, 1): the bits of a number in [1, 2), minus 1. */
function unitF32(key: Key, shape: Shape): Tensor<"f32"> {
  const mantissa = shiftRight(randomBits(key, shape), 9);
  return sub(bitcast(bitOr(mantissa, 0x3f800000), "f32"), 1);
}

/** Uniform on [0, 1) in 52 bits: both words of each counter. */
function unitF64(key: Key, shape: Shape): Tensor<"f64"> {
  const words = wordsOf(key, reshape(iota([sizeOf(shape)], 0, "u32"), shape));
  const high = mul(cast(indexAt(words, 0, -1), "f64"), 2 ** -32);
  const low = mul(cast(shiftRight(indexAt(words, 1, -1), 12), "f64"), 2 ** -52);
  return add(high, low);
}

export function checkFloat(who: string, dtype: DType): void {
  if (isFloat(dtype)) return;
  throw callError("dtype", `${who} makes floating-point numbers`, {
    expected: "f32, f64",
    received: describe(dtype),
    mend: "Draw randomBits for whole numbers.",
  });
}

/** Checks a draw of floats; returns their dtype. */
export function checkFloatDraw(
  who: string,
  key: unknown,
  shape: Shape,
  options: { readonly dtype?: FloatDType },
  names: readonly string[] = [],
): FloatDType {
  checkDraw(who, key, shape);
  checkOptions(who, options, [...names, "dtype"]);
  const { dtype = "f32" } = options;
  checkFloat(who, dtype);
  return dtype;
}

export interface UniformOptions<D extends FloatDType = FloatDType> {
  /** Inclusive; default 0. */
  readonly low?: number | Tensor<D>;
  /** Exclusive; default 1. */
  readonly high?: number | Tensor<D>;
  /** Default f32. */
  readonly dtype?: D;
}

/**
 * Random numbers, uniform on [low, high); those of jax.random.uniform for the same key. A key is for one draw: split it
 * for several.
 */
export function uniform<D extends FloatDType = "f32">(
  key: Key,
  shape: Shape,
  options: UniformOptions<D> = {},
): Tensor<NoInfer<D>> {
  return oneCall(() => {
    const dtype = checkFloatDraw("uniform", key, shape, options, ["low", "high"]);
    const { low = 0, high = 1 } = options;
    const unit = (dtype === "f64" ? unitF64(key, shape) : unitF32(key, shape)) as unknown as Tensor<FloatDType>;
    if (low === 0 && high === 1) return unit as Tensor<DType> as Tensor<D>;
    const round = dtype === "f64" ? (x: number) => x : Math.fround;
    const width =
      typeof low === "number" && typeof high === "number"
        ? round(round(high) - round(low))
        : sub(high as Tensor<FloatDType>, low as Tensor<FloatDType>);
    const drawn = add(mul(unit, width), low as Tensor<FloatDType>);
    // fl(fl(u·width) + low) ≥ low for u ≥ 0, since rounding is monotonic; a width below 0 is the caller's.
    if (typeof low === "number" && typeof width === "number" && width >= 0) return drawn as Tensor<DType> as Tensor<D>;
    return maximum(drawn, low as Tensor<FloatDType>) as Tensor<DType> as Tensor<D>;
  });
}

/** Standard normal random numbers, √2·erf⁻¹(u) with u uniform on (−1, 1); those of jax.random.normal. */
export function normal<D extends FloatDType = "f32">(
  key: Key,
  shape: Shape,
  options: { readonly dtype?: D } = {},
): Tensor<NoInfer<D>> {
  return oneCall(() => {
    const dtype = checkFloatDraw("normal", key, shape, options);
    const low = dtype === "f64" ? -1 + 2 ** -53 : -1 + 2 ** -24;
    const u = uniform<FloatDType>(key, shape, { low, high: 1, dtype });
    return mul(erfinv(u), dtype === "f64" ? Math.SQRT2 : Math.fround(Math.SQRT2)) as Tensor<DType> as Tensor<D>;
  });
}

/**
 * True with probability p.
 * @param p a number, or probabilities that broadcast to the shape
 */
export function bernoulli(key: Key, p: number | Tensor<"f32"> | Scalar<"f32">, shape: Shape): Tensor<"bool"> {
  checkDraw("bernoulli", key, shape);
  if (typeof p === "number" && !(p >= 0 && p <= 1)) {
    throw callError("attribute", "bernoulli: this is no probability", { expected: "0 ≤ p ≤ 1", received: describe(p) });
  }
  return lt(uniform(key, shape), p) as Tensor<"bool">;
}
