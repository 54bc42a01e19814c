import { regionParameter } from "../graph/leaves.ts";
import type { Node } from "../graph/node.ts";
import type { Derivative } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { rebuild, topological, withOperands } from "../graph/traverse.ts";
import { algebra } from "../kinds/algebra.ts";
import { batchGraph } from "../kinds/batch.ts";
import { jvpSweep } from "./jvp.ts";
import { directionsOf, hasRequests, isRequest, vjpRequest } from "./request.ts";
import { tapTargets } from "./tap.ts";
import { vjpSweep } from "./vjp.ts";

const dense = (derivative: Derivative, like: Tensor): Tensor => derivative ?? algebra().zerosLike(like);

function expandRequest(node: Node, operands: readonly Tensor[]): Tensor[] {
  const [y] = operands;
  const count = node.attrs.targets as number;
  const reverse = node.op === vjpRequest;
  const targets = reverse ? operands.slice(2) : operands.slice(1, 1 + count);
  const given = reverse ? operands.slice(1, 2) : operands.slice(1 + count);
  const results = reverse ? targets : [y];
  const along = (directions: readonly Tensor[]): Derivative[] =>
    reverse ? vjpSweep([y], targets, directions) : jvpSweep([y], targets, directions);
  const size = directionsOf(node.attrs);
  if (size === undefined) return along(given).map((d, i) => dense(d, results[i]));
  // One direction stands for all; what depends on it is then batched.
  const one = (reverse ? [y] : targets).map(t => regionParameter(t, "direction"));
  const single = along(one).map((d, i) => dense(d, results[i]));
  return batchGraph(single, new Map(one.map((d, k) => [d, given[k]])), size);
}

/**
 * Replaces derivative requests by the nodes that compute them, innermost first. `prepare` runs before every round: it
 * brings the graph that is about to be differentiated into its stable form.
 */
export function expandRequests(
  roots: readonly Tensor[],
  prepare: (roots: readonly Tensor[]) => readonly Tensor[] = r => r,
): readonly Tensor[] {
  let current = roots;
  for (;;) {
    const order = topological(current);
    if (!order.some(n => isRequest(n) || n.regions.some(hasRequests))) return current;
    current = tapTargets(current);
    current = prepare(current);
    current = expandRound(current, prepare);
  }
}

/** Expands the requests that have no other request among what they depend on. */
function expandRound(
  roots: readonly Tensor[],
  prepare: (roots: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  // Nodes that depend on an unexpanded request wait for the next round.
  const waiting = new Set<Node>();
  return rebuild(roots, (node, operands) => {
    const blocked = node.operands.some(o => waiting.has(o.node));
    if (isRequest(node)) {
      waiting.add(node);
      if (!blocked) return expandRequest(node, operands);
    } else if (blocked) {
      waiting.add(node);
    }
    const regions = node.regions.map(r => (hasRequests(r) ? { ...r, results: expandRequests(r.results, prepare) } : r));
    return withOperands(node, operands, regions).outputs;
  });
}
