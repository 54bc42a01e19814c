import { compileSync } from "../compile-sync.ts";
import { rootsOf } from "../graph/program-graph.ts";
import { alignColumns } from "../inspect/text.ts";
import type { Program } from "../program/program.ts";
import { type Check, gradientsInLoops, verifyProgram } from "./verify.ts";

export interface VerifyFlags {
  readonly tolerance: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function verifyCommand(program: Program, flags: VerifyFlags): { text: string; ok: boolean } {
  const checks = verifyProgram(program.graph, flags.seed, (graph, make) => compileSync(make(graph), { target: "js" }));
  const passed = (c: Check): boolean => c.relativeError <= flags.tolerance;
  const ok = checks.every(passed);
  if (flags.json) return { text: `${JSON.stringify({ program: program.name, ok, checks }, null, 1)}\n`, ok };
  const inside = gradientsInLoops(program.graph.functions.flatMap(rootsOf));
  const beside = inside === 0 ? [] : [`${inside} in bodies of loops: checked only with gradients of the loops`];
  if (checks.length === 0) return { text: `${[`${program.name} asks for no gradients`, ...beside].join("; ")}\n`, ok };
  const rows = checks.map(c => [
    passed(c) ? "ok" : "WRONG",
    `∂${c.of}/∂${c.parameter}`,
    c.type,
    `max relative error ${c.relativeError.toExponential(1)}`,
    `${c.directions} directions`,
  ]);
  const end = ok ? "all gradients agree with central differences" : "gradients differ from central differences";
  return { text: `${[...alignColumns(rows), "", `${program.name}: ${end}`, ...beside].join("\n")}\n`, ok };
}
