import { isConst } from "../../src/loop/build.ts";
import type { BinaryFn, CompareFn, Expr, UnaryFn } from "../../src/loop/ir.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { InternalError, invariant } from "../../src/shared/errors.ts";
import { eachLane } from "./each-lane.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { emitIntBinary, emitIntVector, emitScalarAbs } from "./int-arithmetic.ts";
import { emitPowerOfTwo, loadExponent } from "./load-exponent.ts";
import type { Scope } from "./scope.ts";
import { splitFloat } from "./split-float.ts";
import { floatShape, isHalf } from "./value-type.ts";

type Typed = Pick<Expr, "dtype" | "lanes">;

/** x on the stack → fn(x). */
export function emitUnary(f: FunctionBuilder, fn: UnaryFn, x: Typed): void {
  const vector = x.lanes > 1;
  if (isFloat(x.dtype)) {
    invariant(fn !== "not" && fn !== "power2", `${fn} of a float`);
    const shape = floatShape(x);
    if (fn === "mantissa" || fn === "exponent") splitFloat(f, shape, fn);
    else f.emit(`${shape}.${fn}`);
    return;
  }
  switch (fn) {
    case "power2":
      emitPowerOfTwo(f, x.lanes);
      return;
    case "not":
      if (vector) {
        f.emit("v128.not");
        return;
      }
      if (x.dtype === "bool") {
        f.emit("i32.eqz");
        return;
      }
      f.i32(-1);
      f.emit("i32.xor");
      return;
    case "neg":
      if (vector) {
        f.emit("i32x4.neg");
        return;
      }
      f.i32(-1);
      f.emit("i32.mul");
      return;
    case "abs":
      if (x.dtype === "u32") return;
      if (vector) {
        f.emit("i32x4.abs");
        return;
      }
      emitScalarAbs(f);
      return;
    default:
      throw new InternalError(`wasm: ${fn} of ${x.dtype}`);
  }
}

/** x and the right operand on the stack → fn(x, y). */
export function emitBinary(scope: Scope, fn: BinaryFn, x: Typed, y: Expr): void {
  if (x.dtype === "bool") {
    emitLogic(scope.f, fn, x);
    return;
  }
  if (isFloat(x.dtype)) {
    emitFloatBinary(scope, fn, x, y);
    return;
  }
  x.lanes === 1 ? emitIntBinary(scope.f, fn, x, y) : emitIntVector(scope.f, fn, x, y);
}

function emitLogic(f: FunctionBuilder, fn: BinaryFn, { lanes }: Typed): void {
  invariant(fn === "and" || fn === "or" || fn === "xor", `${fn} of bool`);
  f.emit(lanes === 1 ? `i32.${fn}` : `v128.${fn}`);
}

function emitFloatBinary(scope: Scope, fn: BinaryFn, x: Typed, y: Expr): void {
  const { f } = scope;
  const shape = floatShape(x);
  switch (fn) {
    case "add":
    case "sub":
    case "mul":
    case "div":
      f.emit(`${shape}.${fn}`);
      return;
    case "min":
    case "max":
      emitExtremum(f, fn, shape, y);
      return;
    case "ldexp":
      loadExponent(f, shape);
      return;
    case "rem":
      eachLane(f, x, () => {
        const callee = scope.callees.floatRem();
        if (x.dtype === "f64") return f.call(callee);
        // The remainder of two f32 is an f32: its last digit is no lower than theirs.
        f.withLocals(["f32"], divisor => {
          f.set(divisor);
          f.emit("f64.promote_f32");
          f.get(divisor);
          f.emit("f64.promote_f32");
          f.call(callee);
          f.emit("f32.demote_f64");
        });
      });
      return;
    default:
      throw new InternalError(`wasm: ${fn} of floats`);
  }
}

/**
 * Against a constant c, pmax(x, c) = x < c ? c : x is the maximum, NaN included, and several times cheaper. Only at
 * c = +0 is x = −0 returned for +0, which adding +0 mends; pmin alike, where c = −0 has no such mend.
 */
function emitExtremum(f: FunctionBuilder, fn: "min" | "max", shape: ReturnType<typeof floatShape>, y: Expr): void {
  const bound = y.op === "splat" ? y.x : y;
  if ((shape === "f32x4" || shape === "f64x2") && isConst(bound) && !Number.isNaN(bound.value)) {
    const isPlusZero = Object.is(bound.value, 0);
    if (fn === "max") {
      f.emit(`${shape}.pmax`);
      if (isPlusZero) {
        f.v128(new Float64Array(2));
        f.emit(`${shape}.add`);
      }
      return;
    }
    if (!Object.is(bound.value, -0)) {
      f.emit(`${shape}.pmin`);
      return;
    }
  }
  f.emit(`${shape}.${fn}`);
}

/** a < b of masks (0 or −1 as signed lanes) is b < a of booleans. */
const MIRRORED = { eq: "eq", ne: "ne", lt: "gt", le: "ge", gt: "lt", ge: "le" } as const;

/** Both operands on the stack → bool or mask. */
export function emitCompare(f: FunctionBuilder, fn: CompareFn, x: Typed): void {
  if (isFloat(x.dtype)) {
    f.emit(`${floatShape(x)}.${fn}`);
  } else if (x.dtype === "bool" && x.lanes > 1) {
    const shape = x.lanes === 2 ? "i64x2" : "i32x4";
    const mirrored = MIRRORED[fn];
    f.emit(mirrored === "eq" || mirrored === "ne" ? `${shape}.${mirrored}` : `${shape}.${mirrored}_s`);
  } else {
    const shape = x.lanes === 1 ? "i32" : "i32x4";
    f.emit(fn === "eq" || fn === "ne" ? `${shape}.${fn}` : `${shape}.${fn}_${x.dtype === "i32" ? "s" : "u"}`);
  }
  if (isHalf(x)) f.emit("i64x2.extend_low_i32x4_s");
}
