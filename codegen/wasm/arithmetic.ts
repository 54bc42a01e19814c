import { isConst } from "../../src/loop/build.ts";
import type { BinaryFn, CompareFn, Expr, UnaryFn } from "../../src/loop/ir.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { InternalError, invariant } from "../../src/shared/errors.ts";
import { loadExponent, splitFloat } from "./float-bits.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Scope } from "./scope.ts";
import { floatShape, isHalf } from "./value-type.ts";

type Typed = Pick<Expr, "dtype" | "lanes">;

/** x on the stack → fn(x). */
export function emitUnary(f: FunctionBuilder, fn: UnaryFn, x: Typed): void {
  const vector = x.lanes > 1;
  if (isFloat(x.dtype)) {
    invariant(fn !== "not", "not of a float");
    const shape = floatShape(x);
    if (fn === "mantissa" || fn === "exponent") splitFloat(f, shape, fn);
    else f.emit(`${shape}.${fn}`);
    return;
  }
  switch (fn) {
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

/** |x| = (x ⊕ s) − s with s = x ≫ 31; the least integer stays. */
function emitScalarAbs(f: FunctionBuilder): void {
  f.withLocals(["i32", "i32"], (x, sign) => {
    f.tee(x);
    f.get(x);
    f.i32(31);
    f.emit("i32.shr_s");
    f.tee(sign);
    f.emit("i32.xor");
    f.get(sign);
    f.emit("i32.sub");
  });
}

/** A vector shift by one count for all lanes takes it as a scalar. */
export function rightOperand(fn: BinaryFn, y: Expr): Expr {
  if (y.lanes === 1 || (fn !== "shl" && fn !== "shr")) return y;
  if (y.op === "const") return { ...y, lanes: 1 };
  return y.op === "splat" ? y.x : y;
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

function emitIntBinary(f: FunctionBuilder, fn: BinaryFn, { dtype }: Typed, y: Expr): void {
  const signed = dtype === "i32";
  switch (fn) {
    case "add":
    case "sub":
    case "mul":
    case "and":
    case "or":
    case "xor":
    case "shl":
      f.emit(`i32.${fn}`);
      return;
    case "shr":
      f.emit(signed ? "i32.shr_s" : "i32.shr_u");
      return;
    case "div":
    case "rem":
      emitDivision(f, fn, signed, isConst(y) ? y.value : undefined);
      return;
    case "min":
    case "max":
      f.withLocals(["i32", "i32"], (a, b) => {
        f.set(b);
        f.tee(a);
        f.get(b);
        f.get(a);
        f.get(b);
        f.emit(`i32.${fn === "min" ? "lt" : "gt"}_${signed ? "s" : "u"}`, "select");
      });
      return;
    default:
      throw new InternalError(`wasm: ${fn} of ${dtype}`);
  }
}

/** x / 0 = x rem 0 = 0; x / −1 = −x, which wraps where the hardware would trap. */
function emitDivision(f: FunctionBuilder, fn: "div" | "rem", signed: boolean, divisor: number | undefined): void {
  const divide = (): void => f.emit(`i32.${fn}_${signed ? "s" : "u"}`);
  const mayTrap = signed && fn === "div";
  if (divisor !== undefined && (divisor | 0) !== 0 && !(mayTrap && (divisor | 0) === -1)) {
    divide();
    return;
  }
  f.withLocals(["i32", "i32"], (x, y) => {
    f.set(y);
    f.set(x);
    f.get(y);
    f.if("i32");
    if (mayTrap) {
      f.get(y);
      f.i32(-1);
      f.emit("i32.eq");
      f.if("i32");
      f.i32(0);
      f.get(x);
      f.emit("i32.sub");
      f.else();
    }
    f.get(x);
    f.get(y);
    divide();
    if (mayTrap) f.end();
    f.else();
    f.i32(0);
    f.end();
  });
}

function emitIntVector(f: FunctionBuilder, fn: BinaryFn, x: Typed, y: Expr): void {
  const sign = x.dtype === "i32" ? "s" : "u";
  switch (fn) {
    case "add":
    case "sub":
    case "mul":
      f.emit(`i32x4.${fn}`);
      return;
    case "and":
    case "or":
    case "xor":
      f.emit(`v128.${fn}`);
      return;
    case "min":
    case "max":
      f.emit(`i32x4.${fn}_${sign}`);
      return;
    case "shl":
    case "shr": {
      if (rightOperand(fn, y) === y) {
        eachLane(f, x, () => emitIntBinary(f, fn, x, y));
        return;
      }
      f.emit(fn === "shl" ? "i32x4.shl" : `i32x4.shr_${sign}`);
      return;
    }
    default:
      eachLane(f, x, () => emitIntBinary(f, fn, x, y));
      return;
  }
}

/** Applies a scalar operation lane by lane to the two vectors on the stack; at once to two scalars. */
function eachLane(f: FunctionBuilder, { dtype, lanes }: Typed, operate: () => void): void {
  if (lanes === 1) {
    operate();
    return;
  }
  const shape = dtype === "f64" ? "f64x2" : dtype === "f32" ? "f32x4" : "i32x4";
  f.withLocals(["v128", "v128"], (x, y) => {
    f.set(y);
    f.tee(x);
    for (let i = 0; i < lanes; i++) {
      f.get(x);
      f.lane(`${shape}.extract_lane`, i);
      f.get(y);
      f.lane(`${shape}.extract_lane`, i);
      operate();
      f.lane(`${shape}.replace_lane`, i);
    }
  });
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
