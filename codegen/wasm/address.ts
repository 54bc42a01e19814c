import { imul, int, isConst } from "../../src/loop/build.ts";
import type { Expr } from "../../src/loop/ir.ts";
import { BYTES, type DType } from "../../src/shared/dtype.ts";
import { affineOf, sumOf } from "./affine.ts";
import type { Scope } from "./scope.ts";

/**
 * Puts place + index·size on the stack, without a constant part, which is returned for the instruction's offset. The
 * offset is added without wrapping: it must not mend a negative index, so it is used only where the rest is none. What
 * stays the same through the innermost loop is added up before it.
 */
export function emitAddress(scope: Scope, buffer: string, dtype: DType, index: Expr): number {
  const { f } = scope;
  const size = BYTES[dtype];
  const { terms, constant } = affineOf(index);
  const natural = terms.every(t => t.coefficient > 0 && scope.leastOf(t.expr) >= 0);
  const separate = constant > 0 && natural && constant * size < 2 ** 31;
  const fixed = terms.filter(t => scope.isFixed(t.expr));
  const moving = terms.filter(t => !scope.isFixed(t.expr));
  const place = scope.lookup(buffer).local;
  // A constant alone needs no place of its own; one beside fixed terms belongs to them.
  const ahead = separate || fixed.length === 0 ? 0 : constant;
  f.get(fixed.length === 0 ? place : scope.baseOf(place, sumOf(fixed, ahead), size));
  const dynamic = sumOf(moving, separate ? 0 : constant - ahead);
  if (!(isConst(dynamic) && dynamic.value === 0)) {
    scope.expression(imul(dynamic, int(size)));
    f.emit("i32.add");
  }
  return separate ? constant * size : 0;
}

/** How accesses tell their alignment. */
export const log2 = (bytes: number): number => 31 - Math.clz32(bytes);
