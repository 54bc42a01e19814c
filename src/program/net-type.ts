import type { Input } from "../graph/leaves.ts";
import type { Scalar, Tensor } from "../graph/tensor.ts";
import type { ArrayOf, DType, TypedArray } from "../shared/dtype.ts";
import type { HasDefault, HasSizes } from "./input.ts";
import type { FunctionDeclaration, Functions } from "./program.ts";

/** Makes intersections readable in editors. */
type Simplify<T> = { readonly [K in keyof T]: T[K] } & unknown;

type Inputs<Fn extends FunctionDeclaration> = Fn["inputs"][number];
type Optional<I> = I extends HasDefault ? I : never;
type NameOf<I> = I extends Input<infer N, DType> ? N : never;
type DTypeOf<T> = T extends Tensor<infer D> ? D : never;

/** What a call passes: a number for shape [], otherwise all elements in row-major order. */
export type InputValue<I> = I extends Scalar ? number : ArrayLike<number>;

/** What a call returns: a number for a Scalar, otherwise a typed array of the dtype, in row-major order. */
export type OutputValue<T> = T extends Scalar ? number : T extends Tensor<infer D> ? ArrayOf<D> : never;

type SizesOf<I> = I extends HasSizes<infer N> ? N : never;

/** Inputs by name; beside them sizes, which lengths tell otherwise (and where they do not, the bound). */
export type CallInputs<Fn extends FunctionDeclaration> = Simplify<
  { readonly [I in Exclude<Inputs<Fn>, HasDefault> as NameOf<I>]: InputValue<I> } & {
    readonly [I in Optional<Inputs<Fn>> as NameOf<I>]?: InputValue<I>;
  } & { readonly [N in SizesOf<Inputs<Fn>>]?: number }
>;

export type CallOutputs<Fn extends FunctionDeclaration> = {
  readonly [K in keyof Fn["outputs"]]: OutputValue<Fn["outputs"][K]>;
};

/** Sizes of symbolic dimensions at one call. */
export type Sizes = Readonly<Record<string, number>>;

/** A compiled function. Calls check and copy their inputs and return copies; `run` works on the resident views. */
export interface NetFunction<Fn extends FunctionDeclaration> {
  (...call: object extends CallInputs<Fn> ? [inputs?: CallInputs<Fn>] : [inputs: CallInputs<Fn>]): CallOutputs<Fn>;
  /** Runs on what the input views hold: no copy, no allocation. Sizes default to the bounds. */
  run(sizes?: Sizes): void;
  /** Views of the memory that `run` reads, as long as the bounds of the shapes; one element for shape []. */
  readonly inputs: Simplify<{ readonly [I in Inputs<Fn> as NameOf<I>]: ArrayOf<DTypeOf<I>> }>;
  /** Views of the memory that `run` writes, overwritten by the next call. */
  readonly outputs: { readonly [K in keyof Fn["outputs"]]: ArrayOf<DTypeOf<Fn["outputs"][K]>> };
}

/** Where a variable can be copied to: an array of its length. */
interface Destination extends ArrayLike<number> {
  set(values: ArrayLike<number>): void;
}

/** One parameter or state of an instance. */
export interface NetVariable {
  /** A copy of the values, row-major. */
  get(): TypedArray;
  /** Copies the values into an array and returns it. */
  get<T extends Destination>(into: T): T;
  /** Overwrites all values; a number for shape []. @throws GradcError `input-length`, `input-type` */
  set(values: ArrayLike<number> | number): void;
}

export interface RestoreReport {
  /** Variables that the file does not have. */
  readonly missing: readonly string[];
  /** Tensors of the file that the network does not have. */
  readonly unexpected: readonly string[];
}

/** Where compiled code runs: WebAssembly, generated JavaScript, or an interpreter that needs nothing of the host. */
export type TargetName = "wasm" | "js" | "interpret";

/** What every net has besides its functions. */
export interface NetBase extends Disposable {
  /** What the network was compiled for: the option `target`, or else the fastest that this host allows. */
  readonly target: TargetName;
  readonly variables: Readonly<Record<string, NetVariable>>;
  /** All variables as safetensors; `only: "params"` leaves state out. */
  save(options?: { readonly only?: "params" }): Uint8Array;
  /** Reads safetensors: all or nothing. @throws GradcError `safetensors`, `restore-mismatch` */
  restore(
    bytes: Uint8Array,
    options?: { readonly rename?: Readonly<Record<string, string>>; readonly strict?: boolean },
  ): RestoreReport;
  /** Sets all variables to their first values. */
  reset(seed?: number): void;
  /** Frees the memory; every later use is an error. */
  close(): void;
}

/** A compiled program in memory: one property a function. */
export type Net<F extends Functions = Functions> = { readonly [K in keyof F]: NetFunction<F[K]> } & NetBase;
