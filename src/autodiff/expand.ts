import type { Node, Region } from "../graph/node.ts";
import type { Derivative } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { rebuild, topological, withOperands } from "../graph/traverse.ts";
import { algebra } from "../kinds/algebra.ts";
import { jvpSweep } from "./jvp.ts";
import { isRequest, vjpRequest } from "./request.ts";
import { tapTargets } from "./tap.ts";
import { vjpSweep } from "./vjp.ts";

const dense = (derivative: Derivative, like: Tensor): Tensor => derivative ?? algebra().zerosLike(like);

function expandRequest(node: Node, operands: readonly Tensor[]): Tensor[] {
  if (node.op === vjpRequest) {
    const [y, cotangent, ...targets] = operands;
    return vjpSweep([y], targets, [cotangent]).map((d, i) => dense(d, targets[i]));
  }
  const count = node.attrs.targets as number;
  const targets = operands.slice(1, 1 + count);
  return jvpSweep([operands[0]], targets, operands.slice(1 + count)).map(d => dense(d, operands[0]));
}

const hasRequests = (region: Region): boolean =>
  topological(region.results).some(n => isRequest(n) || n.regions.some(hasRequests));

/**
 * Replaces derivative requests by the nodes that compute them, innermost first. `prepare` runs before every round: it
 * brings the graph that is about to be differentiated into its stable form.
 */
export function expandRequests(
  roots: readonly Tensor[],
  prepare: (roots: readonly Tensor[]) => readonly Tensor[] = r => r,
): Tensor[] {
  let current: Tensor[] = [...roots];
  for (;;) {
    const order = topological(current);
    if (!order.some(n => isRequest(n) || n.regions.some(hasRequests))) return current;
    current = tapTargets(current);
    current = [...prepare(current)];
    current = expandRound(current, prepare);
  }
}

/** Expands the requests that have no other request among what they depend on. */
function expandRound(roots: readonly Tensor[], prepare: (roots: readonly Tensor[]) => readonly Tensor[]): Tensor[] {
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
