import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as s from "../loop/build.ts";
import type { Expr } from "../loop/ir.ts";
import { dimEquals } from "../shared/dim.ts";
import { present } from "../shared/errors.ts";
import type { Shape } from "../shared/shape.ts";
import { maxSizeOf, shapeEquals } from "../shared/shape.ts";
import { baseOf, type Materialisation } from "./materialise.ts";
import { formOf, operations, Reader, type ReadRecord, waits } from "./reader.ts";
import { COPIES } from "./reduction.ts";

/**
 * Operations of the loop IR in one kernel: some 20 KB of V8's bytecode, which leaves functions of more than 60 KB
 * in its interpreter for good. The same for all targets, so that no kernel boundary depends on the target.
 */
const MAX_OPERATIONS = 1000;
/** Values that one kernel reads and computes: each may be a parameter, of which WebAssembly allows 1,000. */
const MAX_VALUES = 250;

/** One step of a row kernel: a value computed point by point, or all outputs of a reduction. */
export interface Stage {
  readonly node: Node;
  readonly values: readonly Tensor[];
}

/**
 * Values computed by one kernel.
 * rows: a loop over the index space `outer` around stages in order; a stage whose shape is longer than `outer` has inner
 * loops of its own. contraction: a product with the point stages that follow it in registers (its epilogue).
 */
export type Cluster =
  | { readonly kind: "rows"; outer: Shape; readonly stages: Stage[] }
  | { readonly kind: "contraction"; readonly node: Node; readonly stages: Stage[] }
  | { readonly kind: "procedure"; readonly node: Node }
  | { readonly kind: "region"; readonly node: Node };

export interface Schedule {
  readonly clusters: readonly Cluster[];
  readonly clusterOf: ReadonlyMap<Tensor, Cluster>;
  /** The reads of stored values and leaves by each stored value's computation. */
  readonly reads: ReadonlyMap<Node, readonly ReadRecord[]>;
}

const probeIndex = (shape: Shape, hint = "i"): Expr[] => shape.map((_, axis) => s.variable(`${hint}${axis}`));

/** What computing one element of a node's outputs takes. */
interface Demand {
  /** The stored values and leaves that are read, and at which index. */
  readonly records: readonly ReadRecord[];
  /** Operations in the kernel's text. */
  readonly operations: number;
}

function demandOf(node: Node, isAtHand: (value: Tensor) => boolean): Demand {
  const records: ReadRecord[] = [];
  let computed: readonly Expr[] = [];
  let copies = node.outputs.length;
  const reader = new Reader((value, index) => {
    const base = baseOf(value);
    if (!isAtHand(value) && !isAtHand(base)) return undefined;
    if (isAtHand(value)) {
      records.push({ value, index });
      return s.literal(value.dtype, 1);
    }
    // Through an alias: the same place under another shape; no identity unless only sizes of 1 differ.
    const ones = (d: Shape): Shape => d.filter(x => x !== 1);
    const plain = shapeEquals(ones(value.shape), ones(base.shape));
    if (plain) return undefined;
    records.push({ value: base, index: [] });
    return s.literal(value.dtype, 1);
  });
  const form = formOf(node);
  const read = (operand: number, at: readonly Expr[]): Expr => reader.read(node.operands[operand], at);
  switch (form.form) {
    case "pointwise":
      computed = [form.at(0, probeIndex(node.outputs[0].shape), read)];
      break;
    case "alias":
      computed = [reader.read(node.operands[0], probeIndex(node.operands[0].shape, "a"))];
      break;
    case "reduction":
      computed = form.element(probeIndex(node.outputs[0].shape), probeIndex(form.extents, "r"), read);
      copies = COPIES;
      break;
    default:
      // Whole operands.
      for (const o of node.operands) reader.read(o, probeIndex(o.shape, "w"));
  }
  return { records, operations: copies * operations(computed) };
}

/** What a kernel holds so far, against the limits. */
class Load {
  private operations = 0;
  private readonly values = new Set<Tensor>();

  fits({ records, operations }: Demand, stage: Stage): boolean {
    const more = new Set([...records.map(r => r.value), ...stage.values].filter(v => !this.values.has(v)));
    return this.operations + operations <= MAX_OPERATIONS && this.values.size + more.size <= MAX_VALUES;
  }

  add({ records, operations }: Demand, values: readonly Tensor[]): void {
    this.operations += operations;
    for (const { value } of records) this.values.add(value);
    for (const value of values) this.values.add(value);
  }
}

/** How many leading entries of a read's index are the stage's own index. */
function identityDepth(record: ReadRecord): number {
  let depth = 0;
  while (depth < record.index.length) {
    const e = record.index[depth];
    if (e.op !== "var" || e.name !== `i${depth}`) break;
    depth++;
  }
  return depth;
}

/** Is the whole index the stage's own? */
export const isIdentity = (record: ReadRecord, shape: Shape): boolean =>
  record.index.length === shape.length && identityDepth(record) === shape.length;

function commonPrefix(a: Shape, b: Shape): Shape {
  let n = 0;
  while (n < a.length && n < b.length && dimEquals(a[n], b[n])) n++;
  return a.slice(0, n);
}

/**
 * Groups stored values into kernels, in one walk over the graph. A value may join the kernel of what it reads only if
 * that is the latest kernel among all it depends on: then everything else it needs is ready before, and no cycle can
 * arise. A kernel that is full is continued by a later one.
 */
export function cluster(m: Materialisation, isLeaf: (value: Tensor) => boolean, fuse = true): Schedule {
  const clusters: Cluster[] = [];
  const position = new Map<Cluster, number>();
  const clusterOf = new Map<Tensor, Cluster>();
  const reads = new Map<Node, readonly ReadRecord[]>();
  const loads = new Map<Cluster, Load>();
  const continued = new Map<Cluster, Cluster>();
  const isAtHand = (value: Tensor): boolean => m.stored.has(value) || isLeaf(value);
  const loadOf = (c: Cluster): Load => present(loads.get(c));
  const open = (c: Cluster): Cluster => {
    position.set(c, clusters.length);
    clusters.push(c);
    loads.set(c, new Load());
    return c;
  };

  const later = (a: Cluster | undefined, b: Cluster | undefined): Cluster | undefined =>
    a && b ? ((position.get(b) ?? 0) > (position.get(a) ?? 0) ? b : a) : (a ?? b);
  const fences = new Fences(m, value => clusterOf.get(value), later);

  for (const node of smallFirst(m.order)) {
    fences.pass(node);
    if (!node.outputs.some(o => m.stored.has(o))) continue;
    const demand = demandOf(node, isAtHand);
    const { records } = demand;
    reads.set(node, records);
    const form = formOf(node);
    let home: Cluster | undefined;
    if (form.form === "pointwise" || form.form === "alias" || form.form === "reduction") {
      const stage: Stage = { node, values: node.outputs };
      const latest = records.map(r => clusterOf.get(r.value)).reduce(later, fences.before(node));
      let full: Cluster | undefined;
      for (let at = fuse ? latest : undefined; at; at = continued.get(at)) {
        if (loadOf(at).fits(demand, stage)) {
          if (join(at, stage, records, clusterOf)) home = at;
          full = undefined;
          break;
        }
        full = at;
      }
      home ??= open({ kind: "rows", outer: node.outputs[0].shape, stages: [stage] });
      if (full) continued.set(full, home);
    } else if (form.form === "contraction") {
      home = open({ kind: "contraction", node, stages: [] });
    } else if (form.form === "procedure") {
      home = open({ kind: "procedure", node });
    } else {
      home = open({ kind: "region", node });
    }
    loadOf(home).add(demand, node.outputs);
    for (const o of node.outputs) clusterOf.set(o, home);
  }
  return { clusters, clusterOf, reads };
}

/** The kernels that must have run before a value may be computed although it reads nothing of them. */
class Fences {
  private readonly m: Materialisation;
  private readonly home: (value: Tensor) => Cluster | undefined;
  private readonly later: (a: Cluster | undefined, b: Cluster | undefined) => Cluster | undefined;
  /** Of values that are not stored: the latest kernel that they depend on, and that they wait for. */
  private readonly ready = new Map<Tensor, Cluster>();
  private readonly fence = new Map<Tensor, Cluster>();
  private readonly any: boolean;

  constructor(m: Materialisation, home: Fences["home"], later: Fences["later"]) {
    this.m = m;
    this.home = home;
    this.later = later;
    this.any = m.order.some(waits);
  }

  /** Takes note of a node whose operands have been passed. */
  pass(node: Node): void {
    if (!this.any) return;
    const ready = this.latest(node.operands, o => this.readyOf(o));
    const fence = waits(node) ? ready : this.before(node);
    for (const o of node.outputs) {
      if (ready) this.ready.set(o, ready);
      if (fence) this.fence.set(o, fence);
    }
  }

  /** The latest kernel that the node has to wait for. */
  before(node: Node): Cluster | undefined {
    return this.any
      ? this.latest(node.operands, o => (this.m.stored.has(o) ? undefined : this.fence.get(o)))
      : undefined;
  }

  private readyOf(value: Tensor): Cluster | undefined {
    return this.m.stored.has(value) ? this.home(value) : this.ready.get(value);
  }

  private latest(values: readonly Tensor[], of: (value: Tensor) => Cluster | undefined): Cluster | undefined {
    return values.map(of).reduce(this.later, undefined);
  }
}

/** Values of at most this many elements cost nothing to compute early. */
const SMALL = 64;

/**
 * Moves what is small and depends on nothing big to the front: step counters, schedules, bias corrections. What needs
 * them later can then join the kernel of a gradient instead of waiting for them.
 */
function smallFirst(order: readonly Node[]): Node[] {
  const small = new Set<Node>();
  const given = new Set(order);
  for (const node of order) {
    const form = formOf(node).form;
    const simple = form === "pointwise" || form === "alias" || form === "reduction";
    const fits = node.outputs.every(o => maxSizeOf(o.shape) <= SMALL);
    if (simple && fits && node.operands.every(o => !given.has(o.node) || small.has(o.node))) small.add(node);
  }
  return [...order.filter(n => small.has(n)), ...order.filter(n => !small.has(n))];
}

/** Adds a stage to a kernel if its reads of the kernel's own values allow it. */
function join(
  c: Cluster,
  stage: Stage,
  records: readonly ReadRecord[],
  clusterOf: ReadonlyMap<Tensor, Cluster>,
): boolean {
  const inside = records.filter(r => clusterOf.get(r.value) === c);
  const [{ shape }] = stage.values;
  // It reads what c continues.
  if (inside.length === 0 && !(c.kind === "rows" && shapeEquals(c.outer, shape))) return false;
  if (c.kind === "contraction") {
    const isReduction = formOf(stage.node).form === "reduction";
    const out = c.node.outputs[0].shape;
    if (isReduction || !shapeEquals(shape, out) || !inside.every(r => isIdentity(r, out))) return false;
    c.stages.push(stage);
    return true;
  }
  if (c.kind !== "rows") return false;
  // All reads of the kernel's own values must stay in their row.
  const depth = Math.min(...inside.map(identityDepth));
  const outer = commonPrefix(c.outer, shape).slice(0, depth);
  const shrinks = outer.length < c.outer.length;
  if (shrinks && (outer.length === 0 || !worthRows(c, stage, outer))) return false;
  if (outer.length === 0 && c.outer.length === 0 && shape.length > 0) return false;
  c.outer = outer;
  c.stages.push(stage);
  return true;
}

/** Rows are worth it when a reduction is near: its row is still in the cache. */
function worthRows(c: Extract<Cluster, { kind: "rows" }>, stage: Stage, outer: Shape): boolean {
  const reduces = (s: Stage): boolean => formOf(s.node).form === "reduction";
  if (!reduces(stage) && !c.stages.some(reduces)) return false;
  return outer.length === stage.values[0].shape.length || c.stages.some(s => s.values[0].shape.length <= outer.length);
}
