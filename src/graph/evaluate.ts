import type { DimEnvironment } from "../shared/dim.ts";
import { invariant } from "../shared/errors.ts";
import { resolveShape } from "../shared/shape.ts";
import type { Region } from "./node.ts";
import type { NdArray } from "./op.ts";
import type { Tensor } from "./tensor.ts";
import { topological } from "./traverse.ts";

/** Evaluates values node by node with the ops' own naive evaluation: the definition that compiled code is held against. */
export function evaluateGraph(
  roots: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, NdArray>,
  env: DimEnvironment = {},
): NdArray[] {
  const values = new Map<Tensor, NdArray>(feeds);
  const runRegion = (region: Region, args: readonly NdArray[]): NdArray[] =>
    evaluateGraph(region.results, new Map(region.parameters.map((p, i) => [p, args[i]])), env);
  for (const node of topological(roots)) {
    if (node.outputs.every(o => values.has(o))) continue;
    invariant(!node.op.nominal, `no value was given for ${node.outputs[0]}`);
    const inputs = node.operands.map(o => values.get(o) as NdArray);
    const outputs = node.outputs.map(o => ({ dtype: o.dtype, shape: resolveShape(o.shape, env) }));
    const results = node.op.evaluate(inputs, node.attrs, { env, outputs, runRegion }, node);
    node.outputs.forEach((o, i) => {
      values.set(o, results[i]);
    });
  }
  return roots.map(r => values.get(r) as NdArray);
}
