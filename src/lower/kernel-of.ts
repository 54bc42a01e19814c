import { sitesOf } from "../graph/provenance.ts";
import type { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import type { LoweredProgram, PlanStmt } from "../plan/ir.ts";
import { formatSite } from "../shared/errors.ts";
import { formatType } from "../shared/shape.ts";

type Call = Extract<PlanStmt, { op: "call" }>;

/** The calls of kernels in statements, those in loops and branches included. */
function callsIn(body: readonly PlanStmt[]): Call[] {
  return body.flatMap(s => {
    if (s.op === "call") return [s];
    if (s.op === "if") return callsIn([...s.then, ...s.otherwise]);
    return "body" in s ? callsIn(s.body) : [];
  });
}

/**
 * The name of the kernel that computes a value: the one that stores it, or else what is made of it next.
 * @param roots the results of the graph in which the value lies
 */
export function kernelOf(
  program: LoweredProgram,
  name: string,
  value: Tensor,
  roots: readonly Tensor[],
): string | undefined {
  const calls = callsIn(program.functions.find(f => f.name === name)?.body ?? []);
  const stored = (v: Tensor): string | undefined => {
    const what = `${v.node.op.name} ${formatType(v)}`;
    const lines = new Set(sitesOf(v).map(formatSite));
    const made = (origin: number): boolean => {
      const { value: text, sites } = program.origins[origin];
      return text.endsWith(what) && sites.some(site => lines.has(site));
    };
    return calls.find(c => c.origins.some(made))?.kernel.name;
  };
  // In topological order: the first that depends on the value and is stored.
  const reached = new Set<Tensor>([value]);
  for (const node of topological(roots)) {
    if (node.operands.some(o => reached.has(o))) for (const o of node.outputs) reached.add(o);
    for (const o of node.outputs) {
      const kernel = reached.has(o) ? stored(o) : undefined;
      if (kernel !== undefined) return kernel;
    }
  }
  return undefined;
}
