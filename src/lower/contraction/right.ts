import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import { mulDims } from "../../shared/dim.ts";
import type { Storage } from "../storage.ts";
import type { Affine } from "./affine.ts";
import { type Letters, type Place, type Product, range } from "./product.ts";
import type { Tiling } from "./tiling.ts";

/** The operand of which neighbouring columns fill vectors. */
export interface RightOperand {
  /** The columns of one tile: vectors at `offsets` from `column`, at a position of the outer depth. */
  tile(column: Expr, offsets: readonly number[], letters: Letters): RightTile;
  /** Offsets of the vectors that cover the columns beside the full tiles. */
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
export function streamedRight(product: Product, t: Tiling, letters: Letters): RightOperand | undefined {
  const place = unitPlace(product, letters);
  if (!place) return undefined;
  const { builder: b } = product.e;
  const { dtype, lanes } = product;
  return {
    restOffsets: rest => overlapping(rest, lanes),
    tile: (column, offsets, inside) => {
      const base = b.bind(s.iadd(s.iadd(place.base, product.outerOffset(place, t, inside)), column));
      return {
        place,
        vectors: moved => offsets.map(o => s.load(place.buffer, dtype, s.iadd(s.iadd(base, moved), s.int(o)), lanes)),
      };
    },
  };
}

/** Where the right operand lies, if neighbouring columns are neighbours there. */
export function unitPlace(product: Product, letters: Letters): Place | undefined {
  const place = product.placeOf(1, [...product.roles.columns, ...product.roles.depth], letters);
  return place && isUnit(product, place) ? place : undefined;
}

function isUnit(product: Product, place: Place): boolean {
  const runs = product.runs(product.roles.columns, [place]);
  return runs.length === 1 && s.isValue(runs[0].strides[0], 1);
}

/**
 * Emits the copy of the right operand into panels as wide as tiles: element (k, j) of the panel from column j0 lies at
 * j0·K + k·width + j.
 * @param exact the results are stored where they belong, so the last vectors may not reach past the edge
 * @param beside columns beside the full tiles are not asked for
 */
export function packRight(
  product: Product,
  t: Tiling,
  letters: Letters,
  { exact, beside }: { readonly exact: boolean; readonly beside: boolean },
): RightOperand {
  const { builder: b } = product.e;
  const { lanes, dtype } = product;
  const { depth: depthLetters } = product.roles;
  const depth = product.size(depthLetters);
  const deep = s.dimExpr(depth);
  const panels = product.scratch("panels of the right operand", mulDims(depth, product.padded(t.columns, t.width)));
  const edge = typeof t.columns === "number" ? t.columns % t.width : 0;
  const rest = beside ? 0 : edge;
  const full = s.isub(s.dimExpr(t.columns), s.int(edge));
  const fullOffsets = range(t.vectors).map(v => v * lanes);
  const restOffsets = exact ? overlapping(rest, lanes) : padded(rest, lanes);
  const pack = new Packing(product, t, letters, panels);
  if (t.outerDepth.length === 0) {
    b.loop("j", s.int(0), full, j => pack.panel(j, s.imul(j, deep), fullOffsets), { step: t.width, ...product.shared });
    if (rest > 0) product.once(() => pack.panel(full, s.imul(full, deep), restOffsets));
  } else {
    // A long depth has more blocks than columns have panels.
    const inner = s.dimExpr(product.size(t.innerDepth));
    outerNest(product, t, (block, outer) => {
      const at = (column: Expr, width: number): Expr =>
        s.iadd(s.imul(column, deep), s.imul(s.imul(block, inner), s.int(width)));
      b.loop("j", s.int(0), full, j => pack.panel(j, at(j, t.width), fullOffsets, outer), { step: t.width });
      if (rest > 0) pack.panel(full, at(full, restOffsets.length * lanes), restOffsets, outer);
    });
  }
  const buffer = b.buffer(panels, "read");
  return {
    restOffsets: () => restOffsets,
    tile: (column, offsets, inside) => {
      const place = product.flatDepth(depthLetters, s.int(offsets.length * lanes));
      const base = b.bind(s.iadd(s.imul(column, deep), product.outerOffset(place, t, inside)));
      return {
        place,
        vectors: moved =>
          range(offsets.length).map(v => s.load(buffer, dtype, s.iadd(s.iadd(base, moved), s.int(v * lanes)), lanes)),
      };
    },
  };
}

/** Loops over the blocks of the depth, which threads share out; `block` counts them. */
function outerNest(product: Product, t: Tiling, body: (block: Expr, outer: Letters) => void): void {
  const walk = (n: number, block: Expr, outer: Letters): void => {
    if (n === t.outerDepth.length) {
      body(block, outer);
      return;
    }
    const letter = t.outerDepth[n];
    const extent = s.dimExpr(product.extent(letter));
    const next = (d: Expr): void => walk(n + 1, s.iadd(s.imul(block, extent), d), { ...outer, [letter]: d });
    product.e.builder.loop("d", s.int(0), extent, next, n === 0 ? product.shared : {});
  };
  walk(0, s.int(0), {});
}

class Packing {
  private readonly product: Product;
  private readonly t: Tiling;
  private readonly letters: Letters;
  private readonly panels: Storage;
  private readonly place: Place | undefined;

  constructor(product: Product, t: Tiling, letters: Letters, panels: Storage) {
    this.product = product;
    this.t = t;
    this.letters = letters;
    this.panels = panels;
    this.place = product.placeOf(1, [...product.roles.columns, ...product.roles.depth], letters);
  }

  /** Copies the columns of one panel, for all of the inner depth. */
  panel(column: Expr, at: Expr, offsets: readonly number[], outer: Letters = {}): void {
    const { product, t } = this;
    const depth = t.innerDepth;
    const place = this.place && {
      ...this.place,
      base: s.iadd(this.place.base, product.outerOffset(this.place, t, outer)),
    };
    const { lanes, dtype } = product;
    const { builder: b } = product.e;
    const width = offsets.length * lanes;
    const into = b.buffer(this.panels, "write");
    const inside = this.staysInside(column, offsets);
    if (place && inside && isUnit(product, place)) {
      const base = b.bind(s.iadd(place.base, column));
      product.runNest(depth, place, (k, moved) => {
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
      product.runNest(depth, place, (k, moved) => {
        bases.forEach((base, j) => {
          b.store(this.panels, slot(k, j), s.load(place.buffer, dtype, s.iadd(base, moved)));
        });
      });
      return;
    }
    const lettersAt = positions.map(position => product.at(product.roles.columns, position, this.letters));
    product.depthNest(depth, outer, (k, inside) => {
      lettersAt.forEach((l, j) => {
        b.store(this.panels, slot(k, j), product.read(1, { ...l, ...inside }));
      });
    });
  }

  private staysInside(column: Expr, offsets: readonly number[]): boolean {
    if (typeof this.t.columns !== "number") return false;
    if (!s.isConst(column)) return true;
    return column.value + offsets[offsets.length - 1] + this.product.lanes <= this.t.columns;
  }

  private clamp(position: Expr, inside: boolean): Expr {
    if (inside) return position;
    const last = s.isub(s.dimExpr(this.t.columns), s.int(1));
    if (s.isConst(position) && s.isConst(last)) return s.int(Math.min(position.value, last.value));
    return s.min(position, last);
  }
}
