import { lower, TARGETS } from "../compile.ts";
import { inputOp, paramOp, stateOp } from "../graph/leaves.ts";
import { createNode } from "../graph/node.ts";
import { type ProgramGraph, rootsOf } from "../graph/program-graph.ts";
import { nameOf } from "../graph/provenance.ts";
import { Tensor } from "../graph/tensor.ts";
import { topological } from "../graph/traverse.ts";
import type { NumericMode } from "../loop/ir.ts";
import type { Fired } from "../optimize/index.ts";
import { optimizeProgram, PASSES, type PassState, withProgramRoots } from "../pipeline.ts";
import type { LoweredProgram } from "../plan/ir.ts";
import type { Program } from "../program/program.ts";
import { GradcError } from "../shared/errors.ts";

/** A graph after one pass, and what the pass did. */
export interface Stage {
  readonly name: string;
  readonly reason: string;
  readonly graph: ProgramGraph;
  readonly fired: readonly Fired[];
}

/** `expand composites` may be written expand-composites. */
const normal = (name: string): string => name.trim().toLowerCase().replaceAll("-", " ");

/** Everything that can be looked at, in order. */
export const STAGES: readonly string[] = ["graph", ...PASSES.map(p => p.name), "optimized", "plan", "kernels"];

/** The stage of that name. @throws GradcError `unknown-name` */
export function stageNamed(name: string): string {
  const found = STAGES.find(s => normal(s) === normal(name));
  if (found !== undefined) return found;
  throw new GradcError("unknown-name", `inspect: there is no stage ${JSON.stringify(name)}`, {
    expected: STAGES.join(", "),
    received: name,
  });
}

/** The graph after every pass, seen through the pipeline's observer. Initial values are left out. */
export function trace(graph: ProgramGraph, mode: NumericMode): readonly Stage[] {
  const stages: Stage[] = [];
  optimizeProgram(
    graph,
    mode,
    (pass, before: PassState, after: PassState) => {
      stages.push({
        name: pass.name,
        reason: pass.reason,
        graph: withProgramRoots(graph, after.roots, false),
        fired: after.fired.slice(before.fired.length),
      });
    },
    false,
  );
  return stages;
}

/** The graph at a stage before lowering. */
export function graphAt(graph: ProgramGraph, stage: string, mode: NumericMode): ProgramGraph {
  if (stage === "graph") return graph;
  const stages = trace(graph, mode);
  return (stages.find(s => s.name === stage) ?? stages[stages.length - 1]).graph;
}

export const lowered = (graph: ProgramGraph, mode: NumericMode, initialisers = false): LoweredProgram =>
  lower(graph, TARGETS.js, mode, { initialisers });

/** What to look at: a program's graph, or one function around a value. */
export function graphOf(subject: Program | Tensor): ProgramGraph {
  if (!(subject instanceof Tensor)) return subject.graph;
  const leaves = topological([subject]).flatMap(n => n.outputs);
  const variables = leaves.filter(v => v.node.op === paramOp || v.node.op === stateOp);
  const inputs = leaves.filter(v => v.node.op === inputOp);
  const name = nameOf(subject) ?? "value";
  return {
    name,
    functions: [{ name, inputs, outputs: [{ name, value: subject }], updates: [] }],
    variables: variables.map(value => ({
      name: String(nameOf(value)),
      role: value.node.op === paramOp ? "param" : "state",
      value,
      initial: value,
    })),
    seed: createNode(inputOp, [], { name: "seed", dtype: "u32", shape: [] }).outputs[0],
  };
}

export const allRoots = (graph: ProgramGraph): Tensor[] => graph.functions.flatMap(rootsOf);
