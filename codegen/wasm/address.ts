import { iadd, imul, int, isConst } from "../../src/loop/build.ts";
import type { Expr } from "../../src/loop/ir.ts";
import { BYTES, type DType } from "../../src/shared/dtype.ts";
import type { Scope } from "./scope.ts";

/** index = Σ rest + constant; a sum has its constants collected, products by constants distributed. */
function splitConstant(index: Expr): { readonly rest: Expr; readonly constant: number } {
  if (isConst(index)) return { rest: int(0), constant: index.value };
  if (index.op !== "binary") return { rest: index, constant: 0 };
  if (index.fn === "add") {
    const [x, y] = [splitConstant(index.x), splitConstant(index.y)];
    if (x.constant === 0 && y.constant === 0) return { rest: index, constant: 0 };
    return { rest: iadd(x.rest, y.rest), constant: x.constant + y.constant };
  }
  if (index.fn === "mul" && isConst(index.y)) {
    const x = splitConstant(index.x);
    if (x.constant !== 0) return { rest: imul(x.rest, index.y), constant: x.constant * index.y.value };
  }
  return { rest: index, constant: 0 };
}

/**
 * Puts place + index·size on the stack, without a constant part, which is returned for the instruction's offset. The
 * offset is added without wrapping: it must not mend a negative index, so it is used only where the rest is natural.
 * What stays the same through the innermost loop is added up before it.
 */
export function emitAddress(scope: Scope, buffer: string, dtype: DType, index: Expr): number {
  const { f } = scope;
  const size = BYTES[dtype];
  const { rest, constant } = splitConstant(index);
  const separate = constant > 0 && scope.isNatural(rest) && constant * size < 2 ** 31;
  const terms = termsOf(scope, separate || constant === 0 ? rest : iadd(rest, int(constant)));
  const sum = (part: readonly Expr[]): Expr => part.reduce((x, y) => iadd(x, y), int(0));
  const fixed = sum(terms.filter(t => scope.isFixed(t)));
  const moving = sum(terms.filter(t => !scope.isFixed(t)));
  const place = scope.lookup(buffer).local;
  const folded = isConst(fixed);
  f.get(folded ? place : scope.baseOf(place, fixed, size));
  const dynamic = folded ? iadd(moving, fixed) : moving;
  if (!(isConst(dynamic) && dynamic.value === 0)) {
    scope.expression(imul(dynamic, int(size)));
    f.emit("i32.add");
  }
  return separate ? constant * size : 0;
}

/** The summands of an index; those of a product by a constant where only some of them are fixed. */
function termsOf(scope: Scope, e: Expr): readonly Expr[] {
  if (e.op !== "binary") return [e];
  if (e.fn === "add") return [...termsOf(scope, e.x), ...termsOf(scope, e.y)];
  if (e.fn !== "mul" || !isConst(e.y)) return [e];
  const factor = e.y;
  const terms = termsOf(scope, e.x);
  const mixed = terms.some(t => scope.isFixed(t)) && terms.some(t => !scope.isFixed(t));
  return mixed ? terms.map(t => imul(t, factor)) : [e];
}

/** How accesses tell their alignment. */
export const log2 = (bytes: number): number => 31 - Math.clz32(bytes);
