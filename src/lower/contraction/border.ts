import type { AxisMap, ContractionForm } from "../../kinds/form.ts";
import * as s from "../../loop/build.ts";
import type { Expr, TargetProfile } from "../../loop/ir.ts";
import type { Dim } from "../../shared/dim.ts";
import { type Shape, sizeOf } from "../../shared/shape.ts";
import { type Product, range } from "./product.ts";
import type { Roles } from "./roles.ts";
import type { Tiling } from "./tiling.ts";

/** The positions of a depth letter at which a row tile does not read zeros only. */
export interface Bounds {
  readonly from: Expr;
  readonly to: Expr;
}

/** An axis of the left operand at row·r + depth·d + offset, which windows leave. */
export interface Window {
  /** The depth letter d. */
  readonly letter: string;
  /** The letter of rows r. */
  readonly rowLetter: string;
  readonly depth: 1 | -1;
  readonly depthExtent: number;
  readonly row: number;
  readonly rowExtent: number;
  readonly offset: number;
  readonly size: number;
  /** Rows of the product for each r. */
  readonly inner: number;
}

/** Less than this part of the reads is not worth asking for. */
const WORTHWHILE = 0.1;
/** From this part on it pays to have rows of a tile at the same position, one of each image, though runs are shorter then. */
const WORTH_ANOTHER_ORDER = 0.2;

/**
 * Windows that are long for what they slide over (the gradient of a convolution without padding: 5 positions of 14) read
 * zeros for much of their time. Along an axis of which neighbouring rows share a position, a row tile need not.
 */
export function windowsOf(product: Product, t: Tiling): readonly Window[] {
  if (!product.profile.dropsZeros || typeof t.rows !== "number") return [];
  const windows = allWindows(product.form, product.node.operands[0].shape, product.roles);
  // A tile should not stand for many positions, and the innermost run should keep its length.
  return windows.filter(w => w.inner >= t.height && w.letter !== t.innerDepth.at(-1) && zerosOf(w) >= WORTHWHILE);
}

/** The order of rows: where windows along the last axis read many zeros, letters that move no window come last. */
export function orderRows(
  form: ContractionForm,
  shape: Shape,
  roles: Roles,
  { dropsZeros, tile }: TargetProfile,
): Roles {
  const windows = dropsZeros ? allWindows(form, shape, roles) : [];
  if (!windows.some(w => w.inner < tile.rows && zerosOf(w) >= WORTH_ANOTHER_ORDER)) return roles;
  const moving = roles.rows.filter(l => windows.some(w => w.rowLetter === l));
  const resting = roles.rows.filter(l => !moving.includes(l));
  const images = sizeOf(resting.map(l => form.extents[l]));
  return typeof images === "number" && images >= tile.rows ? { ...roles, rows: [...moving, ...resting] } : roles;
}

const allWindows = (form: ContractionForm, shape: Shape, roles: Roles): Window[] =>
  form.left.flatMap((axis, k) => windowOf(form, roles, axis, shape[k]) ?? []);

function windowOf({ extents }: ContractionForm, { rows, depth }: Roles, axis: AxisMap, size: Dim): Window | undefined {
  const inDepth = axis.terms.find(x => depth.includes(x.letter));
  const inRows = axis.terms.find(x => rows.includes(x.letter));
  if (!axis.guarded || axis.terms.length !== 2 || !inDepth || !inRows) return undefined;
  const { letter, coefficient } = inDepth;
  const rowLetter = inRows.letter;
  const sizes = {
    inner: sizeOf(rows.slice(rows.indexOf(rowLetter) + 1).map(l => extents[l])),
    rowExtent: extents[rowLetter],
    depthExtent: extents[letter],
    size,
  };
  if (!known(sizes) || (coefficient !== 1 && coefficient !== -1)) return undefined;
  return { ...sizes, letter, rowLetter, depth: coefficient, row: inRows.coefficient, offset: axis.offset };
}

const known = <K extends string>(sizes: Record<K, Dim>): sizes is Record<K, number> =>
  Object.values(sizes).every(x => typeof x === "number");

/** The part of its reads that is zeros. */
function zerosOf({ depth, depthExtent, row, rowExtent, offset, size }: Window): number {
  const inside = (r: number, d: number): boolean => {
    const at = row * r + depth * d + offset;
    return at >= 0 && at < size;
  };
  const reads = range(rowExtent).reduce((sum, r) => sum + range(depthExtent).filter(d => inside(r, d)).length, 0);
  return 1 - reads / (rowExtent * depthExtent);
}

/** For a row tile, the bounds of the letters of windows; its rows are in no more than two positions along them. */
export function boundsOf(product: Product, windows: readonly Window[], i0: Expr, height: number): Map<string, Bounds> {
  const { builder: b } = product.e;
  return new Map(
    windows.map(w => {
      const positions = [i0, s.iadd(i0, s.int(height - 1))].map(i =>
        s.irem(s.idiv(i, s.int(w.inner)), s.int(w.rowExtent)),
      );
      const [first, last] = positions.map(r => reach(w, r));
      return [w.letter, { from: b.name(s.min(first.from, last.from), "n"), to: b.name(s.max(first.to, last.to), "n") }];
    }),
  );
}

/** 0 ≤ row·r + depth·d + offset < size, solved for 0 ≤ d < extent. */
function reach({ row, depth, depthExtent, offset, size }: Window, r: Expr): Bounds {
  const at = s.iadd(s.imul(r, s.int(row)), s.int(offset));
  const [from, to] =
    depth === 1 ? [s.isub(s.int(0), at), s.isub(s.int(size), at)] : [s.isub(at, s.int(size - 1)), s.iadd(at, s.int(1))];
  return { from: s.max(from, s.int(0)), to: s.min(to, s.int(depthExtent)) };
}
