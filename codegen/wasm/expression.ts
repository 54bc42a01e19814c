import { variable } from "../../src/loop/build.ts";
import type { Expr } from "../../src/loop/ir.ts";
import { InternalError } from "../../src/shared/errors.ts";
import { emitBinary, emitCompare, emitUnary, rightOperand } from "./arithmetic.ts";
import { emitBitcast, emitCast, emitConst, emitLane, emitSplat } from "./convert.ts";
import { lowHalves } from "./float-bits.ts";
import { emitLoad } from "./memory-access.ts";
import type { Scope } from "./scope.ts";
import { floatShape, isHalf, valueType } from "./value-type.ts";
import { widenFunction } from "./widen.ts";

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
      scope.expression(e.then);
      scope.expression(e.otherwise);
      scope.expression(e.condition);
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
      if (e.x.op === "load") {
        emitLoad(scope, { ...e.x, lanes: e.lanes, splat: true });
        return;
      }
      scope.expression(e.x);
      emitSplat(f, e.dtype);
      return;
    case "lane":
      scope.expression(e.x);
      emitLane(f, e.x, e.lane);
      return;
    case "element":
      throw new InternalError(`wasm: register array ${e.array} has not been unrolled`);
  }
}

function emitSelect({ f, relaxed }: Scope, e: Extract<Expr, { op: "select" }>): void {
  if (e.lanes === 1) {
    f.emit("select");
    return;
  }
  if (e.condition.lanes === 1) {
    f.selectVector();
    return;
  }
  if (isHalf(e)) lowHalves(f);
  // Lanes of a mask are all ones or all zeros, so that the relaxed form has one meaning.
  if (!relaxed) {
    f.emit("v128.bitselect");
    return;
  }
  f.emit(e.lanes === 2 && !isHalf(e) ? "i64x2.relaxed_laneselect" : "i32x4.relaxed_laneselect");
}

/** Scalars have no fused form: two roundings. */
function emitMultiplyAdd(scope: Scope, { x, y, z, dtype, lanes }: Extract<Expr, { op: "fma" }>): void {
  const shape = floatShape({ dtype, lanes });
  scope.expression(x);
  scope.expression(y);
  if (scope.relaxed && (shape === "f32x4" || shape === "f64x2")) {
    scope.expression(z);
    scope.f.emit(`${shape}.relaxed_madd`);
  } else {
    scope.f.emit(`${shape}.mul`);
    scope.expression(z);
    scope.f.emit(`${shape}.add`);
  }
}

/** Scalars call a function of the module; vectors evaluate the definition in place. */
function emitCall(scope: Scope, { fn, args, lanes }: Extract<Expr, { op: "call" }>): void {
  if (lanes === 1) {
    for (const x of args) scope.expression(x);
    scope.f.call(scope.callees.scalar(fn));
    return;
  }
  const { f } = scope;
  const inner = scope.fresh();
  inner.nested(() => {
    for (const [i, { name, dtype }] of fn.params.entries()) {
      const arg = args[i];
      if (arg.op === "var") {
        inner.alias(name, scope.lookup(arg.name));
        continue;
      }
      scope.expression(arg);
      f.set(inner.declare(name, valueType(variable(name, dtype, lanes))).local);
    }
    const { lets, result } = widenFunction(fn, lanes);
    for (const { name, value } of lets) {
      inner.expression(value);
      f.set(inner.declare(name, valueType(value)).local);
    }
    inner.expression(result);
  });
}
