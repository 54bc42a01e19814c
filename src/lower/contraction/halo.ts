import type { AxisMap } from "../../kinds/form.ts";
import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import type { Dim } from "../../shared/dim.ts";
import { invariant } from "../../shared/errors.ts";
import { type Shape, sizeOf } from "../../shared/shape.ts";
import { linearize } from "../indices.ts";
import { affineIn } from "./affine.ts";
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

/**
 * Walks the halo axis by axis; along the last guarded axis in three pieces: border, operand, border. What lies inside of
 * that axis whole (channels) is part of its runs, if the operand has it in the same order.
 */
function copy(
  product: Product,
  borders: readonly Border[],
  shape: Shape,
  store: (element: { at: Expr; element: Expr }) => void,
): void {
  const { builder, reader } = product.e;
  const [operand] = product.node.operands;
  const zero = s.literal(operand.dtype, 0);
  const isWhole = ({ low, size, extent }: Border): boolean => low === 0 && size === extent;
  const last = borders.findLastIndex(x => !isWhole(x));
  const length = sizeOf(shape.slice(last + 1));
  const runs = last >= 0 && typeof length === "number" && liesInOrder(product, last) ? length : undefined;

  /** A part of an axis, in runs of `run` elements for each of its positions. */
  const piece = (index: readonly Expr[], from: Expr, to: Expr, inside: readonly Expr[] | undefined): void => {
    if (s.isConst(from) && s.isConst(to) && to.value <= from.value) return;
    const { low } = borders[index.length];
    if (runs === undefined || index.length !== last) {
      const next = (h: Expr): void => walk([...index, h], inside && [...inside, s.iadd(h, s.int(low))]);
      builder.loop("h", from, to, next, { parallel: true });
      return;
    }
    const start = (at: readonly Expr[], of: Shape): Expr[] => of.map((_, k) => at[k] ?? s.int(0));
    const along = (f: Expr): void => {
      const at = s.iadd(linearize(start(index, shape), shape), f);
      if (!inside) {
        store({ at, element: zero });
        return;
      }
      const first = reader.read(operand, start(inside, operand.shape));
      invariant(first.op === "load", "an operand that lies in order");
      store({ at, element: { ...first, index: s.iadd(first.index, s.iadd(f, s.int(low * runs))) } });
    };
    builder.loop("h", s.imul(from, s.int(runs)), s.imul(to, s.int(runs)), along, { parallel: true });
  };

  /** `inside`: the index into the operand so far, or undefined on the border. */
  const walk = (index: readonly Expr[], inside: readonly Expr[] | undefined): void => {
    const k = index.length;
    if (k === shape.length) {
      store({ at: linearize(index, shape), element: inside ? reader.read(operand, inside) : zero });
      return;
    }
    const { low, size, extent } = borders[k];
    const end = s.dimExpr(extent);
    if (!inside || isWhole(borders[k])) {
      piece(index, s.int(0), end, inside);
      return;
    }
    invariant(typeof size === "number" && typeof extent === "number", "a border around a size known at the call");
    // Elements 0 … size − 1 of the operand lie from −low to size − low.
    const first = Math.min(Math.max(-low, 0), extent);
    const beyond = Math.max(first, Math.min(size - low, extent));
    piece(index, s.int(0), s.int(first), undefined);
    piece(index, s.int(first), s.int(beyond), inside);
    piece(index, s.int(beyond), end, undefined);
  };
  walk([], []);
}

/** Do the axes from one on follow each other in memory, row-major and without gaps? */
function liesInOrder(product: Product, from: number): boolean {
  const [operand] = product.node.operands;
  const names = operand.shape.map((_, k) => `axis ${k}`);
  const element = product.e.reader.read(
    operand,
    names.map(name => s.variable(name)),
  );
  if (element.op !== "load" || element.lanes !== 1 || element.mask) return false;
  const inner = names.slice(from);
  const affine = affineIn(element.index, new Set(inner));
  return inner.every((name, k) => {
    const step = sizeOf(operand.shape.slice(from + k + 1));
    const own = affine?.strides.get(name) ?? s.int(0);
    return operand.shape[from + k] === 1 || (typeof step === "number" && s.isValue(own, step));
  });
}
