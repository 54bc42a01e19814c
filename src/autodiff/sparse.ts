import { argumentError, callError, checkOptions, checkTensors } from "../graph/arguments.ts";
import { createNode } from "../graph/node.ts";
import { oneCall, withOrigin } from "../graph/provenance.ts";
import type { Scalar, Tensor } from "../graph/tensor.ts";
import { dependenceOf } from "../kinds/sparsity.ts";
import { cast } from "../ops/cast.ts";
import { eq } from "../ops/compare.ts";
import { constantOf } from "../ops/constant.ts";
import { expand } from "../ops/expand.ts";
import { gather } from "../ops/gather.ts";
import { reshape } from "../ops/reshape.ts";
import { iota, zeros } from "../ops/source.ts";
import { formatType } from "../shared/shape.ts";
import { checkScalar, type DerivativeOptions, grad, targetLeaves } from "./api.ts";
import { expandRequests } from "./expand.ts";
import type { JacobianOptions } from "./jacobian.ts";
import { jvpRequest, vjpRequest } from "./request.ts";

/** Places that may be other than zero: entry e is at row `rows[e]` and column `cols[e]`. */
export interface Pattern {
  readonly rows: ArrayLike<number>;
  readonly cols: ArrayLike<number>;
}

/** A matrix with a row for each element of y and a column for each of the target, row by row. */
export interface SparseJacobian {
  readonly rows: Int32Array;
  readonly cols: Int32Array;
  /** [entries], of y's dtype. */
  readonly values: Tensor;
  /** Rows and columns. */
  readonly shape: readonly [number, number];
  /** How many tangents or cotangents it takes. */
  readonly directions: number;
}

export interface SparseOptions extends JacobianOptions {
  /** Where entries may be other than zero, if it is known better than the graph tells; all others are taken to be zero. */
  readonly pattern?: Pattern;
}

const count = ({ shape }: Tensor): number => shape.reduce<number>((p, d) => p * Number(d), 1);

/** The pattern that follows from the graph. */
function patternOf(y: Tensor, x: Tensor): { rows: number[]; cols: number[] } {
  // Only looked at: what is declared keeps its requests.
  const [expanded, target] = withOrigin(null, () => expandRequests([y, x]));
  const depends = dependenceOf(expanded, target);
  return {
    rows: depends.flatMap((places, row) => places.map(() => row)),
    cols: depends.flatMap(places => [...places]),
  };
}

function readPattern({ rows, cols }: Pattern, m: number, n: number): { rows: number[]; cols: number[] } {
  const [r, c] = [Array.from(rows ?? []), Array.from(cols ?? [])];
  const fits = (list: readonly number[], size: number): boolean =>
    list.every(i => Number.isInteger(i) && i >= 0 && i < size);
  if (r.length !== c.length || !fits(r, m) || !fits(c, n)) {
    throw argumentError("sparseJacobian", "the pattern does not fit", `as many rows below ${m} as columns below ${n}`, {
      rows: r.length,
      cols: c.length,
    });
  }
  // Row by row, each place once.
  const places = [...new Set(r.map((row, e) => row * n + c[e]))].sort((a, b) => a - b);
  return { rows: places.map(p => Math.floor(p / n)), cols: places.map(p => p % n) };
}

/**
 * Colours lines (columns or rows) so that no two of a colour meet in a crossing line: greedily, those with most entries
 * first (Coleman and Moré: Estimation of sparse Jacobian matrices and graph coloring problems; 1983).
 */
function colour(
  lines: readonly number[],
  crossings: readonly number[],
  size: number,
): { of: Int32Array; colours: number } {
  const ofLine: number[][] = Array.from({ length: size }, () => []);
  const through = new Map<number, number[]>();
  lines.forEach((line, e) => {
    ofLine[line].push(crossings[e]);
    const list = through.get(crossings[e]);
    if (list) list.push(line);
    else through.set(crossings[e], [line]);
  });
  const of = new Int32Array(size).fill(-1);
  const order = ofLine.map((_, line) => line).sort((a, b) => ofLine[b].length - ofLine[a].length || a - b);
  let colours = 0;
  for (const line of order) {
    if (ofLine[line].length === 0) continue;
    const taken = new Set<number>();
    for (const crossing of ofLine[line]) for (const other of through.get(crossing) ?? []) taken.add(of[other]);
    let next = 0;
    while (taken.has(next)) next++;
    of[line] = next;
    colours = Math.max(colours, next + 1);
  }
  return { of, colours };
}

/** A direction for each colour: the sum of the basis vectors of its lines. */
function directionsFor(x: Tensor, of: Int32Array, colours: number): Tensor {
  const n = of.length;
  const own = expand(constantOf("i32", [n], of) as Tensor<"i32">, [colours, n], [1]);
  return reshape(cast(eq(iota([colours, n], 0), own), x.dtype), [colours, ...x.shape]);
}

function compressed(y: Tensor, x: Tensor, { mode, pattern }: SparseOptions): SparseJacobian {
  for (const value of [y, x]) {
    if (value.shape.every(d => typeof d === "number")) continue;
    throw callError("dimension", "sparseJacobian: a size is known at the call only", {
      expected: "numbers for all sizes: the pattern is part of the program",
      received: formatType(value),
    });
  }
  const [m, n] = [count(y), count(x)];
  const { rows, cols } = pattern ? readPattern(pattern, m, n) : patternOf(y, x);
  const byColumn = mode === "reverse" ? undefined : colour(cols, rows, n);
  const byRow = mode === "forward" ? undefined : colour(rows, cols, m);
  const forward = byColumn !== undefined && (byRow === undefined || byColumn.colours <= byRow.colours);
  const { of, colours } = (forward ? byColumn : byRow) ?? { of: new Int32Array(), colours: 0 };
  const found = { rows: Int32Array.from(rows), cols: Int32Array.from(cols), shape: [m, n] as const };
  if (colours === 0) return { ...found, values: zeros([0], y.dtype), directions: 0 };
  const seeds = directionsFor(forward ? x : y, of, colours);
  const operands = forward ? [y, x, seeds] : [y, seeds, x];
  const request = createNode(forward ? jvpRequest : vjpRequest, operands, { targets: 1, directions: colours });
  const width = forward ? m : n;
  const places = rows.map((row, e) => (forward ? of[cols[e]] * width + row : of[row] * width + cols[e]));
  const flat = reshape(request.outputs[0], [colours * width]);
  const values = gather(flat, constantOf("i32", [places.length], Int32Array.from(places)) as Tensor<"i32">);
  return { ...found, values, directions: colours };
}

/**
 * The entries of ∂y/∂x that may be other than zero. Where they may be is read off the graph (indices that are constants
 * count as known); columns that meet in no row share a tangent, or rows that meet in no column a cotangent, whichever
 * takes fewer.
 * @param y f32 or f64, sizes are numbers
 * @param x one target
 * @param options.mode `forward` compresses columns, `reverse` rows; default: whichever takes fewer directions
 * @throws GradcError `integer-gradient`, `disconnected-gradient`, `dimension`, `argument` for a pattern that does not fit
 */
export function sparseJacobian(y: Tensor, x: Tensor, options: SparseOptions = {}): SparseJacobian {
  return oneCall(() => {
    checkOptions("sparseJacobian", options, ["mode", "disconnected", "pattern"]);
    const { mode, pattern, ...rest } = options;
    checkTensors("sparseJacobian", { x });
    targetLeaves("sparseJacobian", y, x, rest);
    return compressed(y, x, { mode, pattern });
  });
}

/**
 * The entries of the Hessian of a scalar that may be other than zero: the sparse Jacobian of its gradient.
 * @param y a scalar, f32 or f64
 * @param x one target, sizes are numbers
 * @throws GradcError `not-scalar`, `integer-gradient`, `disconnected-gradient`, `dimension`
 */
export function sparseHessian(
  y: Scalar | Tensor,
  x: Tensor,
  options: DerivativeOptions & Pick<SparseOptions, "pattern"> = {},
): SparseJacobian {
  return oneCall(() => {
    checkScalar("sparseHessian", y);
    checkOptions("sparseHessian", options, ["disconnected", "pattern"]);
    const { pattern, ...rest } = options;
    checkTensors("sparseHessian", { x });
    const gradient: Tensor = grad(y, x, rest);
    return compressed(gradient, x, { mode: "forward", pattern });
  });
}
