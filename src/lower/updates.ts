import type { Node } from "../graph/node.ts";
import type { FunctionGraph } from "../graph/program-graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { typeEquals } from "../shared/shape.ts";
import { type Cluster, isIdentity, type Schedule } from "./cluster.ts";
import type { ReadRecord } from "./reader.ts";

/** An update and whether its kernel may write the variable's own storage. */
export interface PlannedUpdate {
  readonly target: Tensor;
  readonly value: Tensor;
  /** The stored value to be computed in place; undefined: computed elsewhere and copied at the end. */
  readonly inPlace: Tensor | undefined;
}

/**
 * All right-hand sides see old values. A variable may be overwritten where its new value is computed only if every
 * other kernel that reads the old one runs before, and the kernel itself reads it only at the element it overwrites.
 */
export function planUpdates(
  f: Pick<FunctionGraph, "updates">,
  schedule: Schedule,
  wanted: (value: Tensor) => Tensor | undefined,
  taken: ReadonlySet<Tensor>,
): PlannedUpdate[] {
  const position = new Map(schedule.clusters.map((c, i) => [c, i]));
  const used = new Set(taken);
  const targets = new Set(f.updates.map(u => u.target));
  const readers = new Map<Tensor, { node: Node; record: ReadRecord }[]>();
  for (const [node, records] of schedule.reads) {
    for (const record of records) {
      if (!targets.has(record.value)) continue;
      const list = readers.get(record.value);
      if (list) list.push({ node, record });
      else readers.set(record.value, [{ node, record }]);
    }
  }
  return f.updates.map(({ target, value }) => {
    const stored = wanted(value);
    const home = stored && schedule.clusterOf.get(stored);
    if (!stored || !home || used.has(stored) || !typeEquals(stored, target))
      return { target, value, inPlace: undefined };
    const ownPosition = position.get(home) ?? 0;
    for (const { node, record } of readers.get(target) ?? []) {
      const reader = schedule.clusterOf.get(node.outputs[0]);
      const at = reader === undefined ? 0 : (position.get(reader) ?? 0);
      if (at < ownPosition) continue;
      const harmless =
        at === ownPosition && isIdentity(record, target.shape) && overwritesLast(home, stored, node.outputs[0]);
      if (!harmless) return { target, value, inPlace: undefined };
    }
    used.add(stored);
    return { target, value, inPlace: stored };
  });
}

/** In this kernel, does the store come after the read at every element? True for stages of the row's own shape. */
function overwritesLast(home: Cluster, stored: Tensor, reader: Tensor): boolean {
  if (home.kind === "rows") {
    const isPoint = (value: Tensor): boolean => value.rank === home.outer.length;
    return home.stages.length === 1 || (isPoint(stored) && isPoint(reader));
  }
  // In the epilogue, not in the product itself.
  return home.kind === "contraction" && reader.node !== home.node;
}
