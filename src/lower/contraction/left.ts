import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import { dimMax, mulDims } from "../../shared/dim.ts";
import { BYTES } from "../../shared/dtype.ts";
import { present } from "../../shared/errors.ts";
import type { Storage } from "../storage.ts";
import type { Affine } from "./affine.ts";
import { edge } from "./direct.ts";
import { type Letters, type Place, type Product, type RowPlace, range } from "./product.ts";
import { rowTiles, type Tiling } from "./tiling.ts";

/** The operand whose elements are repeated in all lanes. */
export interface LeftOperand {
  /** Rows i0 … i0 + height − 1, at a position of the outer depth. */
  rows(i0: Expr, height: number, letters: Letters): LeftRows;
}

/** Some rows of it: how far a step of the depth moves (`place`), and element (r, depth position) in all lanes. */
export interface LeftRows {
  readonly place: Affine;
  splat(r: number, moved: Expr): Expr;
}

/** Steps of a page: neighbours in the depth share no page, and powers of two share a set of the cache. */
const PAGE = 4096;
/** Steps so long that neither lines nor pages are fetched ahead. */
const LONG_STEP = PAGE / 2;

/** The left operand where it lies; a packed copy if it is computed, lies irregularly, or in steps too long for caches. */
export function leftOperand(product: Product, t: Tiling, letters: Letters): LeftOperand {
  const place = product.placeOf(0, [...product.roles.rows, ...product.roles.depth], letters);
  if (!place || isScattered(product, t, place)) return packedLeft(product, t, letters, place);
  return {
    rows: (i0, height, inside) => {
      const here = { ...place, base: s.iadd(place.base, product.outerOffset(place, t, inside)) };
      const rows = product.rowPlaces(here, t, i0, height);
      return { place, splat: (r, moved) => splat(product, place.buffer, within(rows[r], moved)) };
    },
  };
}

function isScattered(product: Product, t: Tiling, place: Place): boolean {
  const {
    extent,
    strides: [stride],
  } = present(product.runs(t.innerDepth, [place]).at(-1));
  if (!s.isConst(stride)) return false;
  const bytes = Math.abs(stride.value) * BYTES[product.dtype];
  const steps = s.isConst(extent) ? extent.value : dimMax(product.size(t.innerDepth));
  return bytes >= LONG_STEP && steps >= (bytes % PAGE === 0 ? 64 : 512);
}

/** Element (r, k) of the row tile at i0 lies at i0·K + k·height + r; without blocks of columns, each tile replaces the last. */
function packedLeft(product: Product, t: Tiling, letters: Letters, place: Place | undefined): LeftOperand {
  const { builder: b } = product.e;
  const { depth: depthLetters } = product.roles;
  const depth = product.size(depthLetters);
  const whole = t.block !== undefined || t.outerDepth.length > 0;
  const rows = whole ? product.padded(t.rows, t.height) : t.height;
  const panel = product.scratch("panels of the left operand", mulDims(depth, rows), { own: !whole });
  const buffer = b.buffer(panel, "read");
  const startOf = (i0: Expr): Expr => (whole ? s.imul(i0, s.dimExpr(depth)) : s.int(0));
  const pack = (i0: Expr, height: number): void => {
    const slot = (k: Expr, r: number): Expr => s.iadd(s.iadd(startOf(i0), s.imul(k, s.int(height))), s.int(r));
    packRows(product, t, letters, place, { panel, i0, height, slot });
  };
  if (whole) rowTiles(product, t, pack);
  return {
    rows: (i0, height, inside) => {
      if (!whole) pack(i0, height);
      const flat = product.flatDepth(depthLetters, s.int(height));
      const start = b.bind(s.iadd(startOf(i0), product.outerOffset(flat, t, inside)));
      return {
        place: flat,
        splat: (r, moved) => splat(product, buffer, s.iadd(s.iadd(start, moved), s.int(r))),
      };
    },
  };
}

interface RowTile {
  readonly panel: Storage;
  readonly i0: Expr;
  readonly height: number;
  slot(k: Expr, r: number): Expr;
}

function packRows(
  product: Product,
  t: Tiling,
  letters: Letters,
  place: Place | undefined,
  { panel, i0, height, slot }: RowTile,
): void {
  const { builder: b } = product.e;
  if (place) {
    const rows = product.rowPlaces(place, t, i0, height);
    product.runNest(product.roles.depth, place, (k, moved) => {
      rows.forEach((row, r) => {
        b.store(panel, slot(k, r), s.load(place.buffer, product.dtype, within(row, moved)));
      });
    });
    return;
  }
  range(height).forEach(r => {
    const rowLetters = product.at(product.roles.rows, edge(i0, r, t.rows, t.height), letters);
    product.depthNest(product.roles.depth, rowLetters, (k, all) => b.store(panel, slot(k, r), product.read(0, all)));
  });
}

const within = ({ base, offset }: RowPlace, moved: Expr): Expr => s.iadd(s.iadd(moved, base), s.int(offset));

const splat = ({ dtype, lanes }: Product, buffer: string, index: Expr): Expr => ({
  op: "load",
  buffer,
  dtype,
  lanes,
  index,
  splat: true,
});
