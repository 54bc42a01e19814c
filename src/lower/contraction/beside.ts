import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import type { Storage } from "../storage.ts";
import { depthRuns } from "./depth-runs.ts";
import { type Letters, type Place, type Product, range } from "./product.ts";
import type { Tiling } from "./tiling.ts";

/** Sums of a tile: as many as elsewhere. */
const SUMS = 12;

/** Columns that have been computed beside the tiles. */
export interface Beside {
  /** Copies the sums of some rows to where those of the tiles are: row `from` at `first`, rows `stride` apart. */
  bringHome(into: Storage, first: Expr, stride: Expr, rows: { readonly from: Expr; readonly count: Expr }): void;
}

/**
 * Fewer columns than a vector has, beside the full tiles (17 = 2·8 + 1), leave most lanes of theirs empty. Where
 * neighbouring rows are neighbours in the left operand (the gradient of a convolution's kernel), they are computed the other way
 * round: vectors of rows times splat columns. Each sum runs over the depth in its order, as everywhere.
 */
export function columnsBeside(product: Product, t: Tiling, letters: Letters): Beside | undefined {
  const { roles, lanes, e, dtype } = product;
  if (t.block !== undefined) return undefined;
  if (typeof t.columns !== "number" || typeof t.rows !== "number") return undefined;
  const count = t.columns % t.width;
  if (count === 0 || count >= lanes) return undefined;
  const left = product.placeOf(0, [...roles.rows, ...roles.depth], letters);
  const right = product.placeOf(1, [...roles.columns, ...roles.depth], letters);
  const length = left && neighbours(product, left);
  if (!left || !right || !length || length < lanes) return undefined;

  const { builder: b } = e;
  const { rows, columns } = t;
  const storage = product.scratch("sums beside the tiles", count * rows);
  const places = range(count).map(c => product.columnPlace(right, s.int(columns - count + c)));
  const tile = (base: Expr, row: Expr, offsets: readonly number[]): void => {
    const names = places.map(() => offsets.map(() => b.fresh("c")));
    for (const name of names.flat()) b.emit(s.varStmt(name, s.literal(dtype, 0, lanes)));
    depthRuns(product, roles.depth, [left, right], (x, y) => {
      const xs = offsets.map(o => b.freeze(s.load(left.buffer, dtype, s.iadd(s.iadd(base, x), s.int(o)), lanes), "x"));
      names.forEach((sums, c) => {
        const splat: Expr = {
          op: "load",
          buffer: right.buffer,
          dtype,
          lanes,
          index: s.iadd(places[c], y),
          splat: true,
        };
        const factor = b.freeze(splat, "y");
        sums.forEach((name, v) => {
          b.emit(s.assign(name, product.multiplyAdd(xs[v], factor, s.variable(name, dtype, lanes))));
        });
      });
    });
    names.forEach((sums, c) => {
      sums.forEach((name, v) => {
        b.store(storage, s.iadd(row, s.int(c * rows + offsets[v])), s.variable(name, dtype, lanes));
      });
    });
  };
  const vectors = range(Math.floor(SUMS / count)).map(v => v * lanes);
  const step = vectors.length * lanes;
  const whole = length - (length % step);
  b.loop(
    "o",
    s.int(0),
    s.int(rows / length),
    o => {
      const first = b.name(s.imul(o, s.int(length)), "n");
      const [{ base }] = product.rowPlaces(left, t, first, 1);
      if (whole > 0)
        b.loop("p", s.int(0), s.int(whole), p => tile(s.iadd(base, p), s.iadd(first, p), vectors), { step });
      if (whole === length) return;
      // The last vector ends with the last row, and may repeat some before it.
      const last = range(Math.ceil((length - whole) / lanes)).map(v => Math.min(whole + v * lanes, length - lanes));
      tile(base, first, last);
    },
    product.shared,
  );
  return {
    bringHome(into, first, stride, { from, count: some }) {
      b.loop("i", s.int(0), some, i => {
        const at = b.bind(s.iadd(first, s.imul(i, stride)));
        for (const c of range(count)) {
          b.store(into, s.iadd(at, s.int(c)), b.load(storage, s.iadd(s.iadd(from, i), s.int(c * rows))));
        }
      });
    },
  };
}

/** How many rows follow each other in memory; undefined where they do not. */
function neighbours(product: Product, left: Place): number | undefined {
  const run = product.runs(product.roles.rows, [left]).at(-1);
  return run && s.isValue(run.strides[0], 1) && s.isConst(run.extent) ? run.extent.value : undefined;
}
