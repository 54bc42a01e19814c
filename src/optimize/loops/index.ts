import { Interner, type Node, withInterner } from "../../graph/node.ts";
import { mergeOrigins, withOrigin } from "../../graph/provenance.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { rebuild, topological, withOperands } from "../../graph/traverse.ts";
import { scanOp } from "../../ops/scan.ts";
import { batchInputs, batchOutputs } from "./batch-products.ts";
import { batchSums } from "./batch-sums.ts";
import { dropUnused } from "./drop-unused.ts";
import { hoistInvariants } from "./hoist-invariants.ts";
import { turnCaptures } from "./turn-captures.ts";

type LoopRule = (node: Node, operands: readonly Tensor[]) => readonly Tensor[] | undefined;

/** What loops are rewritten by: each is tried on every loop, inner ones first. */
const RULES: readonly (readonly [name: string, rule: LoopRule])[] = [
  ["batch-sums", batchSums],
  ["batch-inputs", batchInputs],
  ["batch-outputs", batchOutputs],
  ["turn-captures", turnCaptures],
  ["hoist-invariants", hoistInvariants],
];

const hasLoops = (roots: readonly Tensor[]): boolean => topological(roots).some(n => n.regions.length > 0);

/**
 * Moves work out of loops: sums of products become one product over stacks, products of sequences and of stacks one for
 * all steps, matrices are turned once. Before and after, what nobody needs is dropped.
 */
export function improveLoops(roots: readonly Tensor[]): readonly Tensor[] {
  if (!hasLoops(roots)) return roots;
  return withInterner(new Interner(), () =>
    dropUnused(RULES.reduce((current, [name, rule]) => everyLoop(current, name, rule), dropUnused(roots))),
  );
}

function everyLoop(roots: readonly Tensor[], name: string, rule: LoopRule): readonly Tensor[] {
  return rebuild(roots, (old, operands) => {
    const regions = old.regions.map(region =>
      hasLoops(region.results) ? { ...region, results: everyLoop(region.results, name, rule) } : region,
    );
    const same = operands.every((o, k) => o === old.operands[k]) && regions.every((r, k) => r === old.regions[k]);
    const node = same ? old : withOperands(old, operands, regions);
    if (node.op !== scanOp) return node.outputs;
    const outputs = withOrigin({ kind: "rewrite", rule: name, replaced: old.outputs[0] }, () => rule(node, operands));
    outputs?.forEach((output, k) => {
      if (!output.node.op.nominal) mergeOrigins(output, old.outputs[k]);
    });
    return outputs ?? node.outputs;
  });
}
