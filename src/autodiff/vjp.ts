import type { Node } from "../graph/node.ts";
import type { Derivative } from "../graph/op.ts";
import { withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { isFloat } from "../shared/dtype.ts";
import { invariant } from "../shared/errors.ts";
import { typeEquals } from "../shared/shape.ts";
import { type Cotangent, clean, handedOn, isElementwise, singularNodes, sumOf } from "./masks.ts";

/** One node of the sweep, for those who want to watch it (derivations). */
export interface SweepStep {
  readonly node: Node;
  readonly cotangents: readonly Derivative[];
  /** The node's contribution to each operand. */
  readonly contributions: readonly Derivative[];
}

/** The values that depend differentiably on `wrt`, among the nodes of `order`. */
export function activeValues(order: readonly Node[], wrt: Iterable<Tensor>): Set<Tensor> {
  const active = new Set(wrt);
  for (const node of order) {
    if (!node.op.derivative || !node.operands.some(o => active.has(o))) continue;
    for (const output of node.outputs) if (isFloat(output.dtype)) active.add(output);
  }
  return active;
}

/** The rule's equations for the operands that take part. */
export const equationOf = (node: Node, part: readonly unknown[]): string =>
  (node.op.derivative?.equations ?? []).filter((_, i) => part[i]).join("; ");

/**
 * Reverse sweep: x̄ = Σ over results of ȳ·∂y/∂x, as nodes. Every node's contribution is built once, in reverse
 * topological order, when the cotangents of all its outputs are complete; zeros stay symbolic (null).
 * The graph must be free of derivative requests.
 */
export function vjpSweep(
  results: readonly Tensor[],
  wrt: readonly Tensor[],
  cotangents: readonly Derivative[],
  watch?: (step: SweepStep) => void,
): Derivative[] {
  const order = topological(results);
  const active = activeValues(order, wrt);
  const singular = singularNodes(order);
  const total = new Map<Tensor, Cotangent>();
  const accumulate = (value: Tensor, part: Cotangent): void => {
    if (!active.has(value)) return;
    invariant(typeEquals(part.value, value), `a cotangent of ${value} has type ${part.value}`);
    const old = total.get(value);
    total.set(value, old ? sumOf(old, part) : part);
  };
  results.forEach((result, i) => {
    const value = cotangents[i];
    if (value) accumulate(result, { value, dirty: false });
  });
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at];
    if (!node.op.derivative) continue;
    const parts = node.outputs.map(o => total.get(o));
    const needed = node.operands.map(o => active.has(o));
    if (!parts.some(c => c) || !needed.some(n => n)) continue;
    const { derivative } = node.op;
    const of = node.outputs[parts.findIndex(c => c)];
    withOrigin({ kind: "derivative", of, rule: node.op.name, equation: equationOf(node, needed) }, () => {
      const inside = isElementwise(node);
      const own = parts.map(c => (c ? (inside ? c.value : clean(c)) : null));
      const contributions = derivative.vjp({
        node,
        operands: node.operands,
        outputs: node.outputs,
        cotangents: own,
        needed,
      });
      watch?.({ node, cotangents: own, contributions });
      const [first] = parts;
      const [value] = own;
      node.operands.forEach((operand, i) => {
        const part = contributions[i];
        if (!part) return;
        if (!first || !value || parts.length > 1) accumulate(operand, { value: part, dirty: false });
        else accumulate(operand, handedOn(node, { ...first, value, dirty: inside && first.dirty }, i, part, singular));
      });
    });
  }
  return wrt.map(w => {
    const found = total.get(w);
    return found ? clean(found) : null;
  });
}
