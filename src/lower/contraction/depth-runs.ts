import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import type { Affine } from "./affine.ts";
import type { Bounds } from "./border.ts";
import type { Product } from "./product.ts";

/** Runs of at most so many steps are written out: a loop as short takes as long to enter and leave. */
const WHOLLY = 9;

/**
 * Walks depth letters in runs of constant strides; the innermost unrolled by two, or wholly where it is short.
 * @param bounds of letters of which not all positions are walked; none of them is the last
 * @param step gets how far both places have moved
 */
export function depthRuns(
  product: Product,
  letters: readonly string[],
  places: readonly [Affine, Affine],
  step: (left: Expr, right: Expr) => void,
  bounds: ReadonlyMap<string, Bounds> = new Map(),
): void {
  const { builder: b } = product.e;
  const runs = apart(letters, bounds).flatMap(together => product.runs(together, places));
  const walk = (n: number, x: Expr, y: Expr): void => {
    const { extent, strides } = runs[n];
    const at = (k: Expr): [Expr, Expr] => [s.iadd(x, s.imul(k, strides[0])), s.iadd(y, s.imul(k, strides[1]))];
    if (n < runs.length - 1) {
      const { from, to } = bounds.get(runs[n].letters[0]) ?? { from: s.int(0), to: extent };
      b.loop("k", from, to, k => walk(n + 1, ...at(k)));
      return;
    }
    const body = (k: Expr): void => step(...at(k));
    if (!s.isConst(extent)) {
      b.loop("k", s.int(0), extent, body);
      return;
    }
    const unrolled = extent.value <= WHOLLY ? extent.value : 2;
    const whole = extent.value - (extent.value % unrolled);
    const group = (k: Expr): void => {
      for (let u = 0; u < unrolled; u++) body(s.iadd(k, s.int(u)));
    };
    if (whole === unrolled) group(s.int(0));
    else b.loop("k", s.int(0), s.int(whole), group, { step: unrolled });
    for (let k = whole; k < extent.value; k++) body(s.int(k));
  };
  walk(0, s.int(0), s.int(0));
}

/** The letters in groups, of which each that is bounded is one. */
function apart(letters: readonly string[], bounds: ReadonlyMap<string, Bounds>): string[][] {
  const groups: string[][] = [];
  for (const [i, letter] of letters.entries()) {
    if (i === 0 || bounds.has(letter) || bounds.has(letters[i - 1])) groups.push([letter]);
    else groups[groups.length - 1].push(letter);
  }
  return groups.length > 0 ? groups : [[]];
}
