import type { Scalar, Tensor } from "../graph/tensor.ts";
import { elementwise } from "../kinds/elementwise.ts";
import * as s from "../loop/build.ts";
import { allocate, DTYPES, type DType, isFloat } from "../shared/dtype.ts";
import { apply } from "./coerce.ts";

/** What a number becomes in a dtype: integers truncate and saturate, bool is "not 0". */
function convert(x: number, from: DType, to: DType): number {
  if (to === "bool") return x !== 0 ? 1 : 0;
  if (isFloat(to) || !isFloat(from)) return x;
  if (Number.isNaN(x)) return 0;
  const [low, high] = to === "i32" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  return Math.min(high, Math.max(low, Math.trunc(x)));
}

const castTo = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : apply(castOp, [x], { dtype }));

export const castOp = elementwise({
  name: "cast",
  doc: {
    summary: "The same numbers in another dtype.",
    equation: "y = x",
    operands: ["x"],
    attributes: [{ name: "dtype", type: "dtype", meaning: "of the result" }],
    kinks:
      "float to integer truncates and saturates, NaN becomes 0; integers wrap between i32 and u32; to bool is x ≠ 0; " +
      "only float to float is differentiable",
  },
  dtypes: DTYPES,
  signature: "cast",
  scalar: ([x], attrs) => s.cast(attrs.dtype as DType, x),
  reference: ([x], from, attrs) => convert(x, from, attrs.dtype as DType),
  partials: null,
  derivative: {
    equations: ["cast(ȳ)"],
    vjp: ({ operands: [x], outputs: [y], cotangents: [cotangent] }) => [
      cotangent && isFloat(x.dtype) && isFloat(y.dtype) ? castTo(cotangent, x.dtype) : null,
    ],
    jvp: ({ operands: [x], outputs: [y], tangents: [tangent] }) => [
      tangent && isFloat(x.dtype) && isFloat(y.dtype) ? castTo(tangent, y.dtype) : null,
    ],
  },
  cost: 1,
  samples: [
    {
      inputs: [{ shape: [4], data: [1.7, -1.7, 1e10, Number.NaN] }],
      attrs: { dtype: "i32" },
      outputs: [{ dtype: "i32", shape: [4], data: [1, -1, 2147483647, 0] }],
      source: "the conversion rule",
    },
    {
      inputs: [{ shape: [2], data: [0.1, 2] }],
      attrs: { dtype: "f64" },
      outputs: [{ dtype: "f64", shape: [2], data: [0.10000000149011612, 2] }],
      gradients: [[1, 1]],
      source: "IEEE 754",
    },
    {
      inputs: [{ dtype: "i32", shape: [2], data: [-1, 3] }],
      attrs: { dtype: "u32" },
      outputs: [{ dtype: "u32", shape: [2], data: [4294967295, 3] }],
      source: "two's complement",
    },
    {
      inputs: [{ shape: [3], data: [0, -0.5, Number.NaN] }],
      attrs: { dtype: "bool" },
      outputs: [{ dtype: "bool", shape: [3], data: [0, 1, 1] }],
      source: "by hand",
    },
  ],
});

/**
 * The same numbers in another dtype. Float to integer truncates and saturates (NaN: 0); to bool is x ≠ 0.
 * Differentiable from float to float.
 */
export function cast<D extends DType>(x: Scalar, dtype: D): Scalar<D>;
export function cast<D extends DType>(x: Tensor, dtype: D): Tensor<D>;
export function cast(x: Tensor, dtype: DType): Tensor {
  return castTo(x, dtype);
}

const WORDS = ["f32", "i32", "u32"] as const;

export const bitcastOp = elementwise({
  name: "bitcast",
  doc: {
    summary: "The same 32 bits read as another dtype.",
    equation: "bits(y) = bits(x)",
    operands: ["x"],
    attributes: [{ name: "dtype", type: "dtype", meaning: "of the result: f32, i32 or u32" }],
    kinks: "none",
  },
  dtypes: WORDS,
  signature: "cast",
  scalar: ([x], attrs) => s.bitcast(attrs.dtype as DType, x),
  reference: ([x], from, attrs) => {
    const word = allocate(from, 1);
    word[0] = x;
    const { buffer } = word;
    if (attrs.dtype === "f32") return new Float32Array(buffer)[0];
    return attrs.dtype === "i32" ? new Int32Array(buffer)[0] : new Uint32Array(buffer)[0];
  },
  partials: null,
  cost: 1,
  samples: [
    {
      inputs: [{ shape: [2], data: [1, -2] }],
      attrs: { dtype: "u32" },
      outputs: [{ dtype: "u32", shape: [2], data: [0x3f800000, 0xc0000000] }],
      source: "IEEE 754",
    },
  ],
});

/** The same 32 bits read as another dtype (f32, i32, u32). Not differentiable. */
export function bitcast<D extends "f32" | "i32" | "u32">(x: Tensor<"f32" | "i32" | "u32">, dtype: D): Tensor<D> {
  return (x.dtype === (dtype as string) ? x : apply(bitcastOp, [x], { dtype })) as Tensor<D>;
}
