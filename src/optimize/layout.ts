import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";

/** A graph in numbers: of its nodes, operands before users, and of their values. Sweeps over it look nothing up. */
export class Layout {
  readonly nodes: readonly Node[];
  /** The number of a node's first value. */
  readonly first: Int32Array;
  /** How many operand places and roots read a value. */
  readonly uses: Int32Array;
  /** The values that are the roots. */
  readonly roots: Int32Array;
  /** The values that nodes read, one after the other, and where those of a node begin. */
  private readonly read: Int32Array;
  private readonly reads: Int32Array;
  /** The nodes that read a node, as lists: the place in `read` of the first, and of the next of each. */
  private readonly head: Int32Array;
  private readonly next: Int32Array;
  private readonly user: Int32Array;
  /** How many operands of a node are not done. */
  private readonly waiting: Int32Array;

  constructor(nodes: readonly Node[], roots: readonly Tensor[]) {
    this.nodes = nodes;
    this.first = new Int32Array(nodes.length + 1);
    this.reads = new Int32Array(nodes.length + 1);
    for (let i = 0; i < nodes.length; i++) {
      nodes[i].place = i;
      this.first[i + 1] = this.first[i] + nodes[i].outputs.length;
      this.reads[i + 1] = this.reads[i] + nodes[i].operands.length;
    }
    const edges = this.reads[nodes.length];
    this.uses = new Int32Array(this.first[nodes.length]);
    this.read = new Int32Array(edges);
    this.head = new Int32Array(nodes.length).fill(-1);
    this.next = new Int32Array(edges);
    this.user = new Int32Array(edges);
    this.waiting = new Int32Array(nodes.length);
    // From the last on, so that lists of users are in order.
    for (let i = nodes.length - 1; i >= 0; i--) {
      const { operands } = nodes[i];
      this.waiting[i] = operands.length;
      for (let k = operands.length - 1; k >= 0; k--) {
        const at = this.reads[i] + k;
        const operand = operands[k].node.place;
        this.read[at] = this.first[operand] + operands[k].index;
        this.uses[this.read[at]]++;
        this.user[at] = i;
        this.next[at] = this.head[operand];
        this.head[operand] = at;
      }
    }
    this.roots = Int32Array.from(roots, root => this.first[root.node.place] + root.index);
    for (const root of this.roots) this.uses[root]++;
  }

  /** What stands for the operands of a node. */
  operands(node: number, values: readonly Tensor[]): Tensor[] {
    const operands: Tensor[] = [];
    for (let at = this.reads[node]; at < this.reads[node + 1]; at++) operands.push(values[this.read[at]]);
    return operands;
  }

  /** A node is done: calls `ready` for those that waited for it alone. */
  done(node: number, ready: (user: number) => void): void {
    for (let at = this.head[node]; at >= 0; at = this.next[at]) {
      const user = this.user[at];
      if (--this.waiting[user] === 0) ready(user);
    }
  }
}
