import type { Tensor } from "../../graph/tensor.ts";
import { dimEquals } from "../../shared/dim.ts";
import { GradcError } from "../../shared/errors.ts";
import { broadcastShapes, formatType, sizeOf } from "../../shared/shape.ts";
import { broadcastTo, callError } from "../coerce.ts";
import { expandDims, reshape, squeeze, transpose } from "../view.ts";
import { batchOf, checkSquare, columnsOf, rowsOf } from "./matrices.ts";

/**
 * Right sides as users write them, for an operation on matrices with equal batches: a vector is one column; the right
 * sides of one single matrix become columns, so that it is factored once; other batches broadcast.
 * @param solve [..., n, k], [..., n, m] → [..., k, m]
 */
export function solveWith(name: string, a: Tensor, b: Tensor, solve: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const fail = (code: "shape" | "dtype", expected: string) =>
    callError(code, `${name}: matrix and right sides do not fit`, {
      expected,
      received: `${formatType(a)} and ${formatType(b)}`,
    });
  if (b.dtype !== a.dtype) throw fail("dtype", "one dtype");
  const batch = broadcastShapes(batchOf(a), batchOf(b));
  if (a.rank < 2 || b.rank < 1 || !batch || !dimEquals(rowsOf(a), b.shape[Math.max(b.rank - 2, 0)])) {
    throw fail("shape", "[..., n, k] and [..., n, m] with batches that broadcast, or [..., n, k] and [n]");
  }
  if (b.rank === 1) return squeeze(solveWith(name, a, expandDims(b, 1), solve), -1);
  if (a.rank === 2 && b.rank > 2) {
    const last = b.rank - 2;
    const axes = batch.map((_, axis) => axis);
    const columns = reshape(transpose(b, [last, ...axes, last + 1]), [rowsOf(b), sizeOf([...batch, columnsOf(b)])]);
    const solved = reshape(solve(a, columns), [columnsOf(a), ...batch, columnsOf(b)]);
    return transpose(solved, [...axes.map(axis => axis + 1), 0, last + 1]);
  }
  const spread = (x: Tensor): Tensor => broadcastTo(x, [...batch, rowsOf(x), columnsOf(x)]);
  return solve(spread(a), spread(b));
}

/** Runs a type rule for a function that is no node of its own, with the user's place in what it throws. */
export function checkedCall(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof GradcError)) throw error;
    throw callError(error.code, error.message.split("\n", 1)[0], error.details);
  }
}

/** @throws GradcError `shape`, `dtype` unless x holds square matrices of floats */
export const checkedSquare = (name: string, x: Tensor): void => checkedCall(() => checkSquare(name, x));
