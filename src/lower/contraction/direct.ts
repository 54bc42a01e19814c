import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import { addDims, type Dim, dimMax, mulDims } from "../../shared/dim.ts";
import { emitEpilogue } from "./epilogue.ts";
import { type Letters, type Product, range } from "./product.ts";

/** A register tile of scalars over operands as they lie; positions past the edge repeat the last row or column. */
export function emitDirect(product: Product, letters: Letters): void {
  const { e, dtype, roles, profile } = product;
  const b = e.builder;
  const rows = product.size(roles.rows);
  const columns = product.size(roles.columns);
  const tileWidth = profile.lanes[dtype] > 1 ? 4 : profile.tile.vectors;
  const height = Math.min(profile.tile.rows, 4, dimMax(rows));
  const width = Math.min(tileWidth, dimMax(columns));
  const stride = addDims(columns, dimMax(columns) % width === 0 && typeof columns === "number" ? 0 : width - 1);
  const panel = product.scratch("rows of the result", mulDims(stride, height), { own: true });
  const zero = s.literal(dtype, 0);
  tiles(product, rows, height, product.shared, i0 => {
    const rowLetters = range(height).map(i => product.at(roles.rows, edge(i0, i, rows, height), letters));
    tiles(product, columns, width, {}, j0 => {
      const columnLetters = range(width).map(j => product.at(roles.columns, edge(j0, j, columns, width), letters));
      const sums = range(height * width).map(() => {
        const name = b.fresh("c");
        b.emit(s.varStmt(name, zero));
        return name;
      });
      depthLoop(product, depth => {
        const left = rowLetters.map(l => product.read(0, { ...l, ...depth }));
        const right = columnLetters.map(l => product.read(1, { ...l, ...depth }));
        const bound = b.bindAll([...left, ...right]).map(x => b.name(x, "x"));
        sums.forEach((name, at) => {
          const x = bound[Math.trunc(at / width)];
          const y = bound[height + (at % width)];
          b.emit(s.assign(name, product.multiplyAdd(x, y, s.variable(name, dtype))));
        });
      });
      sums.forEach((name, at) => {
        const place = s.iadd(s.imul(s.int(Math.trunc(at / width)), s.dimExpr(stride)), s.iadd(j0, s.int(at % width)));
        b.store(panel, place, s.variable(name, dtype));
      });
    });
    const block = {
      storage: panel,
      first: s.int(0),
      stride: s.dimExpr(stride),
      rows: { from: i0, count: valid(i0, rows, height) },
      columns: { from: s.int(0), count: s.dimExpr(columns) },
    };
    emitEpilogue(product, block, letters);
  });
}

function tiles(product: Product, extent: Dim, tile: number, options: s.LoopOptions, body: (from: Expr) => void): void {
  if (typeof extent === "number" && extent <= tile) body(s.int(0));
  else product.e.builder.loop("o", s.int(0), s.dimExpr(extent), body, { step: tile, ...options });
}

/** How many of a tile's rows are there. */
export function valid(from: Expr, extent: Dim, tile: number): Expr {
  if (typeof extent === "number" && extent % tile === 0) return s.int(tile);
  return s.min(s.int(tile), s.isub(s.dimExpr(extent), from));
}

/** Position from + offset, the last one past the edge. */
export function edge(from: Expr, offset: number, extent: Dim, tile: number): Expr {
  const position = s.iadd(from, s.int(offset));
  if (offset === 0 || (typeof extent === "number" && extent % tile === 0)) return position;
  return s.min(position, s.isub(s.dimExpr(extent), s.int(1)));
}

/** One loop per summed letter: indices stay simple. */
function depthLoop(product: Product, body: (letters: Letters) => void, at = 0, letters: Letters = {}): void {
  const { depth } = product.roles;
  if (at === depth.length) {
    body(letters);
    return;
  }
  product.e.builder.loop("k", s.int(0), s.dimExpr(product.extent(depth[at])), k =>
    depthLoop(product, body, at + 1, { ...letters, [depth[at]]: k }),
  );
}
