/** The part of the peers' types that the benchmarks use: the root install, which checks types, does not have them. */

declare module "benny" {
  interface CaseResult {
    readonly name: string;
    /** Seconds per operation. */
    readonly details: { readonly median: number };
  }
  type Step = { readonly brand: unique symbol };
  interface Options {
    readonly minSamples?: number;
    readonly maxTime?: number;
  }
  const benny: {
    suite(name: string, ...steps: Step[]): Promise<{ readonly results: readonly CaseResult[] }>;
    /** The outer function prepares and is not timed; the inner one is the operation. */
    add(name: string, prepare: () => () => void | Promise<void>, options?: Options): Step;
    cycle(): Step;
  };
  export default benny;
}

declare module "@tensorflow/tfjs-core" {
  export interface Tensor {
    readonly shape: readonly number[];
    dataSync(): Float32Array;
    dispose(): void;
  }
  export interface Variable extends Tensor {
    readonly trainable: boolean;
  }
  type Operand = Tensor | number;
  type Unary = (x: Tensor) => Tensor;
  type Binary = (x: Operand, y: Operand) => Tensor;
  export interface Optimizer {
    minimize(loss: () => Tensor, returnCost: true, variables?: readonly Variable[]): Tensor;
  }
  /** Warnings off. */
  export function enableProdMode(): void;
  export function setBackend(name: string): Promise<boolean>;
  export function tidy(body: () => void): void;
  export function keep(x: Tensor): Tensor;
  export function tensor(values: ArrayLike<number>, shape?: readonly number[], dtype?: "float32" | "int32"): Tensor;
  export function variable(initial: Tensor): Variable;
  export function zeros(shape: readonly number[]): Tensor;
  export const add: Binary;
  export const sub: Binary;
  export const mul: Binary;
  export const div: Binary;
  export const maximum: Binary;
  export const abs: Unary;
  export const exp: Unary;
  export const square: Unary;
  export const sqrt: Unary;
  export const rsqrt: Unary;
  export const relu: Unary;
  export const sigmoid: Unary;
  export const tanh: Unary;
  export const softplus: Unary;
  export const softmax: Unary;
  export function matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  export function conv2d(x: Tensor, w: Tensor, strides: number, padding: "same" | "valid"): Tensor;
  export function maxPool(x: Tensor, window: number, strides: number, padding: "valid"): Tensor;
  export function reshape(x: Tensor, shape: readonly number[]): Tensor;
  export function transpose(x: Tensor, order: readonly number[]): Tensor;
  export function split(x: Tensor, parts: number, axis: number): Tensor[];
  export function concat(parts: readonly Tensor[], axis: number): Tensor;
  export function gather(x: Tensor, indices: Tensor): Tensor;
  export function sum(x: Tensor): Tensor;
  export function mean(x: Tensor, axes?: readonly number[], keepDims?: boolean): Tensor;
  export function oneHot(indices: Tensor, depth: number): Tensor;
  export const fused: {
    matMul(options: {
      readonly a: Tensor;
      readonly b: Tensor;
      readonly bias: Tensor;
      readonly activation?: "relu" | "sigmoid";
    }): Tensor;
  };
  export const losses: { softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor };
  export const train: {
    sgd(rate: number): Optimizer;
    momentum(rate: number, momentum: number): Optimizer;
    adam(rate: number, beta1: number, beta2: number, epsilon: number): Optimizer;
  };
}

declare module "@tensorflow/tfjs-backend-wasm" {
  export function setWasmPaths(folder: string): void;
}

declare module "@jax-js/jax" {
  /** Passing an array to a function gives it away; `ref` is one more reference to it. */
  export interface Array {
    readonly ref: Array;
    readonly shape: readonly number[];
    dataSync(): Float32Array;
    blockUntilReady(): Promise<Array>;
    dispose(): void;
  }
  type Operand = Array | number;
  type Unary = (x: Operand) => Array;
  type Binary = (x: Operand, y: Operand) => Array;
  type Tree = Array | { readonly [key: string]: Tree } | readonly Tree[];
  interface Over {
    readonly keepdims?: boolean;
  }
  export function init(): Promise<readonly string[]>;
  export function jit<Args extends readonly Tree[], R extends Tree>(f: (...args: Args) => R): (...args: Args) => R;
  export function valueAndGrad<W extends Tree, Rest extends readonly Tree[]>(
    f: (w: W, ...rest: Rest) => Array,
  ): (w: W, ...rest: Rest) => [Array, W];
  export const tree: {
    ref<T extends Tree>(x: T): T;
    dispose(x: Tree): void;
  };
  export const numpy: {
    array(values: number | Float32Array | Int32Array, options?: { readonly shape?: readonly number[] }): Array;
    zeros(shape: readonly number[]): Array;
    readonly add: Binary;
    readonly subtract: Binary;
    readonly multiply: Binary;
    readonly divide: Binary;
    readonly maximum: Binary;
    readonly abs: Unary;
    readonly exp: Unary;
    readonly square: Unary;
    readonly sqrt: Unary;
    readonly reciprocal: Unary;
    readonly tanh: Unary;
    matmul(x: Array, y: Array): Array;
    swapaxes(x: Array, a: number, b: number): Array;
    reshape(x: Array, shape: readonly number[]): Array;
    transpose(x: Array, order: readonly number[]): Array;
    split(x: Array, parts: number, axis: number): Array[];
    concatenate(parts: readonly Array[], axis: number): Array;
    take(x: Array, indices: Array, axis: number): Array;
    sum(x: Array, axes?: number | readonly number[] | null, options?: Over): Array;
    mean(x: Array, axes?: readonly number[] | null, options?: Over): Array;
    max(x: Array, axes: readonly number[]): Array;
  };
  export const nn: {
    readonly relu: Unary;
    readonly sigmoid: Unary;
    readonly softplus: Unary;
    gelu(x: Array, options: { readonly approximate: boolean }): Array;
    softmax(x: Array, axis: number): Array;
    logSoftmax(x: Array, axis: number): Array;
    oneHot(x: Array, classes: number): Array;
  };
  export const lax: {
    conv(x: Array, w: Array, strides: readonly number[], padding: "SAME" | "VALID"): Array;
    reduceWindow(
      x: Array,
      computation: (window: Array) => Array,
      window: readonly number[],
      strides: readonly number[],
    ): Array;
  };
}

declare module "onnxruntime-web" {
  export class Tensor {
    constructor(type: "float32", data: Float32Array, shape: readonly number[]);
    readonly data: Float32Array;
  }
  interface Session {
    run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  }
  export const InferenceSession: {
    create(model: Uint8Array, options: { readonly executionProviders: readonly string[] }): Promise<Session>;
  };
  export const env: { readonly wasm: { numThreads: number } };
}

declare module "synaptic" {
  interface Connection {
    weight: number;
  }
  interface Neuron {
    bias: number;
    readonly connections: { readonly inputs: Readonly<Record<string, Connection>> };
  }
  interface Layer {
    readonly list: readonly Neuron[];
  }
  interface Perceptron {
    readonly layers: { readonly hidden: readonly Layer[]; readonly output: Layer };
    activate(input: readonly number[]): readonly number[];
    propagate(rate: number, target: readonly number[]): void;
  }
  const synaptic: { readonly Architect: { readonly Perceptron: new (...sizes: number[]) => Perceptron } };
  export default synaptic;
}

declare module "brain.js" {
  interface Sample {
    readonly input: Float32Array;
    readonly output: Float32Array;
  }
  class NeuralNetwork {
    constructor(options: Readonly<Record<string, unknown>>);
    /** By layer and unit; layer 0 is the input. */
    readonly weights: readonly (readonly Float32Array[])[];
    readonly biases: readonly Float32Array[];
    readonly outputs: readonly Float32Array[];
    initialize(): void;
    trainPattern(sample: Sample): void;
  }
  const brain: { readonly NeuralNetwork: typeof NeuralNetwork };
  export default brain;
}
