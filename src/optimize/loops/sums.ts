import type { Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { topological } from "../../graph/traverse.ts";
import { addOp } from "../../ops/arithmetic.ts";
import { apply } from "../../ops/coerce.ts";
import { contractOp } from "../../ops/contraction.ts";
import { letterBeside } from "./letters.ts";

export const plus = (x: Tensor, y: Tensor): Tensor => apply(addOp, [x, y]);

/** The terms of a sum of which every part is used once. */
export function termsOf(value: Tensor, uses: ReadonlyMap<Tensor, number>): Tensor[] {
  if (value.node.op !== addOp || uses.get(value) !== 1) return [value];
  return value.node.operands.flatMap(o => termsOf(o, uses));
}

/** How often each value of a body is read. */
export function usesIn(results: readonly Tensor[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const read = (value: Tensor): void => {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  };
  for (const node of topological(results)) node.operands.forEach(read);
  results.forEach(read);
  return uses;
}

/** A product of a step for all steps at once: `stacked` says which of its factors are stacks. */
export function stackedProduct(product: Node, factors: readonly Tensor[], stacked: readonly number[]): Tensor {
  const { left, right, out } = product.attrs as { left: string; right: string; out: string };
  const t = letterBeside(left + right + out);
  const letters = [left, right].map((own, k) => (stacked.includes(k) ? t + own : own));
  // A sum over all steps where both factors are stacks.
  const result = stacked.length === 2 ? out : t + out;
  return apply(contractOp, factors, { left: letters[0], right: letters[1], out: result });
}
