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
    dataSync(): Float32Array;
    dispose(): void;
  }
  export type Variable = Tensor;
  export interface Optimizer {
    minimize(loss: () => Tensor, returnCost: true): Tensor;
  }
  export function setBackend(name: string): Promise<boolean>;
  export function tidy(body: () => void): void;
  export function tensor(values: ArrayLike<number>, shape?: readonly number[], dtype?: "float32" | "int32"): Tensor;
  export function variable(initial: Tensor): Variable;
  export function add(a: Tensor, b: Tensor): Tensor;
  export function matMul(a: Tensor, b: Tensor): Tensor;
  export function relu(x: Tensor): Tensor;
  export function oneHot(indices: Tensor, depth: number): Tensor;
  export const losses: { softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor };
  export const train: { adam(rate: number, beta1: number, beta2: number, epsilon: number): Optimizer };
}
