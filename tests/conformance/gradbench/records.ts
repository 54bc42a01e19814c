import { existsSync, readFileSync } from "node:fs";
import type { Json } from "../../../examples/gradbench/task.ts";

/** One evaluation: what a module has to answer. */
export interface Evaluation {
  readonly module: string;
  readonly function: string;
  readonly description: string | null;
  readonly input: Json;
  readonly output: Json;
}

const file = (path: string): URL => new URL(path, import.meta.url);

/** Modules that GradBench's own evaluations were recorded of. */
const RECORDED = ["hello", "llsq", "lse", "ode", "particle", "saddle"];
const SUITE = "../../../../shared/suites/gradbench/";

/** GradBench's evaluations; undefined where the suite does not lie beside the checkout. */
export function recorded(): Evaluation[] | undefined {
  if (!existsSync(file(SUITE))) return undefined;
  return RECORDED.flatMap(module => {
    const lines = readFileSync(file(`${SUITE}${module}.jsonl`), "utf8").split("\n");
    return lines.filter(line => line !== "").map(line => JSON.parse(line) as Evaluation);
  });
}

/** Evaluations of the other modules, by tests/oracle/gradbench.py. */
export const computed = (): Evaluation[] =>
  JSON.parse(readFileSync(file("../../oracle/gradbench.json"), "utf8")) as Evaluation[];
