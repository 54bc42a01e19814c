import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import { mulDims } from "../../shared/dim.ts";
import type { Storage } from "../storage.ts";
import type { Affine } from "./affine.ts";
import { type Letters, type Place, type Product, range } from "./product.ts";
import type { Columns, Tiling } from "./tiling.ts";

/** The operand of which neighbouring columns fill vectors. */
export interface RightOperand {
  /** The columns of one tile: vectors at `offsets` from `column` (`relative` to the block's first). */
  tile(column: Expr, relative: Expr, offsets: readonly number[]): RightTile;
  /** Offsets of the vectors that cover the last columns of a block. */
  restOffsets(rest: number): readonly number[];
}

export interface RightTile {
  /** How far a step of the depth moves. */
  readonly place: Affine;
  vectors(moved: Expr): Expr[];
}

/** Vectors over the last `rest` columns; the last one ends with the last column and repeats some before it. */
const overlapping = (rest: number, lanes: number): number[] =>
  range(Math.ceil(rest / lanes)).map(v => Math.min(v * lanes, rest - lanes));

/** Vectors over the last `rest` columns and, past the edge, copies of the last one. */
const padded = (rest: number, lanes: number): number[] => range(Math.ceil(rest / lanes)).map(v => v * lanes);

/** The right operand where it lies, if neighbouring columns are neighbours there. */
export function streamedPlace(product: Product, depth: readonly string[], letters: Letters): RightOperand | undefined {
  const { columns } = product.roles;
  const place = product.placeOf(1, [...columns, ...depth], letters);
  if (!place || !isUnit(product, place)) return undefined;
  const { builder: b } = product.e;
  const { dtype, lanes } = product;
  return {
    restOffsets: rest => overlapping(rest, lanes),
    tile: (column, _relative, offsets) => {
      const base = b.bind(s.iadd(place.base, column));
      return {
        place,
        vectors: moved => offsets.map(o => s.load(place.buffer, dtype, s.iadd(s.iadd(base, moved), s.int(o)), lanes)),
      };
    },
  };
}

function isUnit(product: Product, place: Place): boolean {
  const runs = product.runs(product.roles.columns, [place]);
  return runs.length === 1 && s.isValue(runs[0].strides[0], 1);
}

/**
 * Emits the copy of a block of columns into panels as wide as tiles: element (k, j) of the panel from column j0 lies at
 * j0·K + k·width + j.
 * @param exact the results are stored where they belong, so the last vectors may not reach past the edge
 */
export function packRight(
  product: Product,
  t: Tiling,
  columns: Columns,
  letters: Letters,
  exact: boolean,
): RightOperand {
  const { builder: b } = product.e;
  const { lanes, dtype } = product;
  const depth = product.size(t.innerDepth);
  const deep = s.dimExpr(depth);
  const panels = product.scratch("panels of the right operand", mulDims(depth, product.padded(columns.room, t.width)));
  const { full, rest } = columns;
  const fullOffsets = range(t.vectors).map(v => v * lanes);
  const restOffsets = exact ? overlapping(rest, lanes) : padded(rest, lanes);
  const pack = new Packing(product, t, columns, letters, panels);
  b.loop("j", s.int(0), full, j => pack.panel(s.iadd(columns.from, j), s.imul(j, deep), fullOffsets, t.width), {
    step: t.width,
  });
  if (rest > 0) {
    pack.panel(s.iadd(columns.from, full), s.imul(full, deep), restOffsets, restOffsets.length * lanes);
  }
  const buffer = b.buffer(panels, "read");
  return {
    restOffsets: () => restOffsets,
    tile: (_column, relative, offsets) => {
      const width = offsets.length * lanes;
      const base = b.bind(s.imul(relative, deep));
      return {
        place: product.flatDepth(t.innerDepth, s.int(width)),
        vectors: moved =>
          range(offsets.length).map(v => s.load(buffer, dtype, s.iadd(s.iadd(base, moved), s.int(v * lanes)), lanes)),
      };
    },
  };
}

class Packing {
  private readonly product: Product;
  private readonly t: Tiling;
  private readonly columns: Columns;
  private readonly letters: Letters;
  private readonly panels: Storage;
  private readonly place: Place | undefined;

  constructor(product: Product, t: Tiling, columns: Columns, letters: Letters, panels: Storage) {
    this.product = product;
    this.t = t;
    this.columns = columns;
    this.letters = letters;
    this.panels = panels;
    this.place = product.placeOf(1, [...product.roles.columns, ...t.innerDepth], letters);
  }

  /** Copies the columns of one panel. */
  panel(column: Expr, at: Expr, offsets: readonly number[], width: number): void {
    const { product, t, place } = this;
    const { lanes, dtype } = product;
    const { builder: b } = product.e;
    const into = b.buffer(this.panels, "write");
    const inside = this.staysInside(column, offsets);
    if (place && inside && isUnit(product, place)) {
      const base = b.bind(s.iadd(place.base, column));
      product.runNest(t.innerDepth, place, (k, moved) => {
        offsets.forEach((o, v) => {
          const value = s.load(place.buffer, dtype, b.bind(s.iadd(s.iadd(base, moved), s.int(o))), lanes);
          b.emit(s.store(into, b.bind(s.iadd(at, s.iadd(s.imul(k, s.int(width)), s.int(v * lanes)))), value));
        });
      });
      return;
    }
    const positions = offsets.flatMap(o => range(lanes).map(l => this.clamp(s.iadd(column, s.int(o + l)), inside)));
    const slot = (k: Expr, j: number): Expr => s.iadd(at, s.iadd(s.imul(k, s.int(width)), s.int(j)));
    if (place) {
      const bases = positions.map(position => b.bind(product.columnPlace(place, position)));
      product.runNest(t.innerDepth, place, (k, moved) => {
        bases.forEach((base, j) => {
          b.store(this.panels, slot(k, j), s.load(place.buffer, dtype, s.iadd(base, moved)));
        });
      });
      return;
    }
    const lettersAt = positions.map(position => product.at(product.roles.columns, position, this.letters));
    product.depthNest(t.innerDepth, {}, (k, depth) => {
      lettersAt.forEach((l, j) => {
        b.store(this.panels, slot(k, j), product.read(1, { ...l, ...depth }));
      });
    });
  }

  private staysInside(column: Expr, offsets: readonly number[]): boolean {
    if (this.columns.clamped) return false;
    if (!s.isConst(column) || typeof this.t.columns !== "number") return true;
    return column.value + offsets[offsets.length - 1] + this.product.lanes <= this.t.columns;
  }

  private clamp(position: Expr, inside: boolean): Expr {
    if (inside) return position;
    const last = s.isub(s.dimExpr(this.t.columns), s.int(1));
    if (s.isConst(position) && s.isConst(last)) return s.int(Math.min(position.value, last.value));
    return s.min(position, last);
  }
}
