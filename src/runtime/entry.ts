import type { TypedArray } from "../shared/dtype.ts";
import type { Entry, Size } from "./manifest.ts";

/** The dimensions of one function: names, and their values at the current call. */
export interface Dims {
  readonly names: readonly string[];
  readonly values: number[];
  readonly max: readonly number[];
}

const ARRAYS = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array, bool: Uint8Array };

export const bytesOf = (entry: Entry): number => ARRAYS[entry.dtype].BYTES_PER_ELEMENT;

export const viewOf = (memory: ArrayBufferLike, entry: Entry, length: number): TypedArray =>
  new ARRAYS[entry.dtype](memory as ArrayBuffer, entry.offset, length);

export function evaluate(size: Size, dims: Dims): number {
  if (typeof size === "number") return size;
  if (typeof size === "string") return dims.values[dims.names.indexOf(size)];
  let result = evaluate(size[1], dims);
  for (let i = 2; i < size.length; i++) {
    const term = evaluate(size[i], dims);
    result = size[0] === "*" ? result * term : size[0] === "+" ? result + term : Math.min(result, term);
  }
  return result;
}

/** The number of elements. */
export function lengthOf(entry: Entry, dims: Dims): number {
  let length = 1;
  for (let i = 0; i < entry.shape.length; i++) length *= evaluate(entry.shape[i], dims);
  return length;
}

const formatSize = (size: Size): string =>
  typeof size === "object"
    ? size
        .slice(1)
        .map(s => formatSize(s as Size))
        .join(size[0])
    : `${size}`;

/** `f32 [B, 64]` */
export const formatEntry = ({ dtype, shape }: { readonly dtype: string; readonly shape: readonly Size[] }): string =>
  `${dtype} [${shape.map(formatSize).join(", ")}]`;
