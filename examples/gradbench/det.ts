import { constant, gather, indexAt, mul, reshape, type Scalar, sum, type Tensor } from "gradc";
import { gradientTask, valueTask } from "./function-of-vector.ts";
import type { Module } from "./task.ts";

interface Input {
  readonly A: readonly number[];
  readonly ell: number;
}

/** Sets of columns as bits, by size: `sets[k]` holds those of k columns. */
function setsOfColumns(n: number): number[][] {
  const sets: number[][] = Array.from({ length: n + 1 }, () => []);
  for (let set = 0; set < 2 ** n; set++) {
    let size = 0;
    for (let rest = set; rest > 0; rest >>= 1) size += rest & 1;
    sets[size].push(set);
  }
  return sets;
}

const columnsOf = (set: number, n: number): number[] =>
  Array.from({ length: n }, (_, j) => j).filter(j => (set >> j) & 1);

/**
 * The determinant by expansion along the first row, then that of every minor in turn; minors of the same columns are
 * computed once: of the last k rows, one for every set of k columns.
 * @param a an n×n matrix, row by row
 */
export function determinant(a: Tensor<"f64">, n: number): Scalar<"f64"> {
  const sets = setsOfColumns(n);
  const rows = reshape(a, [n, n]);
  let minors = indexAt(rows, n - 1);
  for (let k = 2; k <= n; k++) {
    const place = new Map(sets[k - 1].map((set, i) => [set, i]));
    const columns = sets[k].map(set => columnsOf(set, n));
    const smaller = sets[k].map((set, i) => columns[i].map(j => place.get(set - 2 ** j) ?? 0));
    const signs = columns.map(list => list.map((_, position) => (position % 2 === 0 ? 1 : -1)));
    const entries = gather(indexAt(rows, n - k), constant(columns, [columns.length, k], "i32"));
    const rest = gather(minors, constant(smaller, [columns.length, k], "i32"));
    minors = sum(mul(mul(entries, constant(signs, [columns.length, k], "f64")), rest), -1);
  }
  return sum(minors);
}

/** The determinant by minors, and its gradient in the entries. */
export const det: Module = {
  primal: ({ A, ell }: Input) => valueTask("det primal", A, a => determinant(a, ell)),
  gradient: ({ A, ell }: Input) => gradientTask("det gradient", A, a => determinant(a, ell)),
};
