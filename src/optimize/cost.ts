import { regionParameter } from "../graph/leaves.ts";
import type { Node } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { type Form, isLowerable } from "../kinds/form.ts";
import { dimMax } from "../shared/dim.ts";
import { maxSizeOf } from "../shared/shape.ts";
import { fillValue } from "./constants.ts";

/** An element that is moved, in units of an add: breaks ties between graphs of equal arithmetic. */
const MOVE = 0.25;

const costs = new WeakMap<Node, number>();

const elements = (values: readonly Tensor[]): number => values.reduce((n, v) => n + maxSizeOf(v.shape), 0);

function formCost(node: Node, form: Form): number {
  switch (form.form) {
    case "pointwise":
      return elements(node.outputs) * (form.cost + MOVE);
    case "alias":
    case "constant":
      return 0;
    case "reduction":
      return elements(node.operands) * (form.cost + MOVE);
    case "contraction":
      return 2 * Object.values(form.extents).reduce<number>((n, d) => n * dimMax(d), 1);
    case "procedure":
      return (elements(node.operands) + elements(node.outputs)) * (form.cost + MOVE);
    case "scan":
      return dimMax(form.length ?? 1) * graphCost(form.region.results);
    case "cond":
      return Math.max(graphCost(form.then.results), graphCost(form.otherwise.results));
  }
}

function compute(node: Node): number {
  const { op } = node;
  if (op.nominal || fillValue(node.outputs[0]) !== undefined) return 0;
  if (op.expand) {
    const operands = node.operands.map((o, i) => regionParameter(o, `x${i}`));
    return graphCost(op.expand(operands, node.attrs, node.regions));
  }
  return isLowerable(op) ? formCost(node, op.form(node)) : 0;
}

/** Arithmetic of one node: elements × what its kind declares, at the bounds of symbolic sizes. */
export function costOf(node: Node): number {
  let cost = costs.get(node);
  if (cost === undefined) {
    cost = compute(node);
    costs.set(node, cost);
  }
  return cost;
}

/** Arithmetic of all nodes below some values, each once. */
export const graphCost = (roots: readonly Tensor[]): number =>
  topological(roots).reduce((total, node) => total + costOf(node), 0);
