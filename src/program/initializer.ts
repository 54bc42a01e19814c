import { argumentError, checkOptions } from "../graph/arguments.ts";
import { Tensor } from "../graph/tensor.ts";
import { clip } from "../ops/activation.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { key, normal, uniform } from "../ops/random.ts";
import { reshape } from "../ops/reshape.ts";
import { constant, fill } from "../ops/source.ts";
import { erfinv } from "../ops/transcendental.ts";
import { transpose } from "../ops/transpose.ts";
import type { FloatDType } from "../shared/dtype.ts";
import { declarationError } from "./names.ts";
import { orthonormalRows } from "./orthogonal.ts";

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
 * Normal, redrawn until within two standard deviations (of the distribution before that) of the mean.
 * The numbers of jax.nn.initializers.truncated_normal.
 */
export function truncatedNormalInit(
  options: SeedOption & { readonly mean?: number; readonly stdev?: number } = {},
): Initializer {
  const names = ["mean", "stdev", "seed"] as const;
  const { mean = 0, stdev = 0.05, seed } = optionsOf("truncatedNormalInit", options, names);
  return (k, shape, dtype) => {
    // Φ⁻¹ of a uniform share between those of ±2: √2·erf⁻¹(u) with u in (−erf √2, erf √2).
    const unit = mul(
      erfinv(uniform(keyFor(k, seed), shape, { low: -ERF_ROOT_2, high: ERF_ROOT_2, dtype })),
      Math.SQRT2,
    );
    return add(mul(clip(unit as Tensor<FloatDType>, -2, 2), stdev), mean);
  };
}

const ERF_ROOT_2 = 0.9544997361036416;

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
const lecunScale = (shape: readonly number[]): number => 1 / fans(shape).fanIn;
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

/** Uniform with variance 1 / fanIn (LeCun et al. 1998), for tanh and selu. */
export const lecunUniform = (options: SeedOption = {}): Initializer =>
  scaledUniform(lecunScale, optionsOf("lecunUniform", options, ["seed"]).seed);

/** Normal with variance 1 / fanIn (LeCun et al. 1998), for tanh and selu. */
export const lecunNormal = (options: SeedOption = {}): Initializer =>
  scaledNormal(lecunScale, optionsOf("lecunNormal", options, ["seed"]).seed);

/**
 * A random rotation times `gain` (Saxe et al. 2014): columns, one for each place of the last axis, are orthogonal as
 * vectors over all other axes; where there are more columns than that, the rows are. Any such matrix is as likely as
 * another. For recurrent weights and very deep networks.
 * @throws GradcError `shape` for parameters of fewer than two axes
 */
export function orthogonalInit(options: SeedOption & { readonly gain?: number } = {}): Initializer {
  const { gain = 1, seed } = optionsOf("orthogonalInit", options, ["gain", "seed"]);
  return (k, shape, dtype) => {
    if (shape.length < 2) {
      throw declarationError("shape", "orthogonalInit: the parameter is no matrix", {
        expected: "two axes or more",
        received: `[${shape.join(", ")}]`,
      });
    }
    const columns = shape[shape.length - 1];
    const rows = shape.slice(0, -1).reduce((p, n) => p * n, 1);
    const [long, short] = rows > columns ? [rows, columns] : [columns, rows];
    const drawn = normal(keyFor(k, seed), [long, short], { dtype }) as Tensor<FloatDType>;
    const basis = orthonormalRows(transpose(drawn) as Tensor<FloatDType>);
    return reshape(mul(rows > columns ? transpose(basis) : basis, gain) as Tensor<FloatDType>, shape);
  };
}

/** What a parameter without an initializer starts from: weights are glorotUniform, biases zero. */
export const defaultInit = (shape: readonly number[]): Initializer =>
  shape.length >= 2 ? glorotUniform() : zerosInit();
