import { printExpr } from "../loop/print.ts";
import type { LoweredProgram, PlanFunction, PlanStmt, Slot } from "./ir.ts";

/** Text of plans for people; equal for equal plans. */

export function printPlan(program: LoweredProgram): string {
  return [
    `program ${program.name} for ${program.profile.name}, ${program.mode}, ${program.memory.bytes} bytes`,
    ...program.variables.map(v => `${v.role} ${printSlot(v)}`),
    ...(program.seed ? [`seed ${printSlot(program.seed)}`] : []),
    ...program.functions.flatMap(fn => ["", printPlanFunction(fn, program)]),
    "",
  ].join("\n");
}

export function printPlanFunction(fn: PlanFunction, program?: LoweredProgram): string {
  const dims = fn.dims.map(d => `${d.name} <= ${d.max}`).join(", ");
  const slots = program?.interfaces.find(i => i.name === fn.name);
  return [
    `${fn.parallel ? "parallel " : ""}function ${fn.name}(${dims}) {`,
    ...(slots?.inputs ?? []).map(s => `  input ${printSlot(s)}`),
    ...(slots?.outputs ?? []).map(s => `  output ${printSlot(s)}`),
    ...printBlock(fn.body, "  "),
    "}",
  ].join("\n");
}

const printSlot = (s: Slot): string => `${s.name}: ${s.dtype}[${s.shape.join(", ")}] at ${s.offset}`;

const printBlock = (body: readonly PlanStmt[], indent: string): string[] => body.flatMap(s => printStmt(s, indent));

function printStmt(s: PlanStmt, indent: string): string[] {
  const nested = (body: readonly PlanStmt[]): string[] => printBlock(body, `${indent}  `);
  switch (s.op) {
    case "call": {
      const places = s.kernel.buffers.map((b, i) => `${b.name}: ${printExpr(s.places[i])}`).join(", ");
      const extents = s.kernel.extents.map((name, i) => `${name} = ${printExpr(s.extents[i])}`).join(", ");
      return [`${indent}call ${s.kernel.name}(${places}${extents === "" ? "" : `; ${extents}`})`];
    }
    case "copy":
      return [`${indent}copy ${printExpr(s.bytes)} bytes from ${printExpr(s.from)} to ${printExpr(s.to)}`];
    case "place":
      return [`${indent}place ${s.name} = ${printExpr(s.value)}`];
    case "swap":
      return [`${indent}swap ${s.a}, ${s.b}`];
    case "for": {
      const all = printExpr(s.count);
      const count = s.atMost ? `min(${all}, i32[${printExpr(s.atMost)}])` : all;
      const range = s.reverse ? `${count} - 1 .. 0` : `0 .. ${count}`;
      const condition = s.goesOn ? ` while byte[${printExpr(s.goesOn)}]` : "";
      return [`${indent}for ${s.name} = ${range}${condition} {`, ...nested(s.body), `${indent}}`];
    }
    case "while":
      return [`${indent}while byte[${printExpr(s.condition)}] {`, ...nested(s.body), `${indent}}`];
    case "if": {
      const otherwise = s.otherwise.length > 0 ? [`${indent}} else {`, ...nested(s.otherwise)] : [];
      return [`${indent}if byte[${printExpr(s.condition)}] {`, ...nested(s.then), ...otherwise, `${indent}}`];
    }
    case "barrier":
      return [`${indent}barrier`];
    case "single":
      return [`${indent}single {`, ...nested(s.body), `${indent}}`];
  }
}
