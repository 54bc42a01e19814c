import { createNode, type Node, type Region } from "./node.ts";
import { mergeOrigins } from "./provenance.ts";
import type { Tensor } from "./tensor.ts";

let walks = 0;

/** All nodes that the roots depend on, operands before users, in a deterministic order. Does not enter regions. */
export function topological(roots: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  // A mark on the nodes and not a set of them: every pass begins with this walk, over graphs of tens of thousands of nodes.
  const walk = ++walks;
  // An explicit stack: graphs may be thousands of nodes deep.
  const nodes: Node[] = [];
  const next: number[] = [];
  const open = (node: Node): void => {
    if (node.walk === walk) return;
    node.walk = walk;
    nodes.push(node);
    next.push(0);
  };
  for (const root of roots) {
    open(root.node);
    while (nodes.length > 0) {
      const top = nodes.length - 1;
      const { operands } = nodes[top];
      if (next[top] < operands.length) open(operands[next[top]++].node);
      else {
        order.push(nodes[top]);
        nodes.pop();
        next.pop();
      }
    }
  }
  return order;
}

/** For every value, the nodes that read it (each node once per operand place). */
export function usersOf(order: readonly Node[]): Map<Tensor, Node[]> {
  const users = new Map<Tensor, Node[]>();
  for (const node of order) {
    for (const operand of node.operands) {
      const list = users.get(operand);
      if (list) list.push(node);
      else users.set(operand, [node]);
    }
  }
  return users;
}

/** Values by which old values are replaced. */
export type Substitution = Map<Tensor, Tensor>;

/** A node with other operands and regions; the same node where nothing changes and no interner is active. */
export function withOperands(node: Node, operands: readonly Tensor[], regions: readonly Region[] = node.regions): Node {
  if (node.op.nominal) return node;
  const next = createNode(node.op, operands, node.attrs, regions);
  if (next !== node)
    node.outputs.forEach((old, i) => {
      mergeOrigins(next.outputs[i], old);
    });
  return next;
}

/**
 * Rebuilds the graph below the roots, operands first. `visit` gets each node with its new operands and returns the
 * values that stand for its outputs.
 */
export function rebuild(
  roots: readonly Tensor[],
  visit: (node: Node, operands: readonly Tensor[]) => readonly Tensor[],
  substitution: Substitution = new Map(),
): Tensor[] {
  for (const node of topological(roots)) {
    if (node.outputs.every(o => substitution.has(o))) continue;
    const operands = node.operands.map(o => substitution.get(o) ?? o);
    const outputs = visit(node, operands);
    node.outputs.forEach((old, i) => {
      if (!substitution.has(old)) substitution.set(old, outputs[i]);
    });
  }
  return roots.map(r => substitution.get(r) ?? r);
}
