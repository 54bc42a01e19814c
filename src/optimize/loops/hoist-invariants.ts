import { regionParameter } from "../../graph/leaves.ts";
import { createNode, type Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { topological, usersOf } from "../../graph/traverse.ts";
import { isFree, replaceWithin } from "../../kinds/closure.ts";
import type { ScanAttrs } from "../../kinds/region.ts";

/**
 * What every step would compute from captures alone is computed once, before the loop: closing a body does so when it
 * is declared, this with what rewrites have left since. Views are worth it where a loop inside reads them.
 * @returns values for the outputs of the loop; undefined where nothing moves
 */
export function hoistInvariants(node: Node, operands: readonly Tensor[]): readonly Tensor[] | undefined {
  const attrs = node.attrs as ScanAttrs;
  const [{ parameters, results }] = node.regions;
  const first = attrs.carries + attrs.sequences;
  const order = topological(results);
  const varying = new Set(parameters.slice(0, first));
  for (const inner of order) {
    if (inner.operands.some(o => varying.has(o))) for (const o of inner.outputs) varying.add(o);
  }
  const users = usersOf(order);
  const moves = order.flatMap(inner => {
    if (inner.op.nominal || inner.operands.length === 0) return [];
    return inner.outputs.filter(o => {
      const readers = (users.get(o) ?? []).filter(u => u.outputs.some(y => varying.has(y)));
      const isRead = readers.length > 0 || results.includes(o);
      return !varying.has(o) && isRead && (!isFree(inner) || readers.some(u => u.regions.length > 0));
    });
  });
  if (moves.length === 0) return undefined;
  const outer = replaceWithin(moves, new Map(parameters.slice(first).map((p, k) => [p, operands[first + k]])));
  const added = moves.map(m => regionParameter(m, "invariant"));
  const body = {
    parameters: [...parameters, ...added],
    results: replaceWithin(results, new Map(moves.map((m, k) => [m, added[k]]))),
  };
  return createNode(node.op, [...operands, ...outer], { ...attrs, captures: attrs.captures + moves.length }, [body])
    .outputs;
}
