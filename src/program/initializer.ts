import { argumentError, checkOptions } from "../graph/arguments.ts";
import { Tensor } from "../graph/tensor.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { key, normal, uniform } from "../ops/random.ts";
import { constant, fill } from "../ops/source.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { declarationError } from "./names.ts";

/**
 * The first value of a parameter, as a graph.
 * @param key a random key of the parameter's own
 */
export type Initializer = (key: Tensor<"u32">, shape: readonly number[], dtype: FloatDType) => Tensor;

export interface SeedOption {
  /** A seed of the initializer's own, which wins over the seed of the instance. */
  readonly seed?: number;
}

const keyFor = (instance: Tensor<"u32">, seed: number | undefined): Tensor<"u32"> =>
  seed === undefined ? instance : key(seed);

/** The options of an initializer's factory, checked. */
function optionsOf<T extends object>(who: string, options: T, names: readonly string[]): T {
  if (options instanceof Tensor) {
    throw declarationError("argument", `param: the initializer ${who} was not called`, {
      expected: `${who}()`,
      received: who,
      mend: `Write param(name, shape, ${who}()).`,
    });
  }
  checkOptions(who, options, names);
  return options;
}

/** All zeros. */
export const zerosInit = (): Initializer => (_key, shape, dtype) => fill(0, shape, dtype);

/** All ones. */
export const onesInit = (): Initializer => (_key, shape, dtype) => fill(1, shape, dtype);

/** One number everywhere, or the given elements in row-major order. */
export function constantInit(value: number | ArrayLike<number>): Initializer {
  if (typeof value !== "number" && !(Array.isArray(value) || ArrayBuffer.isView(value))) {
    throw argumentError("constantInit", "these are no numbers", "a number, or one for each element", value);
  }
  return (_key, shape, dtype) => {
    if (typeof value === "number") return fill(value, shape, dtype);
    const length = shape.reduce((p, n) => p * n, 1);
    if (value.length !== length) {
      throw declarationError("shape", "constantInit: not as many elements as the parameter has", {
        expected: `${length} numbers for shape [${shape.join(", ")}]`,
        received: `${value.length} numbers`,
        mend: "Give one number for each element.",
      });
    }
    return constant(Array.from(value), shape, dtype);
  };
}

/** Uniform in [low, high). */
export function uniformInit(options: SeedOption & { readonly low?: number; readonly high?: number } = {}): Initializer {
  const { low = -0.05, high = 0.05, seed } = optionsOf("uniformInit", options, ["low", "high", "seed"]);
  return (k, shape, dtype) => uniform(keyFor(k, seed), shape, { low, high, dtype });
}

/** Normal with the given mean and standard deviation. */
export function normalInit(
  options: SeedOption & { readonly mean?: number; readonly stdev?: number } = {},
): Initializer {
  const { mean = 0, stdev = 0.05, seed } = optionsOf("normalInit", options, ["mean", "stdev", "seed"]);
  return (k, shape, dtype) => {
    const scaled = mul(normal(keyFor(k, seed), shape, { dtype }), stdev);
    return mean === 0 ? scaled : add(scaled, mean);
  };
}

/**
 * Values that flow into and out of one unit. The last two axes are inputs and outputs; axes before them (the window of
 * a convolution) count for both.
 */
export function fans(shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0], fanOut: shape[0] };
  const window = shape.slice(0, -2).reduce((p, n) => p * n, 1);
  return { fanIn: window * shape[shape.length - 2], fanOut: window * shape[shape.length - 1] };
}

/** Uniform with variance `scale`. */
function scaledUniform(scale: (shape: readonly number[]) => number, seed: number | undefined): Initializer {
  return (k, shape, dtype) => {
    // A uniform variable on (−a, a) has variance a²/3.
    const high = Math.sqrt(3 * scale(shape));
    return uniform(keyFor(k, seed), shape, { low: -high, high, dtype });
  };
}

function scaledNormal(scale: (shape: readonly number[]) => number, seed: number | undefined): Initializer {
  return (k, shape, dtype) => mul(normal(keyFor(k, seed), shape, { dtype }), Math.sqrt(scale(shape)));
}

const glorotScale = (shape: readonly number[]): number => 2 / (fans(shape).fanIn + fans(shape).fanOut);
const heScale = (shape: readonly number[]): number => 2 / fans(shape).fanIn;

/** Uniform with variance 2 / (fanIn + fanOut) (Glorot & Bengio 2010). */
export const glorotUniform = (options: SeedOption = {}): Initializer =>
  scaledUniform(glorotScale, optionsOf("glorotUniform", options, ["seed"]).seed);

/** Normal with variance 2 / (fanIn + fanOut) (Glorot & Bengio 2010). */
export const glorotNormal = (options: SeedOption = {}): Initializer =>
  scaledNormal(glorotScale, optionsOf("glorotNormal", options, ["seed"]).seed);

/** Uniform with variance 2 / fanIn, for relu (He et al. 2015). */
export const heUniform = (options: SeedOption = {}): Initializer =>
  scaledUniform(heScale, optionsOf("heUniform", options, ["seed"]).seed);

/** Normal with variance 2 / fanIn, for relu (He et al. 2015). */
export const heNormal = (options: SeedOption = {}): Initializer =>
  scaledNormal(heScale, optionsOf("heNormal", options, ["seed"]).seed);

/** What a parameter without an initializer starts from: weights are glorotUniform, biases zero. */
export const defaultInit = (shape: readonly number[]): Initializer =>
  shape.length >= 2 ? glorotUniform() : zerosInit();
