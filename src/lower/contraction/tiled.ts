import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import { mulDims } from "../../shared/dim.ts";
import { linearize } from "../indices.ts";
import type { Storage } from "../storage.ts";
import { affineIn } from "./affine.ts";
import { type Beside, columnsBeside } from "./beside.ts";
import { type Bounds, boundsOf, type Window, windowsOf } from "./border.ts";
import { depthRuns } from "./depth-runs.ts";
import { valid } from "./direct.ts";
import { emitEpilogue } from "./epilogue.ts";
import { type LeftOperand, leftOperand } from "./left.ts";
import { type Letters, type Product, range, variableOf } from "./product.ts";
import { packRight, type RightOperand, streamedRight, unitPlace } from "./right.ts";
import { type Columns, columnBlocks, rowGroups, rowTiles, type Tiling, tilingOf } from "./tiling.ts";

/** Where the sums of a tile go: a result itself, or room from which the epilogue takes them. */
interface Sums {
  readonly storage: Storage;
  /** Positions of the sums of a row tile, by row and column of the product. */
  rows(i0: Expr, height: number): (r: number, column: Expr) => Expr;
}

/** Where the sums of one tile are, by row and vector. */
interface TileSums {
  readonly storage: Storage;
  readonly places: readonly (readonly Expr[])[];
  /** They go on from what is there. */
  readonly continued: boolean;
}

interface RowTile {
  readonly left: LeftOperand;
  readonly right: RightOperand;
  readonly columns: Columns;
  readonly sums: Sums;
  readonly depth: Letters | undefined;
}

/**
 * Vectors of columns times splat rows, all sums of a tile in registers. The right operand is packed into panels that
 * are streamed through with unit stride, or streamed where it lies; the left one is read where it lies if it can be.
 * Each sum runs over the depth in order, in one accumulator, so blocks and tiles change no bit.
 */
export function emitTiled(product: Product, letters: Letters): void {
  new Tiled(product, letters, tilingOf(product, unitPlace(product, letters) !== undefined)).emit();
}

class Tiled {
  private readonly product: Product;
  private readonly letters: Letters;
  private readonly t: Tiling;
  private readonly windows: readonly Window[];

  constructor(product: Product, letters: Letters, t: Tiling) {
    this.product = product;
    this.letters = letters;
    this.t = t;
    this.windows = windowsOf(product, t);
  }

  emit(): void {
    const { product, t, letters } = this;
    const result = this.resultItself();
    const beside = result ? undefined : columnsBeside(product, t, letters);
    const right =
      (t.streamed ? streamedRight(product, t, letters) : undefined) ??
      packRight(product, t, letters, { exact: result !== undefined, beside: beside !== undefined });
    const left = leftOperand(product, t, letters);
    product.barrier();
    columnBlocks(product, t, columns => {
      const tiled = beside ? { ...columns, rest: 0 } : columns;
      const tiles = (sums: Sums, i0: Expr, height: number, depth?: Letters): void =>
        this.tiles({ left, right, columns: tiled, sums, depth }, i0, height);
      if (t.outerDepth.length > 0) this.inDepthBlocks({ right, beside }, columns, tiles);
      else if (result) rowTiles(product, t, (i0, height) => tiles(result, i0, height));
      else this.rowPanels(beside, columns, tiles);
    });
  }

  /** Sums of a group of row tiles wait in memory while the blocks of the depth pass. */
  private inDepthBlocks(
    { right, beside }: { readonly right: RightOperand; readonly beside: Beside | undefined },
    columns: Columns,
    tiles: (sums: Sums, i0: Expr, height: number, depth: Letters) => void,
  ): void {
    const { product, t, letters } = this;
    const { builder: b } = product.e;
    const storage = product.scratch("unfinished sums", mulDims(columns.room, product.padded(t.rows, t.height)));
    const wide = s.dimExpr(columns.room);
    const sums: Sums = {
      storage,
      rows: i0 => (r, column) => s.iadd(s.imul(s.iadd(i0, s.int(r)), wide), s.isub(column, columns.from)),
    };
    rowGroups(product, t, (from, count, each) => {
      const start = s.imul(from, wide);
      const zeroed = typeof t.rows === "number" ? count : s.iadd(count, s.int(t.height - 1));
      b.loop("z", start, s.iadd(start, s.imul(zeroed, wide)), z => b.store(storage, z, s.literal(product.dtype, 0)));
      const nest = (at: number, depth: Letters): void => {
        if (at === t.outerDepth.length) {
          each((i0, height) => tiles(sums, i0, height, depth));
          return;
        }
        const letter = t.outerDepth[at];
        b.loop("d", s.int(0), s.dimExpr(product.extent(letter)), d => nest(at + 1, { ...depth, [letter]: d }));
      };
      nest(0, {});
      const rows = { from, count };
      if (beside) beside.bringHome(storage, s.iadd(start, columns.full), wide, rows);
      else this.bringRestHome(right, columns, storage, start, count);
      emitEpilogue(product, { storage, first: start, stride: wide, rows, columns: this.there(columns) }, letters);
    });
  }

  /**
   * Fewer columns than a vector has, beside the full tiles: theirs ends with the last column and begins in a full tile.
   * Sums that go on from block to block would count the columns of both twice, so until the end that vector waits where the
   * columns beside the full tiles begin.
   */
  private bringRestHome(right: RightOperand, columns: Columns, storage: Storage, start: Expr, rows: Expr): void {
    const { dtype, lanes, e } = this.product;
    const { builder: b } = e;
    const [back] = right.restOffsets(columns.rest);
    if (columns.rest === 0 || back >= 0) return;
    b.loop("i", s.int(0), rows, i => {
      const waiting = b.bind(s.iadd(s.iadd(start, s.imul(i, s.dimExpr(columns.room))), columns.full));
      const sums = b.freeze(s.load(b.buffer(storage, "read"), dtype, waiting, lanes), "c");
      b.store(storage, s.iadd(waiting, s.int(back)), sums);
    });
  }

  /** Sums of a row tile, then what follows them while they are in the cache. */
  private rowPanels(
    beside: Beside | undefined,
    columns: Columns,
    tiles: (sums: Sums, i0: Expr, height: number) => void,
  ): void {
    const { product, t, letters } = this;
    const stride = s.dimExpr(columns.room);
    const storage = product.scratch("rows of the result", mulDims(columns.room, t.height), { own: true });
    const sums: Sums = {
      storage,
      rows: () => (r, column) => s.iadd(s.isub(column, columns.from), s.imul(s.int(r), stride)),
    };
    rowTiles(product, t, (i0, height) => {
      tiles(sums, i0, height);
      const count = typeof t.rows === "number" ? s.int(height) : valid(i0, t.rows, height);
      const rows = { from: i0, count };
      beside?.bringHome(storage, columns.full, stride, rows);
      emitEpilogue(product, { storage, first: s.int(0), stride, rows, columns: this.there(columns) }, letters);
    });
  }

  private there({ from, full, rest }: Columns): { from: Expr; count: Expr } {
    return { from, count: s.iadd(full, s.int(rest)) };
  }

  /** The result, where nothing follows the sums and whole vectors of columns can be stored to it. */
  private resultItself(): Sums | undefined {
    const { product, t } = this;
    const { roles, node, form, stages, e, lanes } = product;
    const [output] = node.outputs;
    const storage = e.surroundings.storageOf(output);
    if (!storage || stages.length > 0 || t.outerDepth.length > 0 || typeof t.rows !== "number") return undefined;
    if (typeof t.columns !== "number" || t.columns < lanes) return undefined;
    const over = [...roles.rows, ...roles.columns];
    const named = product.named(over, this.letters);
    const place = affineIn(
      linearize(
        form.out.map(l => named[l]),
        output.shape,
      ),
      new Set(over.map(variableOf)),
    );
    const run = place && product.runs(roles.columns, [place]);
    if (!place || run?.length !== 1 || !s.isValue(run[0].strides[0], 1)) return undefined;
    return {
      storage,
      rows: (i0, height) => {
        const rows = product.rowPlaces(place, t, i0, height);
        return (r, column) => s.iadd(s.iadd(column, rows[r].base), s.int(rows[r].offset));
      },
    };
  }

  /** All tiles of a row tile; at a position of the outer depth, sums go on where they were. */
  private tiles(tile: RowTile, i0: Expr, height: number): void {
    const { builder: b } = this.product.e;
    const bounds = boundsOf(this.product, this.windows, i0, height);
    const inside = [...bounds].flatMap(([letter, { from, to }]) => {
      const at = tile.depth?.[letter];
      return at ? [s.and(s.le(from, at), s.lt(at, to))] : [];
    });
    if (inside.length === 0) this.tilesWithin(bounds, tile, i0, height);
    else {
      const then = b.block(() => this.tilesWithin(bounds, tile, i0, height));
      b.emit({ op: "if", condition: b.bind(inside.reduce((x, y) => s.and(x, y))), then });
    }
  }

  private tilesWithin(
    bounds: ReadonlyMap<string, Bounds>,
    { left, right, columns, sums, depth }: RowTile,
    i0: Expr,
    height: number,
  ): void {
    const { product, t } = this;
    const { builder: b } = product.e;
    const rows = left.rows(i0, height, depth ?? {});
    const placeOf = sums.rows(i0, height);
    const { full: whole, rest, from } = columns;
    const tile = (column: Expr, offsets: readonly number[], kept = offsets): void => {
      const places = range(height).map(r => kept.map(o => placeOf(r, s.iadd(column, s.int(o)))));
      const vectors = right.tile(column, offsets, depth ?? {});
      this.microKernel(rows, vectors, bounds, { storage: sums.storage, places, continued: depth !== undefined });
    };
    const full = range(t.vectors).map(v => v * product.lanes);
    if (s.isConst(whole) && whole.value === t.width) tile(from, full);
    else b.loop("p", from, s.iadd(from, whole), column => tile(column, full), { step: t.width });
    if (rest === 0) return;
    const offsets = right.restOffsets(rest);
    tile(s.iadd(from, whole), offsets, depth ? offsets.map(o => Math.max(o, 0)) : offsets);
  }

  /** sums += left column · right row, over the inner depth. */
  private microKernel(
    rows: ReturnType<LeftOperand["rows"]>,
    right: ReturnType<RightOperand["tile"]>,
    bounds: ReadonlyMap<string, Bounds>,
    { storage, places, continued }: TileSums,
  ): void {
    const { product } = this;
    const { dtype, lanes, profile } = product;
    const { builder: b } = product.e;
    const into = b.buffer(storage, "write");
    const from = continued ? b.buffer(storage, "read") : into;
    const names = places.map(row =>
      row.map(place => {
        const name = b.fresh("c");
        const start = continued ? s.load(from, dtype, b.bind(place), lanes) : s.literal(dtype, 0, lanes);
        b.emit(s.varStmt(name, start));
        return name;
      }),
    );
    const step = (at: { left: Expr; right: Expr }): void => {
      const loads = right.vectors(at.right);
      // One row uses each vector once: no register for it.
      const ys = names.length > 1 ? loads.map(y => b.freeze(y, "y")) : loads.map(y => b.bind(y));
      names.forEach((row, r) => {
        const load = rows.splat(r, at.left);
        // With a fused multiply-add the value has a register to spare; without, products need it.
        const x = profile.fma ? b.freeze(load, "x") : load;
        row.forEach((name, v) => {
          b.emit(s.assign(name, product.multiplyAdd(x, ys[v], s.variable(name, dtype, lanes))));
        });
      });
    };
    depthRuns(product, this.t.innerDepth, [rows.place, right.place], (l, r) => step({ left: l, right: r }), bounds);
    names.forEach((row, r) => {
      row.forEach((name, v) => {
        b.store(storage, places[r][v], s.variable(name, dtype, lanes));
      });
    });
  }
}
