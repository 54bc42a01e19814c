import type { TensorType } from "../shared/shape.ts";
import { type Attrs, attrKey, attrsKey } from "./attrs.ts";
import type { Op } from "./op.ts";
import { addOrigin, currentOrigin } from "./provenance.ts";
import { Scalar, Tensor } from "./tensor.ts";

/**
 * The body of a region op: closed, so `results` depend on `parameters` and sources only; what user code closes over has
 * become an explicit capture of the region op.
 */
export interface Region {
  readonly parameters: readonly Tensor[];
  readonly results: readonly Tensor[];
}

let nextId = 0;

/** One operation applied to values. Immutable, but for a mark of those who walk through graphs. */
export class Node {
  /** Counts up with every node made; says which of two nodes was made first, nothing else. */
  readonly id: number;
  readonly op: Op;
  readonly operands: readonly Tensor[];
  readonly attrs: Attrs;
  readonly regions: readonly Region[];
  readonly outputs: readonly Tensor[];
  /** The last walk that came by: see topological(). */
  walk = 0;

  constructor(op: Op, operands: readonly Tensor[], attrs: Attrs, regions: readonly Region[], wrap: OutputFactory) {
    this.id = nextId++;
    this.op = op;
    this.operands = operands;
    this.attrs = attrs;
    this.regions = regions;
    const types = op.inferTypes(operands, attrs, regions);
    this.outputs = types.map((type, index) => wrap(this, index, type));
  }
}

export type OutputFactory = (node: Node, index: number, type: TensorType) => Tensor;

const plainOutput: OutputFactory = (node, index, type) =>
  type.shape.length === 0 ? new Scalar(node, index, type) : new Tensor(node, index, type);

/** The id that the next node will get: nodes with smaller ids exist already. */
export const nextNodeId = (): number => nextId;

const regionKeys = new WeakMap<Region, string>();

/** Text of a region up to the names of its parameters: equal exactly for structurally equal bodies. */
function regionKey(region: Region): string {
  let key = regionKeys.get(region);
  if (key !== undefined) return key;
  const numbers = new Map<Tensor, number>();
  const lines = region.parameters.map(p => {
    numbers.set(p, numbers.size);
    return attrKey({ dtype: p.dtype, shape: p.shape });
  });
  const visit = (root: Node): void => {
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (numbers.has(node.outputs[0])) {
        stack.pop();
        continue;
      }
      const open = node.operands.filter(o => !numbers.has(o));
      if (open.length > 0) {
        for (const o of open) stack.push(o.node);
        continue;
      }
      stack.pop();
      const operands = node.operands.map(o => numbers.get(o)).join();
      const leaf = node.op.nominal ? `#${node.id}` : "";
      lines.push(`${node.op.name}${leaf}(${operands})${attrKey(node.attrs)}${node.regions.map(regionKey).join("|")}`);
      for (const output of node.outputs) numbers.set(output, numbers.size);
    }
  };
  for (const result of region.results) visit(result.node);
  key = `{${lines.join(";")}->${region.results.map(r => numbers.get(r)).join()}}`;
  regionKeys.set(region, key);
  return key;
}

/** Structurally equal pure nodes are one: a table from structure to node. */
export class Interner {
  private readonly table = new Map<string, Node>();

  static key(op: Op, operands: readonly Tensor[], attrs: Attrs, regions: readonly Region[]): string {
    let key = op.name;
    for (const o of operands) key += `,${o.node.id}.${o.index}`;
    key += attrsKey(attrs);
    for (const r of regions) key += regionKey(r);
    return key;
  }

  find(key: string): Node | undefined {
    return this.table.get(key);
  }

  add(key: string, node: Node): void {
    this.table.set(key, node);
  }
}

const NO_ATTRS: Attrs = {};

let ambient: Interner | undefined;

/** Inside `body`, every node that is made is looked up in (and added to) this interner. */
export function withInterner<T>(interner: Interner, body: () => T): T {
  const outer = ambient;
  ambient = interner;
  try {
    return body();
  } finally {
    ambient = outer;
  }
}

/**
 * Makes a node, or finds the equal one when an interner is active, and records where it comes from.
 * Type errors of the op surface here, at the user's line.
 */
export function createNode(
  op: Op,
  operands: readonly Tensor[],
  attrs: Attrs = NO_ATTRS,
  regions: readonly Region[] = [],
  wrap: OutputFactory = plainOutput,
): Node {
  let key: string | undefined;
  let node: Node | undefined;
  if (ambient && !op.nominal) {
    key = Interner.key(op, operands, attrs, regions);
    node = ambient.find(key);
  }
  if (!node) {
    node = new Node(op, operands, attrs, regions, wrap);
    if (ambient && key !== undefined) ambient.add(key, node);
  }
  const origin = currentOrigin();
  if (origin) for (const output of node.outputs) addOrigin(output, origin);
  return node;
}
