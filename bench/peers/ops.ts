import type { Feeds } from "../workloads/index.ts";

/** A tensor of a peer, or a number. */
export type Value<A> = A | number;

/**
 * What the peers' models are written in: each library says every operation in the way its users would. Images and
 * kernels of convolutions arrive in the library's own layout.
 */
export interface Ops<A> {
  readonly layout: "channelsLast" | "channelsFirst";
  add(x: Value<A>, y: Value<A>): A;
  sub(x: Value<A>, y: Value<A>): A;
  mul(x: Value<A>, y: Value<A>): A;
  div(x: Value<A>, y: Value<A>): A;
  maximum(x: A, y: number): A;
  abs(x: A): A;
  exp(x: A): A;
  square(x: A): A;
  sqrt(x: A): A;
  rsqrt(x: A): A;
  relu(x: A): A;
  sigmoid(x: A): A;
  tanh(x: A): A;
  softplus(x: A): A;
  /** With tanh: ½x(1 + tanh(√(2/π)(x + 0.044715 x³))). */
  gelu(x: A): A;
  softmax(x: A): A;
  /** The product over the last two axes, which are exchanged in one operand if told so. */
  matmul(x: A, y: A, transposed?: "left" | "right"): A;
  /** activation(x·w + b) */
  dense(x: A, w: A, b: A, activation?: "relu" | "sigmoid"): A;
  conv(x: A, w: A, options: { readonly strides: number; readonly padding: "same" | "valid" }): A;
  /** 2×2, not overlapping. */
  maxPool(x: A): A;
  /** A value for each channel, so that it fits an image. */
  perChannel(x: A): A;
  reshape(x: A, shape: readonly number[]): A;
  transpose(x: A, order: readonly number[]): A;
  zeros(shape: readonly number[]): A;
  /** Equal parts along an axis. */
  split(x: A, parts: number, axis: number): readonly A[];
  concat(parts: readonly A[], axis: number): A;
  /** Rows of a table, [n, width], for n indices. */
  rows(table: A, indices: A): A;
  sum(x: A): A;
  mean(x: A, axes?: readonly number[], keep?: "keep"): A;
  /** Mean over the rows of −ln softmax(logits)[label]. */
  crossEntropy(logits: A, labels: A, classes: number): A;
}

export type Tensors<A> = Readonly<Record<string, A>>;

/** The loss of a network that is trained, or the output of one that is not. */
export type Model = <A>(ops: Ops<A>, weights: Tensors<A>, feeds: Tensors<A>) => A;

export type Optimizer =
  | { readonly kind: "sgd"; readonly rate: number }
  | { readonly kind: "momentum"; readonly rate: number; readonly keep: number }
  | {
      readonly kind: "adam";
      readonly rate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    };

/** A workload as the peers compute it. */
export interface PeerModel {
  readonly model: Model;
  /** For training. */
  readonly optimizer?: Optimizer;
  /** Shapes of the inputs, channels last. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** A weight whose rows are the elements of an image that was flattened, [height, width, channels]. */
  readonly flattened?: Readonly<Record<string, readonly [height: number, width: number, channels: number]>>;
  /** The output is an image; shape, channels last. */
  readonly image?: readonly [batch: number, height: number, width: number, channels: number];
}

/** Values with their shape, row-major, as they go in and out of libraries. */
export interface HostTensor {
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** Moves axes: element [i₀, i₁, …] of the result is that with i at place order[·]. */
export function permute({ values, shape }: HostTensor, order: readonly number[]): HostTensor {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((p, n) => p * n, 1));
  const out = order.map(axis => shape[axis]);
  const moved = values.slice();
  const index = out.map(() => 0);
  for (let at = 0; at < moved.length; at++) {
    moved[at] = values[index.reduce((sum, i, axis) => sum + i * strides[order[axis]], 0)];
    for (let axis = out.length - 1; axis >= 0 && ++index[axis] === out[axis]; axis--) index[axis] = 0;
  }
  return { values: moved, shape: out };
}

/** Weights and inputs in a library's layout. */
export class Layout {
  readonly #model: PeerModel;
  readonly #first: boolean;

  constructor(model: PeerModel, ops: Pick<Ops<unknown>, "layout">) {
    this.#model = model;
    this.#first = ops.layout === "channelsFirst";
  }

  /** Kernels [height, width, in, out] become [out, in, height, width]; rows of a flattened image change their order. */
  weight(name: string, given: HostTensor): HostTensor {
    if (!this.#first) return given;
    if (given.shape.length === 4) return permute(given, [3, 2, 0, 1]);
    const image = this.#model.flattened?.[name];
    if (!image) return given;
    const rows = permute({ values: given.values, shape: [...image, given.shape[1]] }, [2, 0, 1, 3]);
    return { values: rows.values, shape: given.shape };
  }

  inputs(feeds: Feeds): Record<string, HostTensor> {
    const entries = Object.entries(this.#model.shapes).map(([name, shape]): [string, HostTensor] => {
      const given = { values: feeds[name], shape };
      return [name, this.#first && shape.length === 4 ? permute(given, [0, 3, 1, 2]) : given];
    });
    return Object.fromEntries(entries);
  }

  /** An output, with channels last. */
  output(values: Float32Array): Float32Array {
    const { image } = this.#model;
    if (!image || !this.#first) return values;
    const [batch, height, width, channels] = image;
    const last = permute({ values, shape: [batch, channels, height, width] }, [0, 2, 3, 1]);
    return Float32Array.from(last.values);
  }
}
