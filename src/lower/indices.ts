import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { operandsOf } from "../loop/operands.ts";
import { type Dim, dimEquals, divDims, mulDims } from "../shared/dim.ts";
import type { Shape } from "../shared/shape.ts";

/** Row-major position of an index (Horner's scheme, so that it undoes `delinearize`). */
export function linearize(index: readonly Expr[], shape: Shape): Expr {
  let position: Expr = s.int(0);
  index.forEach((i, axis) => {
    position = s.iadd(s.imul(position, s.dimExpr(shape[axis])), i);
  });
  return position;
}

/** The index of a row-major position. */
export function delinearize(position: Expr, shape: Shape): Expr[] {
  const index: Expr[] = new Array(shape.length);
  let rest = position;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const extent = s.dimExpr(shape[axis]);
    index[axis] = s.irem(rest, extent);
    rest = s.idiv(rest, extent);
  }
  if (shape.length > 0) index[0] = rest;
  return index;
}

/**
 * The index into `to` of the element at `index` of `from`, two shapes of equal size in row-major order. Axes are
 * matched in groups of equal size, so that only axes that are really split or merged cost arithmetic.
 */
export function reindex(index: readonly Expr[], from: Shape, to: Shape): Expr[] {
  const result: Expr[] = to.map(() => s.int(0));
  const sources = from.map((_, axis) => axis).filter(axis => from[axis] !== 1);
  const targets = to.map((_, axis) => axis).filter(axis => to[axis] !== 1);
  let i = 0;
  let j = 0;
  while (i < sources.length || j < targets.length) {
    const group = matchGroup(
      sources.slice(i).map(a => from[a]),
      targets.slice(j).map(a => to[a]),
    );
    const sourceAxes = sources.slice(i, i + group.left);
    const targetAxes = targets.slice(j, j + group.right);
    if (sourceAxes.length === 1 && targetAxes.length === 1) {
      result[targetAxes[0]] = index[sourceAxes[0]];
    } else {
      const flat = linearize(
        sourceAxes.map(a => index[a]),
        sourceAxes.map(a => from[a]),
      );
      delinearize(
        flat,
        targetAxes.map(a => to[a]),
      ).forEach((e, k) => {
        result[targetAxes[k]] = e;
      });
    }
    i += group.left;
    j += group.right;
  }
  return result;
}

/** The shortest prefixes of two lists of sizes with equal products (all of both where there are none). */
function matchGroup(left: readonly Dim[], right: readonly Dim[]): { left: number; right: number } {
  let i = Math.min(1, left.length);
  let j = Math.min(1, right.length);
  let p: Dim = left[0] ?? 1;
  let q: Dim = right[0] ?? 1;
  while (!dimEquals(p, q)) {
    // Grow the side that divides the other; without a clear answer, take everything.
    if (divDims(q, p) !== undefined && i < left.length) p = mulDims(p, left[i++]);
    else if (divDims(p, q) !== undefined && j < right.length) q = mulDims(q, right[j++]);
    else return { left: left.length, right: right.length };
  }
  return { left: i, right: j };
}

/** Does the expression contain an operation that satisfies the test? */
export function some(e: Expr, test: (e: Expr) => boolean): boolean {
  return test(e) || operandsOf(e).some(x => some(x, test));
}
