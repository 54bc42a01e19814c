import {
  add,
  argumentError,
  checkFunction,
  checkOptions,
  checkTensors,
  checkText,
  declarationError,
  type FloatDType,
  type Initializer,
  param,
  type Tensor,
  zerosInit,
} from "../api.ts";

/** What layers with weights have in common. */
export interface LayerOptions<D extends FloatDType = FloatDType> {
  /** Parameters are named `<name>.w` and `<name>.b`. */
  readonly name: string;
  readonly activation?: (x: Tensor<D>) => Tensor<D>;
  /** Adds `b` (default true). */
  readonly bias?: boolean;
  /** First values of the weights; glorotUniform() unless told. */
  readonly init?: Initializer;
  /** First values of the bias; zeros unless told. */
  readonly biasInit?: Initializer;
}

/** The names of LayerOptions. */
export const LAYER_OPTIONS = ["name", "activation", "bias", "init", "biasInit"];

/** @throws GradcError `argument`, `attribute` */
export function checkLayer(
  who: string,
  x: unknown,
  options: { readonly name: string },
  names: readonly string[],
): void {
  checkTensors(who, { x });
  checkOptions(who, options, names);
  checkText(who, "its name", options.name);
}

/** @throws GradcError `argument` */
export function checkCount(who: string, what: string, count: unknown): void {
  if (Number.isInteger(count) && (count as number) >= 1) return;
  throw argumentError(who, `${what} is not a size`, "a whole number of at least 1", count);
}

/**
 * The size of the last axis, which must be a number.
 * @throws GradcError `shape`
 */
export function featuresOf(who: string, x: Tensor, name: string, rank = 1): number {
  const features = x.shape[x.rank - 1];
  if (typeof features === "number" && x.rank >= rank) return features;
  throw declarationError("shape", `${who}(${JSON.stringify(name)}): its operand has no fixed number of features`, {
    expected: `[…, features] with a fixed last size${rank > 1 ? `, of rank ${rank} or more` : ""}`,
    received: String(x),
  });
}

/** activation(y + b), b of the size of the last axis. */
export function biased<D extends FloatDType>(who: string, y: Tensor<D>, options: LayerOptions<D>): Tensor<D> {
  const { name, activation, bias = true, biasInit = zerosInit() } = options;
  if (activation !== undefined) checkFunction(who, "the activation", activation);
  const units = y.shape[y.rank - 1] as number;
  const sum = bias ? (add(y, param(`${name}.b`, [units], biasInit, y.dtype) as Tensor<D>) as Tensor<D>) : y;
  return activation ? activation(sum) : sum;
}
