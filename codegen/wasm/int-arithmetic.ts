import { isConst } from "../../src/loop/build.ts";
import type { BinaryFn, Expr } from "../../src/loop/ir.ts";
import { InternalError } from "../../src/shared/errors.ts";
import { eachLane } from "./each-lane.ts";
import type { FunctionBuilder } from "./function-builder.ts";

type Typed = Pick<Expr, "dtype" | "lanes">;

/** |x| = (x ⊕ s) − s with s = x ≫ 31; the least integer stays. */
export function emitScalarAbs(f: FunctionBuilder): void {
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

/** i32 and u32: both operands on the stack → fn(x, y). */
export function emitIntBinary(f: FunctionBuilder, fn: BinaryFn, { dtype }: Typed, y: Expr): void {
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

/** Vectors of i32 and u32: x and the right operand on the stack → fn(x, y). */
export function emitIntVector(f: FunctionBuilder, fn: BinaryFn, x: Typed, y: Expr): void {
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
