import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import { type Dim, dimMax } from "../../shared/dim.ts";
import type { Product } from "./product.ts";

/** Rows × vectors of sums in registers, by the number of rows: twelve sums keep the multipliers busy, sixteen would spill. */
const TILES = [
  { rows: 1, vectors: 12 },
  { rows: 2, vectors: 4 },
  { rows: 3, vectors: 3 },
] as const;

/** A packed element is read once per row tile: with fewer rows than this, reading it where it lies is cheaper. */
const PACK_FROM_ROWS = 19;
/** So many row tiles are shares that differ little. Of fewer, blocks of columns make so many pieces. */
const ENOUGH_TILES = 16;
const ENOUGH_PIECES = 16;
/** Bytes of packed columns that stay in the second-level cache while all rows pass over them. */
const BLOCK_BYTES = 2 ** 18;
/** Longer sums are cut at an outer letter: what they stream through should stay in the cache from tile to tile. */
const LONG_DEPTH = 1024;
/** Unfinished sums of a cut depth wait in memory: so many bytes of them are still cheap. */
const UNFINISHED_BYTES = 2 ** 20;

/** How a product is cut up. */
export interface Tiling {
  readonly rows: Dim;
  readonly columns: Dim;
  /** Tile: rows of sums, and vectors of columns. */
  readonly height: number;
  readonly vectors: number;
  /** Columns of a full tile. */
  readonly width: number;
  /** The right operand is read where it lies, not packed. */
  readonly streamed: boolean;
  /** Depth letters outside of the blocks (sums wait in memory between blocks), and inside. */
  readonly outerDepth: readonly string[];
  readonly innerDepth: readonly string[];
  /** Columns of a block that is packed and used before the next: a multiple of the width; undefined: all. */
  readonly block: number | undefined;
}

export function tilingOf(product: Product, streams: boolean): Tiling {
  const { profile, lanes, roles, dtype } = product;
  const rows = product.size(roles.rows);
  const columns = product.size(roles.columns);
  const most = dimMax(rows);
  const known = TILES.find(t => t.rows === most && lanes === profile.lanes[dtype]);
  const tallest = known?.rows ?? profile.tile.rows;
  const height = Math.ceil(most / Math.ceil(most / tallest));
  const wanted = Math.ceil(dimMax(columns) / lanes);
  const vectors = Math.min(known?.vectors ?? profile.tile.vectors, wanted);
  const width = vectors * lanes;
  const { outerDepth, innerDepth } = cutDepth(product, most * dimMax(columns) * 4);
  // Of a long depth, a panel of all columns is the operand itself.
  const itself = outerDepth.length > 0 && dimMax(columns) <= width;
  const streamed = streams && typeof columns === "number" && columns >= lanes && (most < PACK_FROM_ROWS || itself);
  const depth = dimMax(product.size(innerDepth));
  const fits = Math.max(4 * width, Math.floor(BLOCK_BYTES / (4 * depth) / width) * width);
  const block =
    streamed || typeof columns !== "number" || columns <= fits * 1.5 ? undefined : evenly(columns, fits, width);
  const forThreads = profile.threads && block === undefined && outerDepth.length === 0;
  const pieces = forThreads && typeof columns === "number" ? blocksForThreads(most, height, columns, width) : undefined;
  return { rows, columns, height, vectors, width, streamed, outerDepth, innerDepth, block: block ?? pieces };
}

/** Few row tiles are no even shares: blocks of columns multiply them. */
function blocksForThreads(rows: number, height: number, columns: number, width: number): number | undefined {
  const tiles = Math.ceil(rows / height);
  const across = Math.floor(columns / width);
  const most = Math.min(Math.ceil(ENOUGH_PIECES / tiles), Math.floor(across / 2));
  if (tiles >= ENOUGH_TILES || most < 2) return undefined;
  for (let blocks = most; 2 * blocks > most; blocks--) if (across % blocks === 0) return (across / blocks) * width;
  return evenly(columns, columns / most, width);
}

/** Blocks of nearly equal width, none wider than `most`. */
function evenly(columns: number, most: number, width: number): number {
  const blocks = Math.ceil(columns / most);
  return Math.ceil(columns / blocks / width) * width;
}

function cutDepth(
  product: Product,
  unfinishedBytes: number,
): { readonly outerDepth: readonly string[]; readonly innerDepth: readonly string[] } {
  const { depth } = product.roles;
  if (unfinishedBytes > UNFINISHED_BYTES) return { outerDepth: [], innerDepth: depth };
  let at = 0;
  while (at < depth.length - 1 && dimMax(product.size(depth.slice(at))) > LONG_DEPTH) at++;
  return { outerDepth: depth.slice(0, at), innerDepth: depth.slice(at) };
}

/** Neighbouring columns that are computed together: one or more whole tiles, and what is left beside them. */
export interface Columns {
  readonly from: Expr;
  /** Columns in full tiles. */
  readonly full: Expr;
  /** Further columns, fewer than a tile has. */
  readonly rest: number;
  /** Room for all of them, to whole vectors. */
  readonly room: Dim;
  /** The last tile may reach past the edge, where it repeats the last column (sizes known at the call). */
  readonly clamped: boolean;
}

/** Calls `body` for each block of columns. */
export function columnBlocks(product: Product, t: Tiling, body: (columns: Columns) => void): void {
  const { builder } = product.e;
  const { columns, width, block } = t;
  if (typeof columns !== "number") {
    const room = product.padded(columns, width);
    body({ from: s.int(0), full: s.dimExpr(columns), rest: 0, room, clamped: true });
    return;
  }
  const rest = columns % width;
  const whole = columns - rest;
  const lanes = product.lanes;
  const restRoom = Math.ceil(rest / lanes) * lanes;
  if (block === undefined) {
    body({ from: s.int(0), full: s.int(whole), rest, room: whole + restRoom, clamped: false });
    return;
  }
  const even = whole % block === 0;
  builder.loop(
    "o",
    s.int(0),
    s.int(whole),
    from => {
      const full = even ? s.int(block) : builder.name(s.min(s.int(block), s.isub(s.int(whole), from)), "n");
      body({ from, full, rest: 0, room: block, clamped: false });
    },
    { step: block, ...product.shared },
  );
  if (rest === 0) return;
  // Less than a vector: it begins in the last full tile, which may be another thread's.
  if (rest < lanes && product.profile.threads) product.barrier();
  body({ from: s.int(whole), full: s.int(0), rest, room: restRoom, clamped: false });
}

/**
 * Full tiles of rows, then a lower one for the rest; where the number of rows is open, the last tile repeats rows.
 * @param options of the loops
 */
export function rowTiles(
  product: Product,
  { rows, height }: Tiling,
  body: (i0: Expr, height: number) => void,
  options: s.LoopOptions = product.shared,
): void {
  const { builder } = product.e;
  const whole = typeof rows === "number" ? s.int(rows - (rows % height)) : s.dimExpr(rows);
  builder.loop("o", s.int(0), whole, i0 => body(i0, height), { step: height, ...options });
  const rest = typeof rows === "number" ? rows % height : 0;
  if (rest > 0) builder.loop("o", whole, s.iadd(whole, s.int(rest)), i0 => body(i0, rest), { step: rest, ...options });
}

/** Row tiles that pass over the blocks of a long depth together: so many that what a block streams is used often. */
const TILES_TOGETHER = 6;
const MOST_GROUPS = 8;

/** Groups of row tiles. `body` gets the first row of a group, and what calls its own body for each of the tiles. */
export function rowGroups(
  product: Product,
  t: Tiling,
  body: (from: Expr, count: Expr, each: (tile: (i0: Expr, height: number) => void) => void) => void,
): void {
  const { builder } = product.e;
  const { rows, height } = t;
  const all = typeof rows === "number" ? s.int(rows - (rows % height)) : s.dimExpr(rows);
  const tiles = Math.ceil(dimMax(rows) / height);
  const groups = Math.max(1, Math.min(MOST_GROUPS, Math.floor(tiles / TILES_TOGETHER)));
  const step = Math.ceil(tiles / groups) * height;
  // A thread's part of the row tiles is a group, too.
  const forThreads = product.profile.threads && product.alone;
  const whole = forThreads ? builder.freeze(all, "n") : all;
  builder.loop(
    "g",
    s.int(0),
    whole,
    from => {
      const count = builder.name(s.min(s.int(step), s.isub(whole, from)), "n");
      body(from, count, tile => {
        builder.loop("o", from, s.iadd(from, count), i0 => tile(i0, height), { step: height });
      });
    },
    { step, ...product.shared, ...(forThreads ? { grain: height } : {}) },
  );
  const rest = typeof rows === "number" ? rows % height : 0;
  if (rest > 0) product.once(() => body(whole, s.int(rest), tile => tile(whole, rest)));
}
