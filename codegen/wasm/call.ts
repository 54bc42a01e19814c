import { isConst, variable } from "../../src/loop/build.ts";
import type { Expr, Lanes, ScalarFunction } from "../../src/loop/ir.ts";
import { substitute } from "../../src/loop/substitute.ts";
import { emitConst, emitLane } from "./convert.ts";
import type { Scope } from "./scope.ts";
import { valueType } from "./value-type.ts";
import { canWiden, type Definition, operationsOf, widenFunction } from "./widen.ts";

type Call = Extract<Expr, { op: "call" }>;

/** Definitions of more operations are functions in lanes too: in place they would stand in every loop that calls them. */
const MOST_IN_PLACE = 250;

/** Scalars call a function of the module; vectors evaluate small definitions in place. */
export function emitCall(scope: Scope, e: Call): void {
  const { fn, args, lanes } = e;
  if (lanes > 1 && !canWiden(fn, lanes)) {
    emitCallPerLane(scope, e);
  } else if (lanes > 1 && operationsOf(fn) <= MOST_IN_PLACE) {
    emitInPlace(scope, e);
  } else {
    for (const x of args) scope.expression(x);
    scope.f.call(lanes === 1 ? scope.callees.scalar(fn) : scope.callees.vector(fn, lanes));
  }
}

/** For definitions that need f64 inside four lanes. */
function emitCallPerLane(scope: Scope, { fn, args, dtype, lanes }: Call): void {
  const { f } = scope;
  const vectors = args.map(() => "v128" as const);
  f.withLocals(vectors, (...locals) => {
    for (const [i, x] of args.entries()) {
      scope.expression(x);
      f.set(locals[i]);
    }
    emitConst(f, { dtype, lanes }, 0);
    for (let k = 0; k < lanes; k++) {
      for (const [i, x] of args.entries()) {
        f.get(locals[i]);
        emitLane(f, x, k);
      }
      f.call(scope.callees.scalar(fn));
      f.lane(`${dtype === "f32" ? "f32x4" : "i32x4"}.replace_lane`, k);
    }
  });
}

function emitInPlace(scope: Scope, { fn, args, lanes }: Call): void {
  const { f } = scope;
  const inner = scope.fresh();
  inner.nested(() => {
    // Constants stay in sight: shifts by them are one instruction.
    const constants = new Map<string, Expr>();
    for (const [i, { name, dtype }] of fn.params.entries()) {
      const arg = args[i];
      if (arg.op === "var") {
        inner.alias(name, scope.lookup(arg.name));
      } else if (isConst(arg)) {
        constants.set(name, arg);
      } else {
        scope.expression(arg);
        f.set(inner.declare(name, valueType(variable(name, dtype, lanes))).local);
      }
    }
    emitDefinition(inner, fn, lanes, constants);
  });
}

type Constants = ReadonlyMap<string, Expr>;

/**
 * The value of a function in lanes whose parameters have names, or are constants. Where it has another definition for fused
 * multiply-adds, both stand in both variants of the module, which keeps them of one length; the value of one is dropped,
 * so that engines leave out what it takes.
 */
export function emitDefinition(scope: Scope, fn: ScalarFunction, lanes: Lanes, constants: Constants = new Map()): void {
  const { fused } = fn;
  if (!fused || lanes === 1 || !scope.varies) {
    emitBody(scope, fn, lanes, constants);
    return;
  }
  scope.nested(() => emitBody(scope, fn, lanes, constants));
  scope.f.emit(scope.relaxed ? "drop" : "nop");
  scope.nested(() => emitBody(scope, fused, lanes, constants));
  scope.f.emit(scope.relaxed ? "nop" : "drop");
}

function emitBody(scope: Scope, definition: Definition, lanes: Lanes, constants: Constants): void {
  const { lets, result } = widenFunction(definition, lanes);
  for (const { name, value } of lets) {
    scope.expression(substitute(value, constants));
    scope.f.set(scope.declare(name, valueType(value)).local);
  }
  scope.expression(substitute(result, constants));
}
