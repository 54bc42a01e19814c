import { eq, int, variable } from "../../src/loop/build.ts";
import type { Kernel } from "../../src/loop/ir.ts";
import { THREAD, THREADS } from "../../src/loop/split.ts";
import type { PlanStmt } from "../../src/plan/ir.ts";
import type { Scope } from "./scope.ts";

/** Writes the statements of a plan function. `kernelIndex`: the function a kernel has become. */
export function emitPlan(scope: Scope, body: readonly PlanStmt[], kernelIndex: (kernel: Kernel) => number): void {
  for (const s of body) emitPlanStatement(scope, s, kernelIndex);
}

function emitPlanStatement(scope: Scope, s: PlanStmt, kernelIndex: (kernel: Kernel) => number): void {
  const { f } = scope;
  const nested = (body: readonly PlanStmt[]): void => scope.nested(() => emitPlan(scope, body, kernelIndex));
  switch (s.op) {
    case "call":
      for (const argument of [...s.places, ...s.extents]) scope.expression(argument);
      f.call(kernelIndex(s.kernel));
      return;
    case "copy":
      scope.expression(s.to);
      scope.expression(s.from);
      scope.expression(s.bytes);
      f.copyBytes();
      return;
    case "place":
      scope.expression(s.value);
      f.set((scope.has(s.name) ? scope.lookup(s.name) : scope.declare(s.name, "i32")).local);
      return;
    case "swap": {
      const [a, b] = [scope.lookup(s.a).local, scope.lookup(s.b).local];
      f.get(a);
      f.get(b);
      f.set(a);
      f.set(b);
      return;
    }
    case "for":
      scope.nested(() => emitCountedLoop(scope, s, nested));
      return;
    case "while":
      f.block();
      f.loop();
      scope.expression(s.condition);
      f.access("i32.load8_u", 0, 0);
      f.emit("i32.eqz");
      f.branchIf(1);
      nested(s.body);
      f.branch(0);
      f.end();
      f.end();
      return;
    case "if":
      scope.expression(s.condition);
      f.access("i32.load8_u", 0, 0);
      f.if();
      nested(s.then);
      f.else();
      nested(s.otherwise);
      f.end();
      return;
    case "barrier":
      emitBarrier(scope);
      return;
    case "single":
      scope.expression(eq(variable(THREAD), int(0)));
      f.if();
      nested(s.body);
      f.end();
      return;
  }
}

/** Nothing in a module for one thread. */
function emitBarrier(scope: Scope): void {
  const { f } = scope;
  const barrier = scope.callees.barrier();
  if (barrier === undefined) return;
  f.get(scope.lookup(THREADS).local);
  f.call(barrier);
}

/** 0 … count − 1, or downwards. */
function emitCountedLoop(
  scope: Scope,
  s: Extract<PlanStmt, { op: "for" }>,
  nested: (body: readonly PlanStmt[]) => void,
): void {
  const { f } = scope;
  const count = f.local("i32");
  const value = (): void => scope.expression(s.count);
  const limit = (): void => {
    if (!s.atMost) return;
    scope.expression(s.atMost);
    f.access("i32.load", 2, 0);
  };
  value();
  if (s.atMost) {
    limit();
    value();
    limit();
    f.emit("i32.lt_s");
    f.emit("select");
  }
  f.set(count);
  const i = scope.declare(s.name, "i32", 0).local;
  if (s.reverse) {
    f.get(count);
    f.i32(1);
    f.emit("i32.sub");
  } else {
    f.i32(0);
  }
  f.set(i);
  f.block();
  f.loop();
  f.get(i);
  if (s.reverse) f.i32(0);
  else f.get(count);
  f.emit(s.reverse ? "i32.lt_s" : "i32.ge_s");
  f.branchIf(1);
  if (s.goesOn) {
    scope.expression(s.goesOn);
    f.access("i32.load8_u", 0, 0);
    f.emit("i32.eqz");
    f.branchIf(1);
  }
  nested(s.body);
  f.get(i);
  f.i32(s.reverse ? -1 : 1);
  f.emit("i32.add");
  f.set(i);
  f.branch(0);
  f.end();
  f.end();
}
