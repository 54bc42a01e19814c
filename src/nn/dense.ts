import {
  add,
  declarationError,
  type FloatDType,
  type Initializer,
  matmul,
  param,
  type Tensor,
  zerosInit,
} from "../api.ts";

export interface DenseOptions {
  /** Parameters are named `<name>.w` and `<name>.b`. */
  readonly name: string;
  readonly activation?: (x: Tensor) => Tensor;
  /** Adds `b` (default true). */
  readonly bias?: boolean;
  /** First values of the weights; glorotUniform() unless told. */
  readonly init?: Initializer;
  /** First values of the bias; zeros unless told. */
  readonly biasInit?: Initializer;
}

/**
 * A fully connected layer: activation(x·w + b).
 * @param x f32 or f64, […, features] with a fixed number of features
 * @param units features of the result
 * @returns […, units]
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function dense(x: Tensor, units: number, options: DenseOptions): Tensor {
  const { name, activation, bias = true, init, biasInit = zerosInit() } = options;
  const features = x.shape[x.rank - 1];
  if (typeof features !== "number") {
    throw declarationError("shape", `dense(${JSON.stringify(name)}): its operand has no fixed number of features`, {
      expected: "[…, features] with a fixed last size",
      received: String(x),
    });
  }
  const dtype = x.dtype as FloatDType;
  const w = param(`${name}.w`, [features, units], init, dtype);
  let y: Tensor = matmul<FloatDType>(x as Tensor<FloatDType>, w);
  if (bias) y = add(y as Tensor<FloatDType>, param(`${name}.b`, [units], biasInit, dtype));
  return activation ? activation(y) : y;
}
