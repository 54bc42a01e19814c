import { attrKey } from "../graph/attrs.ts";
import { createNode, type Node } from "../graph/node.ts";
import { mergeOrigins } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { rebuild, topological, withOperands } from "../graph/traverse.ts";
import { isLowerable } from "./form.ts";
import type { ScanAttrs } from "./region.ts";

const isScan = (node: Node): boolean =>
  isLowerable(node.op) && node.op.kind === "region" && node.op.form(node).form === "scan";

/** Loops of one key run the same carries over the same operands. */
function keyOf(node: Node, operands: readonly Tensor[]): string {
  const id = (t: Tensor): string => `${t.node.id}.${t.index}`;
  const [region] = node.regions;
  const { carries } = node.attrs as ScanAttrs;
  const own = [...region.parameters, ...region.results.slice(0, carries)];
  return [node.op.name, attrKey(node.attrs), ...operands.map(id), ...own.map(id)].join();
}

/**
 * Makes one loop of loops that differ only in what they stack: derivatives of a loop run it anew to save residuals, over
 * the same parameters, so that the original and the new ones are one again here.
 */
export function mergeScans(roots: readonly Tensor[]): Tensor[] {
  const merged = new Map<string, { readonly stacked: Set<Tensor>; members: number }>();
  for (const node of topological(roots).filter(isScan)) {
    const key = keyOf(node, node.operands);
    const group = merged.get(key) ?? { stacked: new Set<Tensor>(), members: 0 };
    group.members++;
    for (const value of node.regions[0].results.slice((node.attrs as ScanAttrs).carries)) group.stacked.add(value);
    merged.set(key, group);
  }
  if (![...merged.values()].some(group => group.members > 1)) return [...roots];
  const made = new Map<string, Node>();
  return rebuild(roots, (node, operands) => {
    const key = isScan(node) ? keyOf(node, node.operands) : "";
    const group = merged.get(key);
    if (!group || group.members < 2) {
      return operands.every((o, k) => o === node.operands[k]) ? node.outputs : withOperands(node, operands).outputs;
    }
    const { carries } = node.attrs as ScanAttrs;
    const [region] = node.regions;
    const stacked = [...group.stacked];
    let loop = made.get(key);
    if (!loop) {
      const results = [...region.results.slice(0, carries), ...stacked];
      loop = createNode(node.op, operands, node.attrs, [{ ...region, results }]);
      made.set(key, loop);
    }
    const { outputs } = loop;
    return node.outputs.map((old, k) => {
      const output = k < carries ? outputs[k] : outputs[carries + stacked.indexOf(region.results[k])];
      mergeOrigins(output, old);
      return output;
    });
  });
}
