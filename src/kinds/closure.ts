import { regionParameter } from "../graph/leaves.ts";
import type { Node, Region } from "../graph/node.ts";
import { nameOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological, withOperands } from "../graph/traverse.ts";

/** Views and constants cost nothing to repeat: they stay in a body, where they fuse. */
export const isFree = (node: Node): boolean =>
  node.op.kind === "view" || (node.op.kind === "source" && node.operands.length === 0);

/** A body that still reaches what stands around it. */
export interface OpenBody {
  readonly parameters: readonly Tensor[];
  readonly results: readonly Tensor[];
}

/** A closed region and the outer values that its last parameters stand for. */
export interface Closed {
  readonly region: Region;
  readonly captures: readonly Tensor[];
}

/**
 * Closure conversion. What the results reach without depending on the parameters is loop-invariant: it is computed
 * outside and becomes a capture, an operand of the op and a further parameter of the region. Exceptions: views and
 * constants stay inside; so does what lies between the target and the result of a derivative request inside, or the
 * request would look at a graph that ends between the two.
 */
export function closeRegion(parameters: readonly Tensor[], results: readonly Tensor[]): Closed {
  const { regions, captures } = closeRegions([{ parameters, results }]);
  return { region: regions[0], captures };
}

/**
 * Several bodies of one op that share their captures: each gets parameters for all of them.
 * @param since nodes with this id or a later one stay inside though they do not depend on parameters: what a body that
 * may not run makes is computed only when it does
 */
export function closeRegions(
  bodies: readonly OpenBody[],
  since = Number.POSITIVE_INFINITY,
): { regions: Region[]; captures: Tensor[] } {
  const captures = [...new Set(bodies.flatMap(body => capturesOf(body, since)))];
  const regions = bodies.map(({ parameters, results }): Region => {
    const inner = captures.map((c, k) => regionParameter(c, nameOf(c) ?? `capture${k}`));
    const substitution = new Map(captures.map((c, k) => [c, inner[k]]));
    return { parameters: [...parameters, ...inner], results: replaceWithin(results, substitution) };
  });
  return { regions, captures };
}

/** The outer values that a body reads. */
function capturesOf({ parameters, results }: OpenBody, since: number): Tensor[] {
  const order = bodyOrder(parameters, results, since);
  const varying = new Set<Tensor>(parameters);
  for (const node of order) {
    if (node.op.kind === "request") for (const target of node.operands.slice(1)) varying.add(target);
  }
  const pinned = new Set(varying);
  for (const node of order) {
    const own = node.id >= since && !node.op.nominal;
    if (own || node.operands.some(o => varying.has(o))) for (const output of node.outputs) varying.add(output);
  }
  const own = new Set(parameters);
  const captures: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack = [...results].reverse();
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value) || own.has(value)) continue;
    seen.add(value);
    const { node } = value;
    const inside = node.op.nominal
      ? false
      : pinned.has(value)
        ? node.id >= since || dependsOnOther(node, varying)
        : varying.has(value) || isFree(node);
    if (inside) for (let k = node.operands.length - 1; k >= 0; k--) stack.push(node.operands[k]);
    else captures.push(value);
  }
  return captures;
}

/**
 * The nodes that may depend on the parameters, operands first. Nodes older than every parameter cannot, so the outer
 * graph is left alone, however large; unless a request inside looks for its target there.
 */
export function bodyOrder(
  parameters: readonly Tensor[],
  results: readonly Tensor[],
  since = Number.POSITIVE_INFINITY,
): readonly Node[] {
  const first = parameters.reduce((least, p) => Math.min(least, p.node.id), since);
  const found = new Set<Node>();
  const stack = results.map(r => r.node);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.id < first || found.has(node)) continue;
    found.add(node);
    for (const o of node.operands) stack.push(o.node);
  }
  const order = [...found];
  if (order.some(n => n.op.kind === "request")) return topological(results);
  // Operands are always older than what is made of them.
  return order.sort((a, b) => a.id - b.id);
}

/** A request's target that itself varies belongs inside; otherwise it is captured. */
const dependsOnOther = (node: Node, varying: ReadonlySet<Tensor>): boolean => node.operands.some(o => varying.has(o));

/**
 * The results with values replaced; nodes above a replaced value are made anew, all others stay as they are. Does not
 * look below replaced values.
 */
export function replaceWithin(results: readonly Tensor[], substitution: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  const replaced = new Map(substitution);
  const stack = results.map(r => r.node).reverse();
  const done = new Set<Node>();
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    if (done.has(node) || node.outputs.every(o => replaced.has(o))) {
      stack.pop();
      continue;
    }
    const open = node.operands.filter(o => !replaced.has(o) && !done.has(o.node));
    if (open.length > 0) {
      for (let k = open.length - 1; k >= 0; k--) stack.push(open[k].node);
      continue;
    }
    stack.pop();
    done.add(node);
    const operands = node.operands.map(o => replaced.get(o) ?? o);
    if (operands.every((o, k) => o === node.operands[k])) continue;
    const next = withOperands(node, operands);
    node.outputs.forEach((output, k) => {
      if (!replaced.has(output)) replaced.set(output, next.outputs[k]);
    });
  }
  return results.map(r => replaced.get(r) ?? r);
}

/** The results of a region for given arguments, as nodes. */
export const instantiate = (region: Region, args: readonly Tensor[]): Tensor[] =>
  replaceWithin(region.results, new Map(region.parameters.map((p, k) => [p, args[k]])));
