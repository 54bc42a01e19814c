import type { Derivative } from "../graph/op.ts";
import type { Scalar, Tensor } from "../graph/tensor.ts";
import { reduce, reducedAxes } from "../kinds/reduce.ts";
import * as s from "../loop/build.ts";
import { dimMax, subDims } from "../shared/dim.ts";
import { isFloat, type NumericDType } from "../shared/dtype.ts";
import { type Shape, sizeOf } from "../shared/shape.ts";
import { addOp, mulOp } from "./arithmetic.ts";
import { apply } from "./coerce.ts";
import { concat } from "./concat.ts";
import { otherAxes } from "./expand.ts";
import { rawPad } from "./pad.ts";
import { type ReduceOptions, reduceOver } from "./reduce-over.ts";
import { reshape } from "./reshape.ts";
import { rawSlice } from "./slice.ts";
import { zerosLike } from "./source.ts";
import { inversePermutation, transpose } from "./transpose.ts";

/*
 * The derivative of a product is taken through a binary tree of multiplications, so it is right with any number of
 * zeros, and so are its derivatives. Rows [n, …] hold the factors.
 */

const times = (x: Tensor, y: Tensor): Tensor => apply(mulOp, [x, y]);
const rows = (x: Tensor, start: number, size: number): Tensor =>
  rawSlice(x, {
    starts: x.shape.map((_, k) => (k === 0 ? start : 0)),
    sizes: x.shape.map((n, k) => (k === 0 ? size : n)),
    steps: x.shape.map(() => 1),
  });

/** Rows appended up to a number: ones for factors, zeros for tangents. */
function padRows(x: Tensor, count: number, value: number): Tensor {
  const none = x.shape.map(() => 0);
  return rawPad(x, { low: none, high: [subDims(count, x.shape[0]), ...none.slice(1)], interior: none, value });
}

/** The reduced axes in front, as one axis of a fixed number of rows. */
interface Factors {
  readonly perm: readonly number[];
  readonly front: Shape;
  readonly rest: Shape;
  readonly count: number;
}

function factorsOf(x: Tensor, axes: readonly number[]): Factors {
  const others = otherAxes(x.rank, axes);
  const front = axes.map(axis => x.shape[axis]);
  // A symbolic number of factors is filled up to its bound.
  return {
    perm: [...axes, ...others],
    front,
    rest: others.map(axis => x.shape[axis]),
    count: dimMax(sizeOf(front)),
  };
}

const toRows = (x: Tensor, f: Factors, value: number): Tensor =>
  padRows(reshape(transpose(x, f.perm), [sizeOf(f.front), ...f.rest]), f.count, value);

/** The transpose of toRows. */
function fromRows(rowsOfX: Tensor, f: Factors): Tensor {
  const kept = rawSlice(rowsOfX, {
    starts: rowsOfX.shape.map(() => 0),
    sizes: [sizeOf(f.front), ...f.rest],
    steps: rowsOfX.shape.map(() => 1),
  });
  return transpose(reshape(kept, [...f.front, ...f.rest]), inversePermutation(f.perm));
}

interface Level {
  readonly left: Tensor;
  readonly right: Tensor;
  /** Rows before they were made even. */
  readonly count: number;
}

/** Products of the first half with the second half of the rows, until one row is left. */
function productTree(factors: Tensor, count: number): Level[] {
  const levels: Level[] = [];
  let current = factors;
  for (let n = count; n > 1; n = Math.ceil(n / 2)) {
    const half = Math.ceil(n / 2);
    const even = padRows(current, 2 * half, 1);
    const level = { left: rows(even, 0, half), right: rows(even, half, half), count: n };
    levels.push(level);
    current = times(level.left, level.right);
  }
  return levels;
}

export const prodOp = reduce({
  name: "prod",
  dtypes: ["f32", "f64", "i32", "u32"],
  empty: true,
  states: dtype => [{ dtype, init: 1 }],
  element: x => [x],
  combine: ([a], [b]) => [s.mul(a, b)],
  finish: ([y]) => y,
  reference: (values, dtype) => values.reduce((a, b) => (isFloat(dtype) ? a * b : Math.imul(a, b)), 1),
  derivative: {
    equations: ["ȳ·Π of the others"],
    vjp: ({ node, operands: [x], cotangents: [cotangent] }): Derivative[] => {
      if (!cotangent) return [null];
      const f = factorsOf(x, reducedAxes(node.attrs));
      if (f.count === 0) return [zerosLike(x)];
      let current = reshape(cotangent, [1, ...f.rest]);
      for (const { left, right, count } of productTree(toRows(x, f, 1), f.count).reverse()) {
        current = rows(concat([times(current, right), times(current, left)]), 0, count);
      }
      return [fromRows(current, f)];
    },
    jvp: ({ node, operands: [x], outputs: [y], tangents: [tangent] }): Derivative[] => {
      if (!tangent) return [null];
      const f = factorsOf(x, reducedAxes(node.attrs));
      if (f.count === 0) return [zerosLike(y)];
      let current = toRows(tangent, f, 0);
      for (const { left, right } of productTree(toRows(x, f, 1), f.count)) {
        const half = left.shape[0] as number;
        const even = padRows(current, 2 * half, 0);
        current = apply(addOp, [times(rows(even, 0, half), right), times(left, rows(even, half, half))]);
      }
      return [reshape(current, y.shape)];
    },
  },
  cost: 1,
});

/** The product over increasing axes, which are dropped. */
export const rawProd = (x: Tensor, axes: readonly number[]): Tensor => apply(prodOp, [x], { axes });

/**
 * The product over axes (default: of all elements). Integers wrap. The gradient is right with any number of zeros.
 * @param axes one axis or several, negative ones count from the back
 * @param options.keepDims keeps the axes with size 1
 */
export function prod<D extends NumericDType>(x: Tensor<D>): Scalar<D>;
export function prod<D extends NumericDType>(
  x: Tensor<D>,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor<D>;
export function prod(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return reduceOver("prod", rawProd, x, axes, options);
}
