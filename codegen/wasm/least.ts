import type { Expr, Kernel } from "../../src/loop/ir.ts";
import type { LoweredProgram, PlanStmt } from "../../src/plan/ir.ts";

const UNKNOWN = Number.NEGATIVE_INFINITY;

/** A number that an i32 expression is never below (short of overflow), from such numbers of variables; else −∞. */
export function leastOf(e: Expr, ofVariable: (name: string) => number | undefined): number {
  if (e.op === "const") return e.value;
  if (e.op === "var") return ofVariable(e.name) ?? UNKNOWN;
  if (e.op !== "binary") return UNKNOWN;
  const x = leastOf(e.x, ofVariable);
  const y = leastOf(e.y, ofVariable);
  switch (e.fn) {
    case "add":
      return x + y;
    case "min":
      return Math.min(x, y);
    case "max":
      return Math.max(x, y);
    case "mul":
      return x >= 0 && y >= 0 ? x * y : UNKNOWN;
    case "div":
    case "rem":
      return x >= 0 && y >= 0 ? 0 : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

/** The least values that the extents of a program's kernels have in any call; what is computed is never negative. */
export function leastExtents(program: LoweredProgram): ReadonlyMap<Kernel, readonly number[]> {
  const least = new Map<Kernel, readonly number[]>();
  const visit = (body: readonly PlanStmt[], ofVariable: (name: string) => number | undefined): void => {
    for (const s of body) {
      if (s.op === "call") {
        const known = least.get(s.kernel);
        const here = s.extents.map(e => leastOf(e, ofVariable)).map(n => (n === UNKNOWN ? 0 : n));
        least.set(s.kernel, known ? here.map((n, i) => Math.min(n, known[i])) : here);
      } else if (s.op === "for" || s.op === "while") {
        visit(s.body, ofVariable);
      } else if (s.op === "if") {
        visit(s.then, ofVariable);
        visit(s.otherwise, ofVariable);
      }
    }
  };
  for (const f of program.functions) {
    const dims = new Set(f.dims.map(d => d.name));
    visit(f.body, name => (dims.has(name) ? 1 : undefined));
  }
  return least;
}
