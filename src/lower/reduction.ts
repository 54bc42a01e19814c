import type { Node } from "../graph/node.ts";
import type { ReductionForm } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { dimMax } from "../shared/dim.ts";
import { maxSizeOf } from "../shared/shape.ts";
import { delinearize } from "./indices.ts";
import type { KernelBuilder } from "./kernel-builder.ts";
import { hasGuard, operations, type Reader } from "./reader.ts";

/** Independent partial results per fold: hides latency, and a fixed number keeps the order of sums a matter of shape. */
const LANES = 4;
/**
 * How often an element stands in the text of a fold: once for each partial result, and for the remainder. (Of few elements
 * that are written out each stands once: no more operations than MOST_OPERATIONS.)
 */
export const COPIES = LANES + 1;
/** Rows shorter than this, and folds across rows, have one partial result: neighbours give the parallelism there. */
const LANES_FROM = 16;
/**
 * Longer folds are cut into blocks of so many elements, and blocks of blocks, each with a partial result of its own, so
 * that rounding errors grow with the lengths of blocks, not of the row.
 */
export const BLOCKS = [2 ** 10, 2 ** 17, 2 ** 24] as const;

/** What happens before an element is read; `reduced`: its index along the reduced axes. */
export type BeforeElement = (reduced: readonly Expr[]) => void;

/**
 * Emits the loops of a reduction at one output index and returns the results. The order of the fold depends on the
 * extents alone, never on the target (in fast mode the vectoriser may split it further):
 *   one partial result below 16 elements per innermost row and for sums across rows; else four, element r going to partial r mod 4, joined as
 *   (p₀∘p₁)∘(p₂∘p₃), then the remainder; rows that may be more than twice as long as a block in blocks.
 */
export function emitReduction(
  b: KernelBuilder,
  node: Node,
  form: ReductionForm,
  index: readonly Expr[],
  reader: Reader,
  before?: BeforeElement,
): Expr[] {
  /** A partial result that starts at the neutral element. */
  const accumulator = (): string[] =>
    form.states.map(state => {
      const name = b.fresh("t");
      b.emit(s.varStmt(name, s.literal(state.dtype, state.init)));
      return name;
    });
  const current = (names: readonly string[]): Expr[] => names.map((name, i) => s.variable(name, form.states[i].dtype));
  const element = (reduced: readonly Expr[]): readonly Expr[] => {
    before?.(reduced);
    return form.element(index, reduced, (operand, at) => reader.read(node.operands[operand], at));
  };
  const fold = (names: readonly string[], parts: readonly Expr[]): void => {
    assignAll(b, names, b.bindAll(form.combine(current(names), parts)));
  };
  const written = before ? undefined : writtenOut(b, form, element);
  if (written) return form.finish(written).map(e => b.freeze(e));

  const total = accumulator();
  const alongRows = form.axes.at(-1) === node.operands[0].rank - 1;

  /** `first`: nothing has been folded yet. */
  const walk = (outer: readonly Expr[], first: boolean): void => {
    const axis = outer.length;
    if (axis === form.extents.length) {
      fold(total, element(outer));
      return;
    }
    const extent = form.extents[axis];
    if (extent === 1) {
      walk([...outer, s.int(0)], first);
      return;
    }
    const end = s.dimExpr(extent);
    const most = dimMax(extent);
    if (axis < form.extents.length - 1) {
      b.loop("r", s.int(0), end, r => walk([...outer, r], false));
    } else if (most < LANES_FROM) {
      b.loop("r", s.int(0), end, r => fold(total, element([...outer, r])));
    } else {
      const level = BLOCKS.filter(size => most > 2 * size).length;
      inBlocks(outer, s.int(0), end, level, total, first);
    }
  };

  /** Level 0: four lanes; level n: blocks of level n − 1. */
  const inBlocks = (
    outer: readonly Expr[],
    from: Expr,
    to: Expr,
    level: number,
    into: readonly string[],
    first: boolean,
  ): void => {
    if (level === 0) {
      if (alongRows) inLanes(outer, from, to, into, first);
      else b.loop("r", from, to, r => fold(into, element([...outer, r])));
      return;
    }
    const size = BLOCKS[level - 1];
    const block = (start: Expr): void => {
      const end = b.name(s.min(s.iadd(start, s.int(size)), to), "n");
      const part = accumulator();
      inBlocks(outer, start, end, level - 1, part, true);
      fold(into, current(part));
    };
    b.loop("block", from, to, block, { step: size });
  };

  const inLanes = (outer: readonly Expr[], from: Expr, to: Expr, into: readonly string[], first: boolean): void => {
    const count = s.isub(to, from);
    const whole = b.name(s.isub(to, s.irem(count, s.int(LANES))), "n");
    const arrays = form.states.map(state => {
      const name = b.fresh("p");
      b.emit(s.arrayStmt(name, LANES, s.literal(state.dtype, state.init)));
      return name;
    });
    const partial = (lane: Expr): Expr[] => arrays.map((name, i) => s.element(name, form.states[i].dtype, lane));
    b.loop(
      "r",
      from,
      whole,
      r => {
        b.loop(
          "l",
          s.int(0),
          s.int(LANES),
          l => {
            const next = b.bindAll(form.combine(partial(l), element([...outer, s.iadd(r, l)])));
            const settled = next.length > 1 ? next.map(e => b.name(e)) : next;
            arrays.forEach((name, i) => {
              b.emit(s.setElement(name, l, settled[i]));
            });
          },
          { unroll: true },
        );
      },
      { step: LANES },
    );
    const left = form.combine(partial(s.int(0)), partial(s.int(1)));
    const right = form.combine(partial(s.int(2)), partial(s.int(3)));
    const joined = form.combine(left, right);
    // Partial results have begun with the neutral element themselves.
    if (first && joined.length === 1) assignAll(b, into, b.bindAll(joined));
    else fold(into, joined);
    if (!s.sameExpr(whole, to)) b.loop("r", whole, to, r => fold(into, element([...outer, r])));
  };

  walk([], true);
  return form.finish(current(total)).map(e => b.freeze(e));
}

/** Windows of pooling, and the like: loops would take longer than what stands in them. */
const MOST_WRITTEN_OUT = 9;
const MOST_OPERATIONS = 64;

/** The fold of a few elements without a loop, in the same order; undefined where they are many, long, or guarded. */
function writtenOut(
  b: KernelBuilder,
  form: ReductionForm,
  element: (reduced: readonly Expr[]) => readonly Expr[],
): readonly Expr[] | undefined {
  const count = maxSizeOf(form.extents);
  if (!form.extents.every(d => typeof d === "number") || count < 2 || count > MOST_WRITTEN_OUT) return undefined;
  const elements = Array.from({ length: count }, (_, k) => element(delinearize(s.int(k), form.extents)));
  if (elements.flat().some(hasGuard) || operations(elements.flat()) > MOST_OPERATIONS) return undefined;
  const start: readonly Expr[] = form.states.map(state => s.literal(state.dtype, state.init));
  // By name: what follows may read them again.
  return elements.reduce(
    (sum, parts) =>
      form.combine(
        sum,
        parts.map(e => b.name(e)),
      ),
    start,
  );
}

/** All new values are computed before the first old one is overwritten. */
function assignAll(b: KernelBuilder, names: readonly string[], values: readonly Expr[]): void {
  const settled = values.length > 1 ? values.map(e => b.name(e)) : values;
  names.forEach((name, i) => {
    b.emit(s.assign(name, settled[i]));
  });
}
