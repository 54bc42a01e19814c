import type { Node } from "../graph/node.ts";

/** What sweeps know of a node. */
export class Mark {
  /** The sweeps that it belongs to. */
  readonly owner: number;
  /** The sweep for which the rest holds. */
  sweep = 0;
  /** No rule matches at the node: it needs no second look. Outlives the sweep. */
  settled = false;
  /** Of the new graph so far, and not dead. */
  live = false;
  /** Of the graph as it was before the sweep, or what such a node becomes whose operands are done. */
  before = false;
  /** How many operand places (and roots) read a value of the node. */
  uses = 0;

  constructor(owner: number) {
    this.owner = owner;
  }
}

let owners = 0;

/**
 * The marks of the sweeps over one graph. They lie on the nodes, for tables of tens of thousands of nodes would cost more
 * than the sweeps. So only one sweep may be at work at a time: what another one leaves is no longer there.
 */
export class Marks {
  private readonly owner = ++owners;
  private sweep = 0;

  /** Forgets all but what is settled. */
  next(): void {
    this.sweep++;
  }

  of(node: Node): Mark {
    let mark = node.notes;
    if (!(mark instanceof Mark) || mark.owner !== this.owner) {
      mark = new Mark(this.owner);
      node.notes = mark;
    }
    const own = mark as Mark;
    if (own.sweep !== this.sweep) {
      own.sweep = this.sweep;
      own.live = false;
      own.before = false;
      own.uses = 0;
    }
    return own;
  }
}
