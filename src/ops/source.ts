import { argumentError, checkDtype, checkSizes, checkTensors } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import type { Scalar, Tensor } from "../graph/tensor.ts";
import { source } from "../kinds/source.ts";
import { cast, dimExpr } from "../loop/build.ts";
import { describe } from "../shared/describe.ts";
import { type Dim, resolveDim, SymbolicDim } from "../shared/dim.ts";
import type { DType, NumericDType } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import type { Shape } from "../shared/shape.ts";
import { checkAxes } from "./axes.ts";
import { apply, callError } from "./coerce.ts";
import { scalarConstant } from "./constant.ts";
import { expand } from "./expand.ts";

export { constant, constantOf, constantOp, type Nested, scalarConstant } from "./constant.ts";

const NUMERIC = ["f32", "f64", "i32", "u32"] as const;

function numericDType(name: string, attrs: Attrs): DType {
  const dtype = attrs.dtype as DType;
  if (dtype === "bool") throw new GradcError("dtype", `${name} makes numbers`, { expected: NUMERIC.join(", ") });
  return dtype;
}

export const iotaOp = source({
  name: "iota",
  operands: [],
  dtypes: NUMERIC,
  type: attrs => {
    const shape = attrs.shape as Shape;
    checkAxes("iota", [attrs.axis as number], shape.length);
    return { dtype: numericDType("iota", attrs), shape };
  },
  element: (index, attrs) => cast(attrs.dtype as DType, index[attrs.axis as number]),
  reference: (index, attrs) => index[attrs.axis as number],
  cost: 0,
});

export const extentOp = source({
  name: "extent",
  operands: [],
  dtypes: NUMERIC,
  type: attrs => ({ dtype: numericDType("extent", attrs), shape: [] }),
  element: (_index, attrs) => cast(attrs.dtype as DType, dimExpr(attrs.size as Dim)),
  reference: (_index, attrs, env) => resolveDim(attrs.size as Dim, env),
  cost: 0,
});

/** One number everywhere: the expansion of a constant of shape []. */
export function fill<D extends DType>(value: number, shape: readonly [], dtype: D): Scalar<D>;
export function fill<D extends DType>(value: number, shape: Shape, dtype: D): Tensor<D>;
export function fill(value: number, shape: Shape, dtype: DType): Tensor {
  if (typeof value !== "number") throw argumentError("fill", "the value is not a number", "a number", value);
  return filled("fill", value, shape, dtype);
}

function filled(who: string, value: number, shape: Shape, dtype: DType): Tensor {
  checkSizes(who, shape);
  checkDtype(who, dtype);
  return expand(scalarConstant(value, dtype), shape, []);
}

/** A size as a scalar; a constant where the size is a number. */
export function extent<D extends NumericDType>(size: Dim, dtype: D): Scalar<D> {
  checkSizes("extent", [size]);
  checkDtype("extent", dtype);
  if (typeof size === "number") return scalarConstant(size, dtype);
  return apply(extentOp, [], { dtype, size }) as Scalar<D>;
}

/** Zeros of a shape, f32 by default. */
export const zeros = <D extends DType = "f32">(shape: Shape, dtype?: D): Tensor<NoInfer<D>> =>
  filled("zeros", 0, shape, dtype ?? "f32") as Tensor<D>;

/** Ones of a shape, f32 by default. */
export const ones = <D extends DType = "f32">(shape: Shape, dtype?: D): Tensor<NoInfer<D>> =>
  filled("ones", 1, shape, dtype ?? "f32") as Tensor<D>;

function typeOf(who: string, x: Tensor): Tensor {
  checkTensors(who, { x });
  return x;
}

/** Zeros of the shape and dtype of x. */
export const zerosLike = <D extends DType>(x: Tensor<D>): Tensor<D> => fill(0, typeOf("zerosLike", x).shape, x.dtype);

/** Ones of the shape and dtype of x. */
export const onesLike = <D extends DType>(x: Tensor<D>): Tensor<D> => fill(1, typeOf("onesLike", x).shape, x.dtype);

/** Each element is its index along `axis`. i32 by default. */
export function iota<D extends NumericDType = "i32">(shape: Shape, axis = 0, dtype?: D): Tensor<NoInfer<D>> {
  checkSizes("iota", shape);
  if (dtype !== undefined) checkDtype("iota", dtype);
  return apply(iotaOp, [], { dtype: dtype ?? "i32", shape, axis }) as Tensor<D>;
}

/** 0, 1, … n − 1 as a vector. i32 by default. */
export function arange<D extends NumericDType = "i32">(n: Dim, dtype?: D): Tensor<NoInfer<D>> {
  if (!(n instanceof SymbolicDim) && (!Number.isInteger(n) || n < 0)) {
    throw callError("attribute", "arange: not a size", { expected: "a whole number from 0 on", received: describe(n) });
  }
  if (dtype !== undefined) checkDtype("arange", dtype);
  return iota([n], 0, dtype);
}
