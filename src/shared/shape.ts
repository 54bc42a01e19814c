import { type Dim, type DimEnvironment, dimEquals, dimMax, formatDim, mulDims, resolveDim } from "./dim.ts";
import type { DType } from "./dtype.ts";

export type Shape = readonly Dim[];

/** What is known of a value before it is computed. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export const shapeEquals = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => dimEquals(d, b[i]));

export const typeEquals = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype && shapeEquals(a.shape, b.shape);

/** The number of elements. */
export const sizeOf = (shape: Shape): Dim => shape.reduce<Dim>((p, d) => mulDims(p, d), 1);

/** The largest number of elements. */
export const maxSizeOf = (shape: Shape): number => dimMax(sizeOf(shape));

export const resolveShape = (shape: Shape, env: DimEnvironment): number[] => shape.map(d => resolveDim(d, env));

export const formatShape = (shape: Shape): string => `[${shape.map(formatDim).join(", ")}]`;

/** `f32 [B, 64]` */
export const formatType = (t: TensorType): string => `${t.dtype} ${formatShape(t.shape)}`;

/** Row-major strides in elements: stride(last) = 1. */
export function stridesOf(shape: Shape): Dim[] {
  const strides: Dim[] = new Array(shape.length);
  let step: Dim = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step = mulDims(step, shape[axis]);
  }
  return strides;
}

/** An axis counted from the front; negative axes count from the back. Undefined when out of range. */
export function normalizeAxis(axis: number, rank: number): number | undefined {
  const normal = axis < 0 ? axis + rank : axis;
  return Number.isInteger(axis) && normal >= 0 && normal < rank ? normal : undefined;
}

/**
 * NumPy's broadcasting: shapes are aligned at the end; sizes must be equal or 1.
 * @returns the common shape, or undefined where two sizes clash
 */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const common: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (dimEquals(x, y)) common.push(x);
    else if (x === 1) common.push(y);
    else if (y === 1) common.push(x);
    else return undefined;
  }
  return common;
}
