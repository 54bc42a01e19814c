import type { Derivative } from "../graph/op.ts";
import { withOrigin } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import { invariant } from "../shared/errors.ts";
import { typeEquals } from "../shared/shape.ts";
import { activeValues, equationOf } from "./vjp.ts";

/**
 * Forward sweep: ẏ = Σ over wrt of ∂y/∂x·ẋ, as nodes. The values of `wrt` count as independent: their given tangents
 * replace what would flow into them. The graph must be free of derivative requests.
 */
export function jvpSweep(
  results: readonly Tensor[],
  wrt: readonly Tensor[],
  tangents: readonly Derivative[],
): Derivative[] {
  const order = topological(results);
  const active = activeValues(order, wrt);
  const total = new Map<Tensor, Derivative>();
  wrt.forEach((w, i) => {
    total.set(w, tangents[i]);
  });
  for (const node of order) {
    const { derivative } = node.op;
    if (!derivative || node.outputs.every(o => total.has(o) || !active.has(o))) continue;
    const own = node.operands.map(o => total.get(o) ?? null);
    if (!own.some(t => t)) continue;
    const of = node.outputs[0];
    withOrigin({ kind: "derivative", of, rule: node.op.name, equation: equationOf(node, own) }, () => {
      const outputs = derivative.jvp({ node, operands: node.operands, outputs: node.outputs, tangents: own });
      node.outputs.forEach((output, i) => {
        const tangent = outputs[i];
        if (!tangent || total.has(output) || !active.has(output)) return;
        invariant(typeEquals(tangent, output), `a tangent of ${output} has type ${tangent}`);
        total.set(output, tangent);
      });
    });
  }
  return results.map(r => total.get(r) ?? null);
}
