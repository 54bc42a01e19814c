/** Element types of tensors. `bool` is stored as one byte, 0 or 1. */
export type DType = "f32" | "f64" | "i32" | "u32" | "bool";
export type FloatDType = "f32" | "f64";
export type IntDType = "i32" | "u32";
export type NumericDType = FloatDType | IntDType;

export const DTYPES: readonly DType[] = ["f32", "f64", "i32", "u32", "bool"];

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** The typed array that holds elements of a dtype. */
export type ArrayOf<D extends DType> = {
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
  u32: Uint32Array;
  bool: Uint8Array;
}[D];

export const BYTES: Readonly<Record<DType, number>> = { f32: 4, f64: 8, i32: 4, u32: 4, bool: 1 };

export const isFloat = (dtype: DType): dtype is FloatDType => dtype === "f32" || dtype === "f64";
export const isInt = (dtype: DType): dtype is IntDType => dtype === "i32" || dtype === "u32";

/** A zero-filled typed array of `length` elements. */
export function allocate(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case "f32":
      return new Float32Array(length);
    case "f64":
      return new Float64Array(length);
    case "i32":
      return new Int32Array(length);
    case "u32":
      return new Uint32Array(length);
    case "bool":
      return new Uint8Array(length);
  }
}

/** A typed array over `length` elements of `buffer` from byte `offset` (a multiple of the element size). */
export function viewOf(dtype: DType, buffer: ArrayBufferLike, offset: number, length: number): TypedArray {
  switch (dtype) {
    case "f32":
      return new Float32Array(buffer, offset, length);
    case "f64":
      return new Float64Array(buffer, offset, length);
    case "i32":
      return new Int32Array(buffer, offset, length);
    case "u32":
      return new Uint32Array(buffer, offset, length);
    case "bool":
      return new Uint8Array(buffer, offset, length);
  }
}
