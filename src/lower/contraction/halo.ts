import type { AxisMap } from "../../kinds/form.ts";
import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import type { Dim } from "../../shared/dim.ts";
import { invariant } from "../../shared/errors.ts";
import { type Shape, sizeOf } from "../../shared/shape.ts";
import { linearize } from "../indices.ts";
import { type Letters, type Product, positionOf } from "./product.ts";

/** One axis of the halo: element h holds element h + low of the operand, 0 outside of 0 … size − 1. */
interface Border {
  readonly low: number;
  readonly size: Dim;
  readonly extent: Dim;
}

/** The positions that letters of a contraction reach along an axis. */
function borderOf(product: Product, axis: AxisMap, size: Dim): Border {
  if (!axis.guarded) return { low: 0, size, extent: size };
  const reach = axis.terms.map(t => {
    const extent = product.extent(t.letter);
    invariant(typeof extent === "number", "a window slides over a size known at the call");
    return t.coefficient * (extent - 1);
  });
  const low = axis.offset + reach.reduce((sum, r) => sum + Math.min(r, 0), 0);
  const high = axis.offset + reach.reduce((sum, r) => sum + Math.max(r, 0), 0);
  return { low, size, extent: high - low + 1 };
}

/**
 * Emits the copy of the left operand into room with a border of zeros where windows leave it.
 * @returns how to read it; undefined where no window leaves the operand
 */
export function haloOf(product: Product, axes: readonly AxisMap[]): ((letters: Letters) => Expr) | undefined {
  if (!axes.some(a => a.guarded)) return undefined;
  const [operand] = product.node.operands;
  const borders = axes.map((axis, k) => borderOf(product, axis, operand.shape[k]));
  const shape = borders.map(b => b.extent);
  const storage = product.scratch("operand with its border", sizeOf(shape));
  storage.isPrivate = false;
  copy(product, borders, shape, value => product.e.builder.store(storage, value.at, value.element));
  product.e.builder.emit({ op: "barrier" });
  return letters => {
    const index = axes.map((axis, k) => s.isub(positionOf(axis, letters), s.int(borders[k].low)));
    return product.e.builder.load(storage, linearize(index, shape));
  };
}

/** Walks the halo axis by axis; along the last guarded axis in three pieces: border, operand, border. */
function copy(
  product: Product,
  borders: readonly Border[],
  shape: Shape,
  store: (element: { at: Expr; element: Expr }) => void,
): void {
  const { builder } = product.e;
  const [operand] = product.node.operands;
  const zero = s.literal(operand.dtype, 0);

  /** `inside`: the index into the operand so far, or undefined on the border. */
  const walk = (index: readonly Expr[], inside: readonly Expr[] | undefined): void => {
    const k = index.length;
    if (k === shape.length) {
      store({ at: linearize(index, shape), element: inside ? product.e.reader.read(operand, inside) : zero });
      return;
    }
    const { low, size, extent } = borders[k];
    const piece = (from: Expr, to: Expr, within: boolean): void => {
      if (s.isConst(from) && s.isConst(to) && to.value <= from.value) return;
      const next = (h: Expr): void =>
        walk([...index, h], within && inside ? [...inside, s.iadd(h, s.int(low))] : undefined);
      builder.loop("h", from, to, next, { parallel: true });
    };
    const end = s.dimExpr(extent);
    if (!inside || (low === 0 && size === extent)) {
      piece(s.int(0), end, inside !== undefined);
      return;
    }
    invariant(typeof size === "number" && typeof extent === "number", "a border around a size known at the call");
    // Elements 0 … size − 1 of the operand lie from −low to size − low.
    const first = Math.min(Math.max(-low, 0), extent);
    const last = Math.max(first, Math.min(size - low, extent));
    piece(s.int(0), s.int(first), false);
    piece(s.int(first), s.int(last), true);
    piece(s.int(last), end, false);
  };
  walk([], []);
}
