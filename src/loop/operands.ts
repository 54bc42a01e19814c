import type { Expr, MemoryAccess } from "./ir.ts";

/** The expressions that an expression reads, in order. */
export function operandsOf(e: Expr): readonly Expr[] {
  switch (e.op) {
    case "const":
    case "var":
    case "ramp":
      return [];
    case "unary":
    case "cast":
    case "bitcast":
    case "splat":
    case "lane":
      return [e.x];
    case "binary":
    case "compare":
    case "shuffle":
      return [e.x, e.y];
    case "select":
    case "guard":
      return [e.condition, e.then, e.otherwise];
    case "fma":
      return [e.x, e.y, e.z];
    case "call":
      return e.args;
    case "load":
      return accessOperands(e);
    case "element":
      return [e.index];
  }
}

/** The expressions that say which elements are touched, in order. */
export const accessOperands = ({ index, stride, mask }: MemoryAccess): readonly Expr[] => [
  index,
  ...(stride ? [stride] : []),
  ...(mask ? [mask] : []),
];

/** The same load or store at other elements: its index, stride and mask as `change` gives them, in this order. */
export function mapAccess<A extends MemoryAccess>(access: A, change: (e: Expr) => Expr): A {
  const { index, stride, mask } = access;
  return {
    ...access,
    index: change(index),
    ...(stride ? { stride: change(stride) } : {}),
    ...(mask ? { mask: change(mask) } : {}),
  };
}

/** The same expression over other operands (in the order of operandsOf); itself if they are the same objects. */
export function withOperands(e: Expr, operands: readonly Expr[]): Expr {
  const old = operandsOf(e);
  if (old.every((x, i) => x === operands[i])) return e;
  const [x, y, z] = operands;
  switch (e.op) {
    case "const":
    case "var":
    case "ramp":
      return e;
    case "unary":
    case "cast":
    case "bitcast":
    case "splat":
    case "lane":
      return { ...e, x };
    case "binary":
    case "compare":
    case "shuffle":
      return { ...e, x, y };
    case "select":
    case "guard":
      return { ...e, condition: x, then: y, otherwise: z };
    case "fma":
      return { ...e, x, y, z };
    case "call":
      return { ...e, args: operands };
    case "load": {
      let at = 0;
      return mapAccess(e, () => operands[at++]);
    }
    case "element":
      return { ...e, index: x };
  }
}
