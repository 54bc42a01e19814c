import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import type { PointwiseForm } from "../kinds/form.ts";
import * as s from "../loop/build.ts";
import { maxSizeOf, shapeEquals } from "../shared/shape.ts";
import { formOf, hasGuard, literalOf, readsOf, waits } from "./reader.ts";

/** Above this cost (about a few adds), a value with several users is stored rather than computed again. */
const RECOMPUTE_LIMIT = 4;
/** Above this many inlined operations an expression is cut, so that kernels stay of a size that engines optimise. */
const INLINE_LIMIT = 40;

export interface Materialisation {
  /** Nodes below the roots, operands first; leaves left out. */
  readonly order: readonly Node[];
  /** Values that get storage (or a register within one kernel); the others are inlined or aliases. */
  readonly stored: ReadonlySet<Tensor>;
  readonly users: ReadonlyMap<Tensor, readonly Node[]>;
}

/** How a pointwise node reads its operands. */
interface Access {
  /** Under a guard: a read that may not be made. */
  readonly guarded: boolean;
  /** Operand axes are the leading output axes, in order: a repeated read moves out of the inner loops. */
  readonly prefix: readonly boolean[];
  /** How many elements of each operand one element of the result reads. */
  readonly reads: readonly number[];
}

const accesses = new WeakMap<Node, Access>();

function accessOf(node: Node, form: PointwiseForm): Access {
  let access = accesses.get(node);
  if (!access) {
    const [output] = node.outputs;
    const index = output.shape.map((_, axis) => s.variable(`probe${axis}`));
    const prefix = node.operands.map(() => true);
    const reads = node.operands.map(() => 0);
    const result = form.at(0, index, (operand, at) => {
      reads[operand]++;
      if (!at.every((e, axis) => e === index[axis])) prefix[operand] = false;
      return s.literal(node.operands[operand].dtype, 0);
    });
    access = { guarded: hasGuard(result), prefix, reads };
    accesses.set(node, access);
  }
  return access;
}

/**
 * Decides which values are stored. Always: results of reductions, contractions, procedures and loops; roots; what
 * procedures and loops read. Pointwise values are inlined into their users unless that would repeat real work: several
 * users, an expand that reads each element many times, or a contraction, which reads its operands many times.
 */
export function materialise(
  roots: readonly Tensor[],
  isLeaf: (value: Tensor) => boolean,
  compact = false,
): Materialisation {
  const order = inOrder(roots, compact).filter(n => !n.outputs.every(isLeaf) && !n.outputs.every(o => literalOf(o)));
  const users = new Map<Tensor, Node[]>();
  for (const node of order) {
    for (const o of readsOf(node)) {
      const list = users.get(o);
      if (!list) users.set(o, [node]);
      else if (list.at(-1) !== node) list.push(node);
    }
  }
  const { needBuffer, reread } = demands(order);
  const given = new Set(order);
  const wanted = new Set(roots.map(baseOf));
  const stored = new Set<Tensor>();
  const inlineCost = new Map<Tensor, number>();
  const inlineSize = new Map<Tensor, number>();
  const sum = (node: Node, of: ReadonlyMap<Tensor, number>, times: (operand: number) => number = () => 1): number => {
    const distinct = new Map(readsOf(node).map((o, i) => [o, i]));
    let total = 0;
    for (const [o, i] of distinct) if (!stored.has(o)) total += times(i) * (of.get(o) ?? 0);
    return total;
  };

  // Values that follow a product point by point and alone: the last of them is stored instead of the product.
  const epilogue = new Set<Tensor>();
  const isSoleProduct = (value: Tensor, user: Node): boolean => {
    if (!given.has(value.node)) return false;
    const isProduct = formOf(value.node).form === "contraction" || (epilogue.has(value) && !stored.has(value));
    return isProduct && !wanted.has(value) && users.get(value)?.every(u => u === user) === true;
  };

  // Values that follow a reduction point by point.
  const rowwise = new Set<Tensor>();
  const isRowResult = (value: Tensor): boolean =>
    given.has(value.node) &&
    value.rank > 0 &&
    (formOf(value.node).form === "reduction" || (rowwise.has(value) && !stored.has(value)));

  /** How many read a value through one of its users: where that only repeats it, the value is stored, not the repetition. */
  const readersThrough = (user: Node, value: Tensor): number => {
    const form = formOf(user);
    const [output] = user.outputs;
    const enlarges = form.form === "pointwise" && form.cost === 0 && maxSizeOf(output.shape) > maxSizeOf(value.shape);
    return enlarges && user.operands.length === 1 ? (users.get(output)?.length ?? 1) : 1;
  };

  const isStored = (node: Node, value: Tensor): boolean => {
    const form = formOf(node);
    if (form.form === "alias") {
      // An alias of stored elements needs no storage of its own.
      return (wanted.has(value) || needBuffer.has(value)) && !hasPlace(value, stored, isLeaf);
    }
    if (form.form !== "pointwise") return true;
    if (wanted.has(value) || needBuffer.has(value)) return true;
    const cost = inlineCost.get(value) ?? 0;
    if ((inlineSize.get(value) ?? 0) > INLINE_LIMIT) return true;
    if (cost > 0 && reread.has(value)) return true;
    const readers = users.get(value) ?? [];
    if (epilogue.has(value) && !(readers.length === 1 && continues(readers[0], value))) return true;
    if (cost >= RECOMPUTE_LIMIT && readers.reduce((n, u) => n + readersThrough(u, value), 0) > 1) return true;
    // One store in the kernel of the rows instead of one for each of their results that this value reads.
    if (rowwise.has(value) && cost >= RECOMPUTE_LIMIT && readers.some(u => formOf(u).form === "reduction")) return true;
    return cost >= RECOMPUTE_LIMIT && readers.some(u => repeats(u, value));
  };

  for (const node of order) {
    const form = formOf(node);
    const own = form.form === "pointwise" ? form.cost : 0;
    if (node.operands.some(o => isSoleProduct(o, node) && continues(node, o))) epilogue.add(node.outputs[0]);
    if (node.operands.some(o => isRowResult(o) && continues(node, o))) rowwise.add(node.outputs[0]);
    // What is read at several places stands in the text as often.
    const times = (operand: number): number => (form.form === "pointwise" ? accessOf(node, form).reads[operand] : 1);
    for (const value of node.outputs) {
      inlineCost.set(value, own + sum(node, inlineCost));
      // A concat stands in the text with all its pieces.
      const pieces = readsOf(node).length > 3 ? node.operands.length : 1;
      inlineSize.set(value, pieces + sum(node, inlineSize, times));
      if (isStored(node, value)) stored.add(value);
    }
  }
  return { order, stored, users };
}

/**
 * The nodes, operands first. Where memory counts, because it is asked for or some wait for others to be computed anew,
 * results that take fewer steps come first: the gradients of a net's last layers before those of its first, so that what they need can go.
 */
function inOrder(roots: readonly Tensor[], compact: boolean): readonly Node[] {
  const order = topological(roots);
  if (!compact && !order.some(waits)) return order;
  const depths = new Map<Node, number>();
  for (const node of order) depths.set(node, 1 + Math.max(0, ...node.operands.map(o => depths.get(o.node) ?? 0)));
  const depthOf = ({ node }: Tensor): number => depths.get(node) ?? 0;
  return topological([...roots].sort((a, b) => depthOf(a) - depthOf(b)));
}

/** Does the elements' order in memory already exist (a stored value or leaf behind aliases)? */
export function hasPlace(value: Tensor, stored: ReadonlySet<Tensor>, isLeaf: (value: Tensor) => boolean): boolean {
  let at = value;
  for (;;) {
    if (stored.has(at) || isLeaf(at)) return true;
    if (at.node.op.nominal || formOf(at.node).form !== "alias") return false;
    at = at.node.operands[0];
  }
}

/** Is the user one that computes the same element from each element of the value? */
function continues(user: Node, value: Tensor): boolean {
  const form = formOf(user);
  if (form.form !== "pointwise" || !shapeEquals(user.outputs[0].shape, value.shape)) return false;
  const { prefix, guarded } = accessOf(user, form);
  return !guarded && user.operands.every((o, i) => o !== value || prefix[i]);
}

/** The value whose elements, in the same order, this value has: through aliases. */
export function baseOf(value: Tensor): Tensor {
  let at = value;
  while (!at.node.op.nominal && literalOf(at) === undefined && formOf(at.node).form === "alias") {
    at = at.node.operands[0];
  }
  return at;
}

/** Does this user read each element of the value many times, from inner loops? */
function repeats(user: Node, value: Tensor): boolean {
  const form = formOf(user);
  if (form.form !== "pointwise" || value.rank === 0) return false;
  if (maxSizeOf(user.outputs[0].shape) <= maxSizeOf(value.shape)) return false;
  const { prefix } = accessOf(user, form);
  return user.operands.some((o, i) => o === value && !prefix[i]);
}

/** What users demand of values, from the results back. */
function demands(order: readonly Node[]): { needBuffer: Set<Tensor>; reread: Set<Tensor> } {
  const needBuffer = new Set<Tensor>();
  const reread = new Set<Tensor>();
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at];
    const form = formOf(node);
    if (form.form === "procedure" || node.regions.length > 0) {
      for (const o of node.operands) needBuffer.add(o);
    } else if (form.form === "contraction") {
      for (const o of node.operands) reread.add(o);
    } else if (form.form === "alias" || form.form === "pointwise") {
      // Views pass the demand on; anything that computes is stored itself.
      const passes = form.form === "alias" || (form.form === "pointwise" && form.cost === 0);
      const guarded = form.form === "pointwise" && form.cost === 0 && accessOf(node, form).guarded;
      if ((passes && reread.has(node.outputs[0])) || guarded) for (const o of readsOf(node)) reread.add(o);
      if (form.form === "alias" && needBuffer.has(node.outputs[0])) needBuffer.add(node.operands[0]);
    }
  }
  return { needBuffer, reread };
}
