import type { Interner, Region } from "../graph/node.ts";
import { mergeOrigins } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { rebuild, type Substitution } from "../graph/traverse.ts";

const same = <T>(a: readonly T[], b: readonly T[]): boolean => a.every((x, i) => x === b[i]);

/**
 * Brings what user code built into one interner, bodies of regions included: structurally equal pure nodes become one,
 * with the origins of all. The first of equal nodes stays as it is, so most of the user's values stay themselves.
 */
export function importGraph(
  interner: Interner,
  roots: readonly Tensor[],
  substitution: Substitution = new Map(),
): readonly Tensor[] {
  return rebuild(
    roots,
    (node, operands) => {
      if (node.op.nominal) return node.outputs;
      const regions = node.regions.map(region => importRegion(interner, region));
      const next = interner.renew(node, operands, regions);
      for (const [i, output] of next.outputs.entries()) mergeOrigins(output, node.outputs[i]);
      return next.outputs;
    },
    substitution,
  );
}

function importRegion(interner: Interner, region: Region): Region {
  const results = importGraph(interner, region.results);
  return same(results, region.results) ? region : { parameters: region.parameters, results };
}
