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
  matmul,
  oneCall,
  param,
  type Tensor,
  zerosInit,
} from "../api.ts";

export interface DenseOptions<D extends FloatDType = FloatDType> {
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

/**
 * A fully connected layer: activation(x·w + b).
 * @param x f32 or f64, […, features] with a fixed number of features
 * @param units features of the result
 * @returns […, units]
 * @throws GradcError `shape`, `dtype`, `attribute`
 */
export function dense<D extends FloatDType>(x: Tensor<D>, units: number, options: DenseOptions<D>): Tensor<D> {
  checkTensors("dense", { x });
  checkOptions("dense", options, ["name", "activation", "bias", "init", "biasInit"]);
  checkText("dense", "its name", options.name);
  if (options.activation !== undefined) checkFunction("dense", "the activation", options.activation);
  if (!Number.isInteger(units) || units < 1) {
    throw argumentError("dense", "units is not a size", "a whole number of at least 1", units);
  }
  const { name, activation, bias = true, init, biasInit = zerosInit() } = options;
  const features = x.shape[x.rank - 1];
  if (typeof features !== "number") {
    throw declarationError("shape", `dense(${JSON.stringify(name)}): its operand has no fixed number of features`, {
      expected: "[…, features] with a fixed last size",
      received: String(x),
    });
  }
  return oneCall(() => {
    const w: Tensor<D> = param(`${name}.w`, [features, units], init, x.dtype);
    const product = matmul<D>(x, w);
    if (!bias) return activation ? activation(product) : product;
    const b: Tensor<D> = param(`${name}.b`, [units], biasInit, x.dtype);
    const y = add(product, b) as Tensor<D>;
    return activation ? activation(y) : y;
  });
}
