import { Interner, type Region, withInterner } from "../graph/node.ts";
import { mergeOrigins, withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { rebuild, topological, withOperands } from "../graph/traverse.ts";

const hasComposites = (roots: readonly Tensor[]): boolean =>
  topological(roots).some(n => n.op.expand !== undefined || n.regions.some(r => hasComposites(r.results)));

/**
 * Replaces composites (softmax, layerNorm …) by the graphs they stand for, bodies of regions included. After autodiff,
 * which takes their own derivatives.
 */
export function expandComposites(roots: readonly Tensor[]): readonly Tensor[] {
  let current = roots;
  // What a composite stands for may hold composites again.
  while (hasComposites(current)) current = withInterner(new Interner(), () => expandOnce(current));
  return current;
}

function expandOnce(roots: readonly Tensor[]): readonly Tensor[] {
  return rebuild(roots, (node, operands) => {
    const { expand } = node.op;
    const [first] = node.outputs;
    const regions = node.regions.map(expandRegion);
    if (!expand) {
      if (operands.every((o, i) => o === node.operands[i]) && regions.every((r, i) => r === node.regions[i])) {
        return node.outputs;
      }
      return withOrigin({ kind: "rewrite", rule: "expand-composites", replaced: first }, () =>
        withOperands(node, operands, regions),
      ).outputs;
    }
    const outputs = withOrigin({ kind: "expansion", of: first }, () => expand(operands, node.attrs, regions));
    for (const [i, output] of outputs.entries()) if (!output.node.op.nominal) mergeOrigins(output, node.outputs[i]);
    return outputs;
  });
}

const expandRegion = (region: Region): Region =>
  hasComposites(region.results) ? { parameters: region.parameters, results: expandComposites(region.results) } : region;
