import { checkSizes, checkTensors, checkWholeNumbers } from "../graph/arguments.ts";
import { oneCall } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { addDims, type Dim, dimEquals, mulDims } from "../shared/dim.ts";
import type { DType, NumericDType } from "../shared/dtype.ts";
import { formatType } from "../shared/shape.ts";
import { addOp, mulOp } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { callError, make } from "./coerce.ts";
import { eqOp, geOp, leOp } from "./compare.ts";
import { expand } from "./expand.ts";
import { pad } from "./pad.ts";
import { reshape } from "./reshape.ts";
import { where } from "./select.ts";
import { rawSlice } from "./slice.ts";
import { iota } from "./source.ts";
import { rawSum } from "./sum.ts";

/** The two sizes of the matrices in the last axes. */
function matrixSizes(who: string, x: Tensor, offset: number): readonly [Dim, Dim] {
  checkTensors(who, { x });
  checkWholeNumbers(who, "the diagonals", [offset]);
  if (x.rank >= 2) return [x.shape[x.rank - 2], x.shape[x.rank - 1]];
  throw callError("shape", `${who}: there is no matrix`, { expected: "[…, rows, columns]", received: formatType(x) });
}

/** Where row + offset and column compare as asked, [rows, columns]. */
const places = (compare: typeof eqOp, rows: Dim, columns: Dim, offset: number): Tensor<"bool"> =>
  make(compare, make(addOp, iota([rows, columns], 0), offset), iota([rows, columns], 1)) as Tensor<"bool">;

function triangle<D extends DType>(who: string, compare: typeof eqOp, x: Tensor<D>, offset: number): Tensor<D> {
  return oneCall(() => {
    const [rows, columns] = matrixSizes(who, x, offset);
    return where(places(compare, rows, columns, offset), x, 0) as Tensor as Tensor<D>;
  });
}

/**
 * The lower triangle of matrices […, rows, columns]: zeros above the diagonal.
 * @param offset which diagonal is the last one that stays: 0 the main one, 1 the one above it, −1 the one below
 * @throws GradcError `shape`
 */
export function tril<D extends DType>(x: Tensor<D>, offset = 0): Tensor<D> {
  return triangle("tril", geOp, x, offset);
}

/**
 * The upper triangle of matrices […, rows, columns]: zeros below the diagonal.
 * @param offset which diagonal is the first one that stays: 0 the main one, 1 the one above it, −1 the one below
 * @throws GradcError `shape`
 */
export function triu<D extends DType>(x: Tensor<D>, offset = 0): Tensor<D> {
  return triangle("triu", leOp, x, offset);
}

/** Ones on the diagonal, zeros elsewhere: [rows, columns] (default square), f32 by default. */
export function eye<D extends NumericDType = "f32">(rows: Dim, columns: Dim = rows, dtype?: D): Tensor<NoInfer<D>> {
  checkSizes("eye", [rows, columns]);
  return cast(places(eqOp, rows, columns, 0), dtype ?? "f32") as Tensor<D>;
}

/**
 * Matrices with the last axis of v on a diagonal and zeros elsewhere: […, n] → […, n + |offset|, n + |offset|].
 * @param offset 0 the main diagonal, 1 the one above it, −1 the one below
 * @throws GradcError `shape` for a scalar
 */
export function diag<D extends DType>(v: Tensor<D>, offset = 0): Tensor<D> {
  checkTensors("diag", { v });
  checkWholeNumbers("diag", "the diagonals", [offset]);
  if (v.rank === 0) throw callError("shape", "diag: a scalar is no diagonal", { expected: "[…, n]" });
  return oneCall(() => {
    const last = v.rank - 1;
    const zero: [number, number] = [0, 0];
    const lead = v.shape.slice(0, -1);
    const longer = pad(v, [...lead.map(() => zero), [0, Math.abs(offset)]]);
    const n = longer.shape[last];
    const axes = longer.shape.map((_, axis) => axis);
    // Above the diagonal an element is found by its row, below by its column.
    const own = offset >= 0 ? axes : [...axes.slice(0, -1), last + 1];
    return where(places(eqOp, n, n, offset), expand(longer, [...lead, n, n], own), 0) as Tensor as Tensor<D>;
  });
}

/** |offset| less than a size, at least 0. */
const shorter = (n: Dim, by: number): Dim => (typeof n === "number" ? Math.max(n - by, 0) : addDims(n, -by));

function rawDiagonal(x: Tensor, rows: Dim, columns: Dim, offset: number): Tensor {
  const lead = x.shape.slice(0, -2);
  const box = (start: Dim, size: Dim, step: number) => ({
    starts: [...lead.map(() => 0), start],
    sizes: [...lead, size],
    steps: [...lead.map(() => 1), step],
  });
  if (typeof rows === "number" && typeof columns === "number") {
    // Steps of a row and a column through the matrix as one run.
    const size = Math.max(Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)), 0);
    const start = size === 0 ? 0 : offset >= 0 ? offset : -offset * columns;
    return rawSlice(reshape(x, [...lead, mulDims(rows, columns)]), box(start, size, columns + 1));
  }
  if (!dimEquals(rows, columns)) {
    throw callError("dimension", "diagonal: matrices of symbolic sizes must be square", {
      expected: "[…, n, n]",
      received: formatType(x),
    });
  }
  const kept = where(places(eqOp, rows, columns, offset), x, 0) as Tensor;
  return rawSlice(rawSum(kept, [x.rank - 1]), box(Math.max(-offset, 0), shorter(rows, Math.abs(offset)), 1));
}

/**
 * A diagonal of matrices: […, rows, columns] → […, length].
 * @param offset 0 the main diagonal, 1 the one above it, −1 the one below
 * @throws GradcError `shape`; `dimension` for matrices of symbolic sizes that are not square
 */
export function diagonal<D extends DType>(x: Tensor<D>, offset = 0): Tensor<D> {
  return oneCall(() => {
    const [rows, columns] = matrixSizes("diagonal", x, offset);
    return rawDiagonal(x, rows, columns, offset) as Tensor<D>;
  });
}

/**
 * The sum of a diagonal of matrices: […, rows, columns] → […].
 * @param offset 0 the main diagonal, 1 the one above it, −1 the one below
 * @throws GradcError `shape`
 */
export function trace<D extends NumericDType>(x: Tensor<D>, offset = 0): Tensor<D> {
  return oneCall(() => {
    const [rows, columns] = matrixSizes("trace", x, offset);
    const line = rawDiagonal(x, rows, columns, offset);
    return rawSum(line, [line.rank - 1]) as Tensor<D>;
  });
}

/**
 * Kronecker's product: blocks a[i, j]·b, [m, n] and [p, q] → [m·p, n·q]; any number of axes, aligned at the last one.
 * @throws GradcError `dtype`
 */
export function kron<D extends NumericDType>(a: Tensor<D>, b: Tensor<NoInfer<D>>): Tensor<D> {
  checkTensors("kron", { a, b });
  return oneCall(() => {
    const rank = Math.max(a.rank, b.rank);
    const sizes = (x: Tensor): Dim[] => [...new Array<Dim>(rank - x.rank).fill(1), ...x.shape];
    const [outer, inner] = [sizes(a), sizes(b)];
    const blocks = make(
      mulOp,
      reshape(
        a,
        outer.flatMap(n => [n, 1]),
      ),
      reshape(
        b,
        inner.flatMap(n => [1, n]),
      ),
    );
    return reshape(
      blocks,
      outer.map((n, axis) => mulDims(n, inner[axis])),
    ) as Tensor<D>;
  });
}
