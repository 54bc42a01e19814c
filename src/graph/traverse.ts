import { createNode, type Node, type Region } from "./node.ts";
import { mergeOrigins } from "./provenance.ts";
import type { Tensor } from "./tensor.ts";

let walks = 0;

/** The order below some roots, and what these were. */
interface Walked {
  readonly roots: readonly Tensor[];
  readonly order: readonly Node[];
}

const walked = new WeakMap<readonly Tensor[], Walked>();

/**
 * All nodes that the roots depend on, operands before users, in a deterministic order. Does not enter regions. Graphs do
 * not change, so those who ask for the same roots again get the same list.
 */
export function topological(roots: readonly Tensor[]): readonly Node[] {
  const known = walked.get(roots);
  if (known && known.roots.length === roots.length && roots.every((r, i) => r === known.roots[i])) return known.order;
  const order = walk(roots);
  walked.set(roots, { roots: [...roots], order });
  return order;
}

function walk(roots: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  // A mark on the nodes and not a set of them: every pass begins with this walk, over graphs of tens of thousands of nodes.
  const mark = ++walks;
  // An explicit stack: graphs may be thousands of nodes deep.
  const nodes: Node[] = [];
  const next: number[] = [];
  const open = (node: Node): void => {
    if (node.walk === mark) return;
    node.walk = mark;
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
  const next = createNode(node.op, operands, node.attrs, regions, undefined, node.key);
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
): readonly Tensor[] {
  for (const node of topological(roots)) {
    if (node.outputs.every(o => substitution.has(o))) continue;
    const operands = node.operands.map(o => substitution.get(o) ?? o);
    const outputs = visit(node, operands);
    node.outputs.forEach((old, i) => {
      if (!substitution.has(old)) substitution.set(old, outputs[i]);
    });
  }
  const results = roots.map(r => substitution.get(r) ?? r);
  return results.every((r, i) => r === roots[i]) ? roots : results;
}
