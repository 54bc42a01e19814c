import { argumentError, checkDtype, checkSizes } from "../graph/arguments.ts";
import type { Attrs } from "../graph/attrs.ts";
import { type Scalar, Tensor } from "../graph/tensor.ts";
import type { LowerableOp } from "../kinds/form.ts";
import { source } from "../kinds/source.ts";
import { flatten } from "../kinds/view.ts";
import { literal } from "../loop/build.ts";
import { describe } from "../shared/describe.ts";
import { type ArrayOf, allocate, DTYPES, type DType, isFloat, type TypedArray } from "../shared/dtype.ts";
import { GradcError, InternalError } from "../shared/errors.ts";
import { formatShape, type Shape } from "../shared/shape.ts";
import { apply, callError } from "./coerce.ts";

interface ConstantAttrs {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

const constantAttrs = (attrs: Attrs): ConstantAttrs => attrs as unknown as ConstantAttrs;

const single = source({
  name: "constant",
  operands: [],
  dtypes: DTYPES,
  type: attrs => {
    const { dtype, shape, data } = constantAttrs(attrs);
    const length = shape.reduce((p, n) => p * n, 1);
    if (data?.constructor !== allocate(dtype, 0).constructor || data.length !== length) {
      throw new GradcError("shape", "constant: the data does not fill the shape", {
        expected: `${length} elements of ${dtype} for ${formatShape(shape)}`,
        received: `${data?.length} elements`,
      });
    }
    return { dtype, shape };
  },
  element: (_index, attrs) => {
    const { dtype, data } = constantAttrs(attrs);
    if (data.length !== 1) throw new InternalError("a constant of several elements lies in memory");
    return literal(dtype, data[0]);
  },
  reference: (index, attrs) => {
    const { shape, data } = constantAttrs(attrs);
    return data[flatten(index, shape)];
  },
  cost: 0,
});

export const constantOp: LowerableOp = {
  ...single,
  form: node => {
    const { data } = constantAttrs(node.attrs);
    return data.length === 1 ? single.form(node) : { form: "constant", data };
  },
};

/** Numbers in nested arrays; all arrays of one depth have one length. */
export type Nested = number | boolean | readonly Nested[];

type NestedBooleans = readonly (boolean | NestedBooleans)[];

/** The dtype of a typed array's elements; bytes are bools. */
type ElementOf<A extends TypedArray> = {
  [D in DType]: A extends ArrayOf<D> ? D : never;
}[DType];

function shapeOfNested(values: Nested): number[] {
  const shape: number[] = [];
  for (let v = values; Array.isArray(v); v = v[0]) {
    shape.push(v.length);
    if (v.length === 0) break;
  }
  return shape;
}

function flattenNested(values: Nested, shape: readonly number[], depth: number, into: number[]): void {
  if (depth === shape.length) {
    if (typeof values !== "number" && typeof values !== "boolean") {
      throw callError("shape", "constant: the nested arrays are ragged", {
        expected: `numbers at depth ${depth}, as the shape ${formatShape(shape)} says`,
        received: describe(values),
      });
    }
    into.push(Number(values));
    return;
  }
  if (!Array.isArray(values) || values.length !== shape[depth]) {
    throw callError("shape", "constant: the nested arrays are ragged", {
      expected: `arrays of ${shape[depth]} at depth ${depth}`,
      received: Array.isArray(values) ? `an array of ${values.length}` : String(values),
    });
  }
  for (const v of values) flattenNested(v, shape, depth + 1, into);
}

const dtypeOfArray = (data: TypedArray): DType =>
  DTYPES.find(d => allocate(d, 0).constructor === data.constructor) ?? "f32";

/** A whole number that the dtype can hold. */
function fitsInteger(value: number, dtype: DType): boolean {
  if (!Number.isInteger(value)) return false;
  if (dtype === "bool") return value === 0 || value === 1;
  return dtype === "i32" ? value === (value | 0) : value === value >>> 0;
}

function checked(values: ArrayLike<number>, dtype: DType): TypedArray {
  const data = allocate(dtype, values.length);
  data.set(values);
  if (!isFloat(dtype)) {
    for (let i = 0; i < data.length; i++) {
      if (fitsInteger(values[i], dtype)) continue;
      throw callError("dtype", `constant: element ${i} is no ${dtype}`, {
        expected: dtype === "bool" ? "0 or 1" : `whole numbers in the range of ${dtype}`,
        received: String(values[i]),
      });
    }
  }
  return data;
}

const isNumbers = (values: unknown): boolean =>
  typeof values === "number" ||
  typeof values === "boolean" ||
  Array.isArray(values) ||
  (ArrayBuffer.isView(values) &&
    "length" in values &&
    !(values instanceof BigInt64Array || values instanceof BigUint64Array));

function checkArguments(values: unknown, shape: unknown, dtype: DType | undefined): void {
  if (values instanceof Tensor) throw argumentError("constant", "this is a tensor already", "plain numbers", values);
  if (!isNumbers(values)) {
    throw argumentError("constant", "these are no numbers", "a number, nested arrays, or a typed array", values);
  }
  if (DTYPES.includes(shape as DType)) {
    throw callError("argument", "constant: the shape stands before the dtype", {
      expected: "constant(values, shape, dtype)",
      received: `${JSON.stringify(shape)} as the shape`,
      mend: `Name both: constant(1, [], ${JSON.stringify(shape)}); undefined stands for the shape that the values have.`,
    });
  }
  if (shape !== undefined) checkSizes("constant", shape as Shape);
  if (dtype !== undefined) checkDtype("constant", dtype);
}

/**
 * Numbers known when the graph is built.
 * @param values a number, nested arrays, or a typed array (copied)
 * @param shape default: that of the nested arrays, or the length of the typed array
 * @param dtype default: bool for booleans, that of the typed array (Uint8Array: bool), else f32
 * @throws GradcError `shape` when the numbers do not fill the shape or are ragged, `dtype` when they do not fit
 */
export function constant<D extends DType = "f32">(values: number, shape?: readonly [], dtype?: D): Scalar<NoInfer<D>>;
export function constant(values: boolean, shape?: readonly []): Scalar<"bool">;
export function constant<A extends TypedArray>(values: A, shape?: readonly number[]): Tensor<ElementOf<A>>;
export function constant(values: NestedBooleans, shape?: readonly number[]): Tensor<"bool">;
export function constant<D extends DType = "f32">(
  values: Nested | TypedArray,
  shape?: readonly number[],
  dtype?: D,
): Tensor<NoInfer<D>>;
export function constant(values: Nested | TypedArray, shape?: readonly number[], dtype?: DType): Tensor {
  checkArguments(values, shape, dtype);
  if (ArrayBuffer.isView(values)) {
    const own = dtype ?? dtypeOfArray(values);
    return constantOf(own, shape ?? [values.length], checked(values, own));
  }
  const natural = shapeOfNested(values);
  const flat: number[] = [];
  flattenNested(values, natural, 0, flat);
  let leaf: Nested = values;
  while (Array.isArray(leaf)) leaf = leaf[0];
  const own = dtype ?? (typeof leaf === "boolean" ? "bool" : "f32");
  return constantOf(own, shape ?? natural, checked(flat, own));
}

/** The constant of these elements (not copied). */
export const constantOf = (dtype: DType, shape: readonly number[], data: TypedArray): Tensor =>
  apply(constantOp, [], { dtype, shape, data });

/** The constant of one number, of shape []. */
export function scalarConstant<D extends DType>(value: number, dtype: D): Scalar<D> {
  return constantOf(dtype, [], checked([value], dtype)) as Scalar<D>;
}
