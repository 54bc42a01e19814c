import type { Expr, Stmt } from "./ir.ts";
import { accessOperands, operandsOf } from "./operands.ts";

/** The variables that statements read and do not define, in order of first use: the symbols of dimensions. */
export function freeVariables(body: readonly Stmt[]): string[] {
  const defined = new Set<string>();
  const free = new Set<string>();
  const read = (e: Expr): void => {
    if (e.op === "var" && !defined.has(e.name)) free.add(e.name);
    for (const x of operandsOf(e)) read(x);
  };
  const visit = (statements: readonly Stmt[]): void => {
    for (const statement of statements) {
      switch (statement.op) {
        case "let":
        case "var":
          read(statement.value);
          defined.add(statement.name);
          break;
        case "assign":
          read(statement.value);
          break;
        case "array":
          read(statement.init);
          break;
        case "setElement":
          read(statement.index);
          read(statement.value);
          break;
        case "store":
          for (const e of accessOperands(statement)) read(e);
          read(statement.value);
          break;
        case "for":
          read(statement.from);
          read(statement.to);
          defined.add(statement.name);
          visit(statement.body);
          break;
        case "while":
          read(statement.condition);
          visit(statement.body);
          break;
        case "if":
          read(statement.condition);
          visit(statement.then);
          visit(statement.otherwise ?? []);
          break;
        case "barrier":
          break;
      }
    }
  };
  visit(body);
  return [...free];
}
