import { createNode } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { rebuild, topological, withOperands } from "../graph/traverse.ts";
import { lifted } from "../kinds/batch.ts";
import { hasRequests, isRequest, targetsOf } from "./request.ts";

/**
 * The identity, opaque to rewrites: put on every intermediate value that is differentiated for, so that no rewrite
 * merges the value into what uses it before the derivative is taken. Expanded away with the composites.
 */
export const tapOp: Op = {
  name: "tap",
  kind: "composite",
  nominal: false,
  commutative: false,
  operands: ["x"],
  dtypes: ["f32", "f64"],
  batch: lifted(),
  derivative: { equations: ["ȳ"], vjp: ({ cotangents }) => [cotangents[0]], jvp: ({ tangents }) => [tangents[0]] },
  inferTypes: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  evaluate: ([x]) => [x],
  expand: ([x]) => [x],
};

/** Taps the targets of all requests that are not leaves already, in regions too: rewrites go into these as well. */
export function tapTargets(roots: readonly Tensor[]): readonly Tensor[] {
  const order = topological(roots);
  const targets = new Set<Tensor>();
  let nested = false;
  for (const node of order) {
    nested ||= node.regions.some(hasRequests);
    if (!isRequest(node)) continue;
    for (const t of targetsOf(node)) if (!t.node.op.nominal && t.node.op !== tapOp) targets.add(t);
  }
  if (targets.size === 0 && !nested) return roots;
  return rebuild(roots, (node, operands) => {
    const regions = node.regions.map(r => (hasRequests(r) ? { ...r, results: tapTargets(r.results) } : r));
    return withOperands(node, operands, regions).outputs.map((o, i) =>
      targets.has(node.outputs[i]) ? createNode(tapOp, [o]).outputs[0] : o,
    );
  });
}
