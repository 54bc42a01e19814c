import { sameExpr } from "../../src/loop/build.ts";
import type { Expr } from "../../src/loop/ir.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { InternalError } from "../../src/shared/errors.ts";
import { emitBinary, emitCompare, emitUnary } from "./arithmetic.ts";
import { emitCall } from "./call.ts";
import { emitBitcast, emitCast, emitConst, emitLane, emitSplat } from "./convert.ts";
import { lowHalves } from "./float-format.ts";
import { rightOperand } from "./int-arithmetic.ts";
import { emitLoad } from "./memory-access.ts";
import type { Scope } from "./scope.ts";
import { floatShape, isHalf, valueType } from "./value-type.ts";

/** Writes code that leaves the value of `e` on the stack. */
export function emitExpression(scope: Scope, e: Expr): void {
  const { f } = scope;
  switch (e.op) {
    case "const":
      emitConst(f, e, e.value);
      return;
    case "var":
      f.get(scope.lookup(e.name).local);
      return;
    case "unary":
      if (emitNegativeMagnitude(scope, e)) return;
      scope.expression(e.x);
      emitUnary(f, e.fn, e.x);
      return;
    case "binary":
      scope.expression(e.x);
      scope.expression(rightOperand(e.fn, e.y));
      emitBinary(scope, e.fn, e.x, e.y);
      return;
    case "compare":
      scope.expression(e.x);
      scope.expression(e.y);
      emitCompare(f, e.fn, e.x);
      return;
    case "select":
      emitSelect(scope, e);
      return;
    case "guard":
      scope.expression(e.condition);
      f.if(valueType(e));
      scope.expression(e.then);
      f.else();
      scope.expression(e.otherwise);
      f.end();
      return;
    case "cast":
      scope.expression(e.x);
      emitCast(f, e.x, e.dtype);
      return;
    case "bitcast":
      scope.expression(e.x);
      emitBitcast(f, e.x, e.dtype);
      return;
    case "fma":
      emitMultiplyAdd(scope, e);
      return;
    case "call":
      emitCall(scope, e);
      return;
    case "load":
      emitLoad(scope, e);
      return;
    case "splat":
      if (e.x.op === "const") {
        emitConst(f, e, e.x.value);
        return;
      }
      if (e.x.op === "load" && !e.x.mask) {
        emitLoad(scope, { ...e.x, lanes: e.lanes, splat: true });
        return;
      }
      scope.expression(e.x);
      emitSplat(f, e.dtype);
      return;
    case "ramp":
      f.v128(Int32Array.of(0, 1, 2, 3));
      return;
    case "shuffle":
      scope.expression(e.x);
      scope.expression(e.y);
      f.shuffle(e.order.flatMap(lane => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]));
      return;
    case "lane":
      scope.expression(e.x);
      emitLane(f, e.x, e.lane);
      return;
    case "element":
      throw new InternalError(`wasm: register array ${e.array} has not been unrolled`);
  }
}

/** Vectors: −|x| is x with its sign bits set, one instruction instead of two. */
function emitNegativeMagnitude(scope: Scope, { fn, x }: Extract<Expr, { op: "unary" }>): boolean {
  if (fn !== "neg" || x.op !== "unary" || x.fn !== "abs" || x.lanes === 1 || !isFloat(x.dtype)) return false;
  scope.expression(x.x);
  emitConst(scope.f, x, -0);
  scope.f.emit("v128.or");
  return true;
}

function emitSelect(scope: Scope, e: Extract<Expr, { op: "select" }>): void {
  const { f } = scope;
  if (emitPseudoExtremum(scope, e)) return;
  scope.expression(e.then);
  scope.expression(e.otherwise);
  scope.expression(e.condition);
  if (e.lanes === 1) f.emit("select");
  else if (e.condition.lanes === 1) f.selectVector();
  else emitLaneSelect(scope, e);
}

function emitLaneSelect({ f, relaxed }: Scope, e: Expr): void {
  if (isHalf(e)) lowHalves(f);
  // Lanes of a mask are all ones or all zeros, so that the relaxed form has one meaning.
  if (!relaxed) f.emit("v128.bitselect", "nop");
  else f.emit(e.lanes === 2 && !isHalf(e) ? "i64x2.relaxed_laneselect" : "i32x4.relaxed_laneselect");
}

/**
 * a < b ? b : a is pmax(a, b), b < a ? b : a is pmin(a, b), exactly (clamp, relu); the other orders are these with a and b
 * exchanged. Scalars go through a vector: an engine may make a branch of a select, and nobody foretells which of two
 * numbers is the larger.
 */
function emitPseudoExtremum(scope: Scope, { condition, then, otherwise }: Extract<Expr, { op: "select" }>): boolean {
  if (condition.op !== "compare" || !isFloat(condition.x.dtype)) return false;
  if (condition.fn !== "lt" && condition.fn !== "gt") return false;
  const [less, greater] = condition.fn === "lt" ? [condition.x, condition.y] : [condition.y, condition.x];
  const largest = sameExpr(then, greater) && sameExpr(otherwise, less);
  const smallest = sameExpr(then, less) && sameExpr(otherwise, greater);
  if (!largest && !smallest) return false;
  const shape = condition.x.dtype === "f64" ? "f64x2" : "f32x4";
  const scalar = condition.lanes === 1;
  for (const operand of [otherwise, then]) {
    // Only the first lane counts: of a vector's first lane, the vector.
    const first = scalar && operand.op === "lane" && operand.lane === 0;
    scope.expression(first ? operand.x : operand);
    if (scalar && !first) scope.f.emit(`${shape}.splat`);
  }
  scope.f.emit(`${shape}.${largest ? "pmax" : "pmin"}`);
  if (scalar) scope.f.lane(`${shape}.extract_lane`, 0);
  return true;
}

/**
 * Scalars have no fused form: two roundings. Where vectors are fused, three `nop`s stand in the place of the product's
 * instruction, so that both variants of a module have the same length and one is the other with some bytes changed.
 */
function emitMultiplyAdd(scope: Scope, { x, y, z, dtype, lanes }: Extract<Expr, { op: "fma" }>): void {
  const shape = floatShape({ dtype, lanes });
  scope.expression(x);
  scope.expression(y);
  if (scope.relaxed && (shape === "f32x4" || shape === "f64x2")) {
    scope.f.emit("nop", "nop", "nop");
    scope.expression(z);
    scope.f.emit(`${shape}.relaxed_madd`);
  } else {
    scope.f.emit(`${shape}.mul`);
    scope.expression(z);
    scope.f.emit(`${shape}.add`);
  }
}
