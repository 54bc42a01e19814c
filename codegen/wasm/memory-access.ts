import { iadd, imul, int, isConst } from "../../src/loop/build.ts";
import type { Expr } from "../../src/loop/ir.ts";
import { BYTES, type DType } from "../../src/shared/dtype.ts";
import { emitSplat } from "./convert.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Scope } from "./scope.ts";

type Typed = Pick<Expr, "dtype" | "lanes">;

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
function emitAddress(scope: Scope, buffer: string, dtype: DType, index: Expr): number {
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

const log2 = (bytes: number): number => 31 - Math.clz32(bytes);

export function emitLoad(scope: Scope, e: Extract<Expr, { op: "load" }>): void {
  const { f } = scope;
  const { dtype, lanes } = e;
  const offset = emitAddress(scope, e.buffer, dtype, e.index);
  const align = log2(BYTES[dtype]);
  if (dtype === "bool") {
    if (lanes > 1 && !e.splat) {
      emitMaskLoad(f, lanes, offset);
      return;
    }
    f.access("i32.load8_u", align, offset);
    if (lanes > 1) emitSplat(f, dtype);
  } else if (lanes === 1) {
    f.access(`${dtype === "u32" ? "i32" : dtype}.load`, align, offset);
  } else if (e.splat) {
    f.access(dtype === "f64" ? "v128.load64_splat" : "v128.load32_splat", align, offset);
  } else {
    f.access(lanes * BYTES[dtype] === 16 ? "v128.load" : "v128.load64_zero", align, offset);
  }
}

/** Bytes 0 and 1 → lanes of a mask: repeat the bytes, keep byte i in lane i, compare with 0. */
function emitMaskLoad(f: FunctionBuilder, lanes: number, offset: number): void {
  const kept = new Uint8Array(16);
  for (let i = 0; i < lanes; i++) kept[(i * 16) / lanes + i] = 255;
  f.access(lanes === 2 ? "v128.load16_splat" : "v128.load32_splat", 0, offset);
  f.v128(kept);
  f.emit("v128.and");
  f.v128(new Uint8Array(16));
  f.emit(lanes === 2 ? "i64x2.ne" : "i32x4.ne");
}

export function emitStore(scope: Scope, buffer: string, index: Expr, value: Expr): void {
  const { f } = scope;
  const { dtype, lanes } = value;
  const offset = emitAddress(scope, buffer, dtype, index);
  scope.expression(value);
  const align = log2(BYTES[dtype]);
  if (dtype === "bool") emitBoolStore(f, value, offset);
  else if (lanes === 1) f.access(`${dtype === "u32" ? "i32" : dtype}.store`, align, offset);
  else if (lanes * BYTES[dtype] === 16) f.access("v128.store", align, offset);
  else f.accessLane("v128.store64_lane", align, offset, 0);
}

/** A mask becomes one byte, 0 or 1, per lane. */
function emitBoolStore(f: FunctionBuilder, { lanes }: Typed, offset: number): void {
  if (lanes === 1) {
    f.access("i32.store8", 0, offset);
    return;
  }
  f.v128(new Uint8Array(16).fill(1));
  f.emit("v128.and");
  f.v128(Uint8Array.from({ length: 16 }, (_, i) => (i < lanes ? (i * 16) / lanes : 255)));
  f.emit("i8x16.swizzle");
  f.accessLane(lanes === 2 ? "v128.store16_lane" : "v128.store32_lane", 0, offset, 0);
}
