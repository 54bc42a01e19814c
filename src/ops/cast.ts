import { checkDtype, checkTensors } from "../graph/arguments.ts";
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
  operands: ["x"],
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
});

/**
 * The same numbers in another dtype. Float to integer truncates and saturates (NaN: 0); to bool is x ≠ 0.
 * Differentiable from float to float.
 */
export function cast<D extends DType>(x: Scalar, dtype: D): Scalar<D>;
export function cast<D extends DType>(x: Tensor, dtype: D): Tensor<D>;
export function cast(x: Tensor, dtype: DType): Tensor {
  checkTensors("cast", { x });
  checkDtype("cast", dtype);
  return castTo(x, dtype);
}

const WORDS = ["f32", "i32", "u32"] as const;

export const bitcastOp = elementwise({
  name: "bitcast",
  operands: ["x"],
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
});

/** The same 32 bits read as another dtype (f32, i32, u32). Not differentiable. */
export function bitcast<D extends "f32" | "i32" | "u32">(x: Tensor<"f32" | "i32" | "u32">, dtype: D): Tensor<D> {
  checkTensors("bitcast", { x });
  checkDtype("bitcast", dtype);
  return (x.dtype === (dtype as string) ? x : apply(bitcastOp, [x], { dtype })) as Tensor<D>;
}
