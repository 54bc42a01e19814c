import type { Kernel } from "../src/loop/ir.ts";
import type { LoweredProgram, PlanFunction, PlanStmt } from "../src/plan/ir.ts";

type Call = Extract<PlanStmt, { op: "call" }>;

/** A part of a plan function that runs by itself: one call or copy, inside the loops that stand around it. */
export interface Slice {
  /** Its name among the functions of the sliced program. */
  readonly fn: string;
  /** What it does, for people. */
  readonly label: string;
  /** Absent for a copy or a branch. */
  readonly kernel?: Kernel;
  readonly call?: Call;
  /** How often a call of the function runs it; absent where that depends on values. */
  readonly times?: number;
}

/**
 * A program with one more function for each slice of `fn`, over the same memory. A slice keeps the places, swaps and
 * loops of the whole: it finds its operands where the whole function last left them.
 */
export function slice(
  program: LoweredProgram,
  fn: PlanFunction,
): { readonly program: LoweredProgram; readonly slices: readonly Slice[] } {
  const slices: Slice[] = [];
  const functions = partsOf(fn.body).map(({ statement, times }): PlanFunction => {
    const name = `${fn.name}$${slices.length}`;
    const call = statement.op === "call" ? { kernel: statement.kernel, call: statement } : {};
    slices.push({ fn: name, label: labelOf(statement, program), times, ...call });
    return { name, dims: fn.dims, body: only(fn.body, statement) };
  });
  return { program: { ...program, functions: [...program.functions, ...functions] }, slices };
}

interface Part {
  readonly statement: PlanStmt;
  readonly times?: number;
}

/** Statements that do something, with how often they run. */
function partsOf(body: readonly PlanStmt[], times: number | undefined = 1): Part[] {
  return body.flatMap((s): Part[] => {
    if (s.op === "place" || s.op === "swap" || s.op === "barrier") return [];
    if (s.op !== "for") return [{ statement: s, times }];
    const count = s.count.op === "const" && times !== undefined ? times * s.count.value : undefined;
    return partsOf(s.body, count);
  });
}

/** The body without whatever else does something. */
function only(body: readonly PlanStmt[], kept: PlanStmt): PlanStmt[] {
  return body.flatMap((s): PlanStmt[] => {
    if (s === kept || s.op === "place" || s.op === "swap") return [s];
    if (s.op !== "for") return [];
    const inner = only(s.body, kept);
    return inner.length > 0 ? [{ ...s, body: inner }] : [];
  });
}

function labelOf(s: PlanStmt, program: LoweredProgram): string {
  if (s.op !== "call") return s.op;
  const values = s.origins.map(i => program.origins[i].value);
  return `${s.kernel.name}: ${values.join("; ")}`;
}
