import type { LoweredProgram, PlanStmt } from "../plan/ir.ts";

/** One call of a kernel in a function. */
export interface KernelRow {
  readonly function: string;
  readonly kernel: string;
  readonly values: readonly string[];
  readonly sites: readonly string[];
}

/** The calls of all functions in order, those in loops and branches included. */
export function kernelRows(program: LoweredProgram): KernelRow[] {
  return program.functions.flatMap(f => {
    const rows: KernelRow[] = [];
    const visit = (body: readonly PlanStmt[]): void => {
      for (const s of body) {
        if (s.op === "call") {
          const origins = s.origins.map(o => program.origins[o]);
          rows.push({
            function: f.name,
            kernel: s.kernel.name,
            values: origins.map(o => o.value),
            sites: [...new Set(origins.flatMap(o => o.sites))],
          });
        } else if (s.op === "for" || s.op === "while") visit(s.body);
        else if (s.op === "if") {
          visit(s.then);
          visit(s.otherwise);
        }
      }
    };
    visit(f.body);
    return rows;
  });
}
