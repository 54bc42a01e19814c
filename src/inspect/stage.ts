import type { ProgramGraph } from "../graph/program-graph.ts";

/** One firing of a rewrite rule, with both sides. */
export interface Firing {
  readonly rule: string;
  readonly equation: string;
  readonly contract: string;
  readonly beforeText: string;
  readonly afterText: string;
}

/** A graph after one pass, and what the pass did. */
export interface Stage {
  readonly name: string;
  readonly reason: string;
  readonly graph: ProgramGraph;
  readonly fired: readonly Firing[];
}
