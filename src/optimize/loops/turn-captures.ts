import { regionParameter } from "../../graph/leaves.ts";
import { createNode, type Node } from "../../graph/node.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { rebuild, topological, withOperands } from "../../graph/traverse.ts";
import type { ScanAttrs } from "../../kinds/region.ts";
import { apply } from "../../ops/coerce.ts";
import { contractOp } from "../../ops/contraction.ts";
import { transpose } from "../../ops/view.ts";

/** Puts the letters that lead to columns of the result last, so that neighbouring columns are neighbours in memory. */
function turned(letters: string, out: string): string | undefined {
  const last = out.at(-1);
  if (last === undefined || !letters.includes(last) || letters.endsWith(last)) return undefined;
  return [...letters].filter(l => l !== last).join("") + last;
}

/**
 * A matrix that every step of a loop multiplies by is turned once, before the loop, where the steps would read it across
 * its rows.
 * @returns values for the outputs of the loop; undefined where nothing is to be turned
 */
export function turnCaptures(node: Node, operands: readonly Tensor[]): readonly Tensor[] | undefined {
  const attrs = node.attrs as ScanAttrs;
  const [{ parameters, results }] = node.regions;
  const first = attrs.carries + attrs.sequences;
  const captured = new Map(parameters.slice(first).map((p, k) => [p, operands[first + k]]));
  const fresh = new Map<string, { readonly parameter: Tensor; readonly value: Tensor }>();
  const turnedOperand = (value: Tensor, letters: string, order: string): Tensor | undefined => {
    const outer = captured.get(value);
    if (!outer) return undefined;
    const axes = [...order].map(l => letters.indexOf(l));
    const key = `${parameters.indexOf(value)}:${axes.join()}`;
    const known = fresh.get(key);
    if (known) return known.parameter;
    const turnedValue = transpose(outer, axes);
    const parameter = regionParameter(turnedValue, "turned");
    fresh.set(key, { parameter, value: turnedValue });
    return parameter;
  };
  if (!topological(results).some(n => n.op === contractOp && n.operands.some(o => captured.has(o)))) return undefined;
  const after = rebuild(results, (inner, own) => {
    const { left, right, out } = inner.attrs as { left: string; right: string; out: string };
    if (inner.op === contractOp) {
      const order = turned(right, out);
      const y = order === undefined ? undefined : turnedOperand(inner.operands[1], right, order);
      if (y && order !== undefined) return [apply(contractOp, [own[0], y], { left, right: order, out })];
    }
    return own.every((o, k) => o === inner.operands[k]) ? inner.outputs : withOperands(inner, own).outputs;
  });
  if (fresh.size === 0) return undefined;
  const added = [...fresh.values()];
  return createNode(
    node.op,
    [...operands, ...added.map(a => a.value)],
    { ...attrs, captures: attrs.captures + added.length },
    [{ parameters: [...parameters, ...added.map(a => a.parameter)], results: after }],
  ).outputs;
}
