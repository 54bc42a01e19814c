import type { Expr, Stmt } from "../../src/loop/ir.ts";
import { BYTES } from "../../src/shared/dtype.ts";
import { emitAddress, log2 } from "./address.ts";
import { emitConst, emitSplat } from "./convert.ts";
import { emitLaneLoads, emitLaneStores } from "./lane-access.ts";
import type { Scope } from "./scope.ts";
import { valueType } from "./value-type.ts";
import { emitVectorLoad, emitVectorStore } from "./vector-access.ts";

type Load = Extract<Expr, { op: "load" }>;
type Store = Extract<Stmt, { op: "store" }>;

export function emitLoad(scope: Scope, e: Load): void {
  const { f } = scope;
  const { dtype, lanes, mask } = e;
  if (lanes > 1 && (mask || e.stride)) {
    emitLaneLoads(scope, e);
  } else if (mask) {
    scope.expression(mask);
    f.if(valueType(e));
    emitPlainLoad(scope, e);
    f.else();
    emitConst(f, { dtype, lanes }, 0);
    f.end();
  } else {
    emitPlainLoad(scope, e);
  }
}

/** One element, one in all lanes, or consecutive ones. */
function emitPlainLoad(scope: Scope, e: Load): void {
  const { f } = scope;
  const { dtype, lanes } = e;
  const offset = emitAddress(scope, e.buffer, dtype, e.index);
  const align = log2(BYTES[dtype]);
  if (lanes > 1 && !e.splat) {
    emitVectorLoad(f, e, offset);
  } else if (dtype === "bool") {
    f.access("i32.load8_u", align, offset);
    if (lanes > 1) emitSplat(f, dtype);
  } else if (lanes === 1) {
    f.access(`${dtype === "u32" ? "i32" : dtype}.load`, align, offset);
  } else {
    f.access(dtype === "f64" ? "v128.load64_splat" : "v128.load32_splat", align, offset);
  }
}

export function emitStore(scope: Scope, s: Store): void {
  const { f } = scope;
  const { value, mask } = s;
  if (value.lanes > 1 && (mask || s.stride)) {
    emitLaneStores(scope, s);
  } else if (mask) {
    scope.expression(mask);
    f.if();
    emitPlainStore(scope, s);
    f.end();
  } else {
    emitPlainStore(scope, s);
  }
}

/** One element, or consecutive ones. */
function emitPlainStore(scope: Scope, { buffer, index, value }: Store): void {
  const { f } = scope;
  const { dtype, lanes } = value;
  const offset = emitAddress(scope, buffer, dtype, index);
  scope.expression(value);
  const align = log2(BYTES[dtype]);
  if (lanes > 1) emitVectorStore(f, value, offset);
  else if (dtype === "bool") f.access("i32.store8", align, offset);
  else f.access(`${dtype === "u32" ? "i32" : dtype}.store`, align, offset);
}
