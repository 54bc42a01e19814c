import type { Expr } from "./ir.ts";

/** The expressions that an expression reads, in order. */
export function operandsOf(e: Expr): readonly Expr[] {
  switch (e.op) {
    case "const":
    case "var":
      return [];
    case "unary":
    case "cast":
    case "bitcast":
    case "splat":
    case "lane":
      return [e.x];
    case "binary":
    case "compare":
      return [e.x, e.y];
    case "select":
    case "guard":
      return [e.condition, e.then, e.otherwise];
    case "fma":
      return [e.x, e.y, e.z];
    case "call":
      return e.args;
    case "load":
    case "element":
      return [e.index];
  }
}

/** The same expression over other operands (in the order of operandsOf); itself if they are the same objects. */
export function withOperands(e: Expr, operands: readonly Expr[]): Expr {
  const old = operandsOf(e);
  if (old.every((x, i) => x === operands[i])) return e;
  const [x, y, z] = operands;
  switch (e.op) {
    case "const":
    case "var":
      return e;
    case "unary":
    case "cast":
    case "bitcast":
    case "splat":
    case "lane":
      return { ...e, x };
    case "binary":
    case "compare":
      return { ...e, x, y };
    case "select":
    case "guard":
      return { ...e, condition: x, then: y, otherwise: z };
    case "fma":
      return { ...e, x, y, z };
    case "call":
      return { ...e, args: operands };
    case "load":
    case "element":
      return { ...e, index: x };
  }
}
