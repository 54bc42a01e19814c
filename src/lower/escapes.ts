import type { Tensor } from "../graph/tensor.ts";
import type { Schedule } from "./cluster.ts";
import { baseOf } from "./materialise.ts";

export interface Escapes {
  /** Stored values that somebody outside their kernel reads, or that have loops of their own in it. */
  readonly escaping: ReadonlySet<Tensor>;
  /** Those that only their kernel reads, row by row, with the number of the row's axes: room for one row will do. */
  readonly rows: ReadonlyMap<Tensor, number>;
}

/** Which of the stored values need memory, and how much of it. */
export function escapingValues(roots: readonly Tensor[], schedule: Schedule, stored: ReadonlySet<Tensor>): Escapes {
  const escaping = new Set<Tensor>();
  for (const root of roots) {
    if (stored.has(root)) escaping.add(root);
    else escaping.add(baseOf(root));
  }
  for (const [node, records] of schedule.reads) {
    const home = schedule.clusterOf.get(node.outputs[0]);
    for (const { value } of records) if (schedule.clusterOf.get(value) !== home) escaping.add(value);
  }
  const rows = new Map<Tensor, number>();
  for (const c of schedule.clusters) {
    if (c.kind === "rows") {
      const inner = c.stages.flatMap(stage => stage.values).filter(value => value.rank > c.outer.length);
      for (const value of inner) {
        if (!escaping.has(value) && c.outer.length > 0) rows.set(value, c.outer.length);
        escaping.add(value);
      }
    } else if (c.kind !== "contraction") {
      for (const value of c.node.outputs) escaping.add(value);
    }
  }
  return { escaping, rows };
}
