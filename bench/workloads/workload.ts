import type { Program } from "../../src/index.ts";
import { BYTES } from "../../src/shared/dtype.ts";
import { maxSizeOf, type TensorType } from "../../src/shared/shape.ts";

export type Feeds = Readonly<Record<string, Float32Array | Int32Array>>;

/** A network with its data, the same in every run: what gradc and its peers are timed on. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  /** A program for training has the one function `train`, which returns `loss`; one for inference `predict`. */
  readonly kind: "training" | "inference";
  /** Declares the program anew. */
  declare(): Program;
  /** What call number `call` is given. */
  feeds(call: number): Feeds;
  /**
   * Floating-point operations of one call, two for a multiply-add. Networks count their contractions only; programs
   * without any count elementwise operations: one each, or as many as DIVIDE_FLOPS, EXP_FLOPS and
   * TANH_FLOPS say.
   */
  readonly flops: number;
}

export const functionOf = ({ kind }: Workload): "train" | "predict" => (kind === "training" ? "train" : "predict");

/** Seeds the initial weights of every contender. */
export const SEED = 1;

/** An m×k matrix times a k×n matrix. */
export const productFlops = (m: number, k: number, n: number): number => 2 * m * k * n;

/** Every one of `positions` outputs of each of `filters` sums over a window of `channels`. */
export const convFlops = (positions: number, window: number, channels: number, filters: number): number =>
  productFlops(positions, window * channels, filters);

/**
 * A trained layer: what it computes forward costs as much again for the gradient of its weights and, unless it is the
 * first one, as much again for the gradient of its input.
 */
export const trained = (forward: number, place?: "first"): number => forward * (place === "first" ? 2 : 3);

/** ÷ and √: their unit starts one in no less than the time of four multiply-adds. */
export const DIVIDE_FLOPS = 8;

/** exp: scaled and rounded (2), reduced in two steps (4), a polynomial of degree 5 (10), times a power of two (2). */
export const EXP_FLOPS = 18;

/** tanh: limited (2), squared (1), an odd polynomial of degree 9 (9) over an even one of degree 8 (8). */
export const TANH_FLOPS = 20 + DIVIDE_FLOPS;

const bytesOf = (type: TensorType): number => maxSizeOf(type.shape) * BYTES[type.dtype];
const total = (types: readonly TensorType[]): number => types.reduce((sum, type) => sum + bytesOf(type), 0);

/**
 * Bytes that any plan has to move in one call of a program's first function: inputs and variables read once, outputs and
 * updated variables written once. What lies between them could stay in a cache.
 */
export function bytesMoved({ graph }: Program): number {
  const [{ inputs, outputs, updates }] = graph.functions;
  return (
    total(inputs) +
    total(graph.variables.map(v => v.value)) +
    total(outputs.map(o => o.value)) +
    total(updates.map(u => u.target))
  );
}
