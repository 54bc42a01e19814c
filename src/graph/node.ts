import type { TensorType } from "../shared/shape.ts";
import { type Attrs, type AttrsKey, attrKey, attrsKey } from "./attrs.ts";
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

/** One operation applied to values. Immutable, but for marks of those who walk through graphs. */
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
  /** Its number in the walk at work. */
  place = 0;
  /** What the pass at work notes about the node; the next one may find it and put its own in its place. */
  notes: unknown = undefined;
  private knownKey: AttrsKey | undefined;
  private knownHash = -1;

  constructor(
    op: Op,
    operands: readonly Tensor[],
    attrs: Attrs,
    regions: readonly Region[],
    key: AttrsKey | undefined,
    wrap: OutputFactory = plainOutput,
  ) {
    this.id = nextId++;
    this.op = op;
    this.operands = operands;
    this.attrs = attrs;
    this.regions = regions;
    const types = op.inferTypes(operands, attrs, regions);
    this.outputs = types.map((type, index) => wrap(this, index, type));
    this.knownKey = key;
  }

  /** The key of the attributes. */
  get key(): AttrsKey {
    this.knownKey ??= attrsKey(this.attrs);
    return this.knownKey;
  }

  /** Equal for structurally equal nodes. */
  get hash(): number {
    if (this.knownHash < 0) this.knownHash = hashOf(this.operands, this.key);
    return this.knownHash;
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

const NO_ATTRS: Attrs = {};
const NO_REGIONS: readonly Region[] = [];

function sameValues(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const sameRegions = (a: readonly Region[], b: readonly Region[]): boolean =>
  a.length === b.length && a.every((r, i) => r === b[i] || regionKey(r) === regionKey(b[i]));

/** A number that differs for most nodes of an operation that differ. */
function hashOf(operands: readonly Tensor[], key: AttrsKey): number {
  let { hash } = key;
  for (const o of operands) hash = (Math.imul(hash, 31) + 8 * o.node.id + o.index) & 0x3fffffff;
  return hash;
}

/** Structurally equal pure nodes are one: a table from structure to node. */
export class Interner {
  /** By operation and hash; nodes that share both stand in a list. */
  private readonly tables = new Map<string, Map<number, Node | Node[]>>();

  find(
    op: Op,
    operands: readonly Tensor[],
    attrs: Attrs = NO_ATTRS,
    regions: readonly Region[] = NO_REGIONS,
    key: AttrsKey = attrsKey(attrs),
  ): Node | undefined {
    const found = this.tables.get(op.name)?.get(hashOf(operands, key));
    if (!found) return undefined;
    const equal = (node: Node): boolean =>
      sameValues(node.operands, operands) &&
      (node.attrs === attrs || node.key.text === key.text) &&
      sameRegions(node.regions, regions);
    return found instanceof Node ? (equal(found) ? found : undefined) : found.find(equal);
  }

  /** Takes in a node that it does not have. */
  add(node: Node): void {
    const { name } = node.op;
    let table = this.tables.get(name);
    if (!table) {
      table = new Map();
      this.tables.set(name, table);
    }
    const found = table.get(node.hash);
    if (!found) table.set(node.hash, node);
    else if (found instanceof Node) table.set(node.hash, [found, node]);
    else found.push(node);
  }

  /** A node with other operands and regions: an equal one that it has, the node itself where nothing changes, or a new one. */
  renew(node: Node, operands: readonly Tensor[], regions: readonly Region[]): Node {
    const { op, attrs, key } = node;
    let next = this.find(op, operands, attrs, regions, key);
    if (!next) {
      const kept = sameValues(operands, node.operands) && regions.every((r, i) => r === node.regions[i]);
      next = kept ? node : new Node(op, operands, attrs, regions, key);
      this.add(next);
    }
    return next;
  }
}

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
  regions: readonly Region[] = NO_REGIONS,
  wrap: OutputFactory = plainOutput,
  key?: AttrsKey,
): Node {
  const interner = op.nominal ? undefined : ambient;
  const known = interner ? (key ?? attrsKey(attrs)) : key;
  let node = interner?.find(op, operands, attrs, regions, known);
  if (!node) {
    node = new Node(op, operands, attrs, regions, known, wrap);
    interner?.add(node);
  }
  const origin = currentOrigin();
  if (origin) for (const output of node.outputs) addOrigin(output, origin);
  return node;
}
