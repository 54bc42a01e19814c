import type { NdArray } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { checkDType } from "../../kinds/linear-helpers.ts";
import { type Dim, dimEquals } from "../../shared/dim.ts";
import { allocate, type FloatDType, type TypedArray } from "../../shared/dtype.ts";
import { GradcError } from "../../shared/errors.ts";
import { formatType, shapeEquals, type TensorType } from "../../shared/shape.ts";

/*
 * What the operations on matrices share. A matrix is the last two axes of its operand, [..., rows, columns]; the axes
 * before are batches.
 */

export const FLOATS = ["f32", "f64"] as const;
export type Real = Tensor<FloatDType>;

export const rowsOf = (x: TensorType): Dim => x.shape[x.shape.length - 2];
export const columnsOf = (x: TensorType): Dim => x.shape[x.shape.length - 1];
export const batchOf = (x: TensorType): readonly Dim[] => x.shape.slice(0, -2);

/** For type rules: floats with at least two axes. */
export function checkMatrix(name: string, x: TensorType): void {
  checkDType(name, x, FLOATS);
  if (x.shape.length < 2) {
    throw new GradcError("shape", `${name}: this is no matrix`, {
      expected: "[..., rows, columns]",
      received: formatType(x),
      mend: "A vector becomes a column with expandDims(x, 1).",
    });
  }
}

export function checkSquare(name: string, x: TensorType): void {
  checkMatrix(name, x);
  if (dimEquals(rowsOf(x), columnsOf(x))) return;
  throw new GradcError("shape", `${name}: the matrix is not square`, {
    expected: "[..., n, n]",
    received: formatType(x),
    mend: "Use lstsq, pinv, qr or svd for matrices that are not square.",
  });
}

/** [..., m, n] with m ≥ n, both known. */
export function checkTall(name: string, x: TensorType): void {
  checkMatrix(name, x);
  const [m, n] = [rowsOf(x), columnsOf(x)];
  if (typeof m === "number" && typeof n === "number" && m >= n) return;
  throw new GradcError("shape", `${name}: the matrix is wider than high, or of unknown size`, {
    expected: "[..., m, n] with numbers m ≥ n",
    received: formatType(x),
    mend: "Only leading axes may have sizes that are known at the call.",
  });
}

/** [..., n, n] and [..., n, m] with equal batches. */
export function checkSystem(name: string, a: TensorType, b: TensorType): void {
  checkSquare(name, a);
  checkRightSides(name, a, b);
}

/** [..., n, k] and [..., n, m] with equal batches. */
export function checkRightSides(name: string, a: TensorType, b: TensorType): void {
  checkMatrix(name, b);
  if (a.dtype === b.dtype && dimEquals(rowsOf(a), rowsOf(b)) && shapeEquals(batchOf(a), batchOf(b))) return;
  throw new GradcError(a.dtype === b.dtype ? "shape" : "dtype", `${name}: matrix and right sides do not fit`, {
    expected: "[..., n, k] and [..., n, m] of one dtype",
    received: `${formatType(a)} and ${formatType(b)}`,
  });
}

type Out = Omit<NdArray, "data">;

/**
 * Evaluates matrix by matrix: `compute` reads views of the operands and fills views of the outputs, all in f64, `rows` and
 * `columns` being those of the first operand.
 */
export function matrixwise(
  inputs: readonly NdArray[],
  outputs: readonly Out[],
  compute: (inputs: readonly Float64Array[], outputs: readonly Float64Array[], rows: number, columns: number) => void,
): NdArray[] {
  const [rows, columns] = inputs[0].shape.slice(-2);
  const count = inputs[0].shape.slice(0, -2).reduce((p, d) => p * d, 1);
  const product = (shape: readonly number[]): number => shape.reduce((p, d) => p * d, 1);
  const results = outputs.map(o => ({ ...o, data: allocate(o.dtype, product(o.shape)) }));
  const share = (data: TypedArray, b: number): [number, number] => [
    (data.length / count) * b,
    (data.length / count) * (b + 1),
  ];
  for (let b = 0; b < count; b++) {
    const views = results.map(r => new Float64Array(r.data.length / count));
    compute(
      inputs.map(x => Float64Array.from(x.data.subarray(...share(x.data, b)))),
      views,
      rows,
      columns,
    );
    results.forEach((r, k) => {
      r.data.set(views[k], share(r.data, b)[0]);
    });
  }
  return results;
}
