import { fold } from "./fold.ts";
import type { Expr, Stmt } from "./ir.ts";
import { mapAccess, operandsOf, withOperands } from "./operands.ts";

/**
 * Rebuilds an expression from the leaves: `replace` sees every node over its new operands, once, and may return another.
 * Of the others, index arithmetic that has become constant is folded. Shared subtrees are visited once.
 */
export function mapExpr(e: Expr, replace: (e: Expr) => Expr, seen: Map<Expr, Expr> = new Map()): Expr {
  const known = seen.get(e);
  if (known) return known;
  const operands = operandsOf(e);
  const rebuilt =
    operands.length === 0
      ? e
      : withOperands(
          e,
          operands.map(x => mapExpr(x, replace, seen)),
        );
  const replaced = replace(rebuilt);
  // What is left of (i + 1) − 1 may be a variable that stands for itself here: it is not replaced again.
  const result = replaced === rebuilt && rebuilt !== e ? fold(rebuilt) : replaced;
  seen.set(e, result);
  return result;
}

/** Replaces variables by expressions. */
export function substitute(e: Expr, bindings: ReadonlyMap<string, Expr>): Expr {
  return bindings.size === 0 ? e : mapExpr(e, x => (x.op === "var" ? (bindings.get(x.name) ?? x) : x));
}

export interface StmtMapping {
  readonly expr?: (e: Expr) => Expr;
  /** Names of variables, loops and register arrays, where they are defined or assigned. */
  readonly name?: (name: string) => string;
  readonly buffer?: (name: string) => string;
}

const same = <T>(x: T): T => x;

/** Applies functions to all expressions, names and stored buffers of statements. Expressions are mapped as wholes. */
export function mapStmts(body: readonly Stmt[], mapping: StmtMapping): Stmt[] {
  const { expr = same, name = same, buffer = same } = mapping;
  const visit = (s: Stmt): Stmt => {
    switch (s.op) {
      case "let":
      case "var":
      case "assign":
        return { ...s, name: name(s.name), value: expr(s.value) };
      case "array":
        return { ...s, name: name(s.name), init: expr(s.init) };
      case "setElement":
        return { ...s, array: name(s.array), index: expr(s.index), value: expr(s.value) };
      case "store":
        return { ...mapAccess(s, expr), buffer: buffer(s.buffer), value: expr(s.value) };
      case "for":
        return { ...s, name: name(s.name), from: expr(s.from), to: expr(s.to), body: s.body.map(visit) };
      case "while":
        return { ...s, condition: expr(s.condition), body: s.body.map(visit) };
      case "if":
        return {
          ...s,
          condition: expr(s.condition),
          then: s.then.map(visit),
          ...(s.otherwise ? { otherwise: s.otherwise.map(visit) } : {}),
        };
      case "barrier":
        return s;
    }
  };
  return body.map(visit);
}

/** Renames variables, register arrays and buffers everywhere. */
export function renameStmts(body: readonly Stmt[], names: (name: string) => string): Stmt[] {
  const rename = (e: Expr): Expr => {
    switch (e.op) {
      case "var":
        return { ...e, name: names(e.name) };
      case "load":
        return { ...e, buffer: names(e.buffer) };
      case "element":
        return { ...e, array: names(e.array) };
      default:
        return e;
    }
  };
  return mapStmts(body, { expr: e => mapExpr(e, rename), name: names, buffer: names });
}
