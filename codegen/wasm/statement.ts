import { isConst } from "../../src/loop/build.ts";
import type { Expr, Stmt } from "../../src/loop/ir.ts";
import { InternalError } from "../../src/shared/errors.ts";
import { emitStore } from "./memory-access.ts";
import type { Scope } from "./scope.ts";
import { valueType } from "./value-type.ts";

/** Writes statements; names they declare are known to the statements that follow. */
export function emitStatements(scope: Scope, body: readonly Stmt[]): void {
  for (const s of body) emitStatement(scope, s);
}

function emitStatement(scope: Scope, s: Stmt): void {
  const { f } = scope;
  switch (s.op) {
    case "let": {
      scope.expression(s.value);
      const least = s.value.dtype === "i32" ? scope.leastOf(s.value) : undefined;
      f.set(scope.declare(s.name, valueType(s.value), least).local);
      return;
    }
    case "var":
      scope.expression(s.value);
      f.set(scope.declare(s.name, valueType(s.value)).local);
      return;
    case "assign":
      scope.expression(s.value);
      f.set(scope.lookup(s.name).local);
      return;
    case "store":
      emitStore(scope, s);
      return;
    case "for":
      emitFor(scope, s);
      return;
    case "while":
      f.block();
      f.loop();
      scope.expression(s.condition);
      f.emit("i32.eqz");
      f.branchIf(1);
      scope.nested(() => emitStatements(scope, s.body));
      f.branch(0);
      f.end();
      f.end();
      return;
    case "if":
      scope.expression(s.condition);
      f.if();
      scope.nested(() => emitStatements(scope, s.then));
      if (s.otherwise?.length) {
        f.else();
        scope.nested(() => emitStatements(scope, s.otherwise ?? []));
      }
      f.end();
      return;
    case "barrier":
      return;
    case "array":
    case "setElement":
      throw new InternalError("wasm: a register array has not been unrolled");
  }
}

/** The bound is computed once where the loop starts; the test stands at the end of the body. */
function emitFor(scope: Scope, s: Extract<Stmt, { op: "for" }>): void {
  const { f } = scope;
  scope.nested(() => {
    scope.expression(s.from);
    const counter = scope.declare(s.name, "i32", scope.leastOf(s.from));
    const i = counter.local;
    f.set(i);
    const assigned = assignedIn(s.body);
    const bound = loopBound(scope, s.to, assigned);
    const runs = isConst(s.from) && isConst(s.to) && s.from.value < s.to.value;
    if (!runs) {
      f.block();
      f.get(i);
      bound();
      f.emit("i32.ge_s");
      f.branchIf(0);
    }
    scope.inLoop(s.name, counter, assigned, () => {
      f.loop();
      scope.nested(() => emitStatements(scope, s.body));
      f.get(i);
      f.i32(s.step);
      f.emit("i32.add");
      f.tee(i);
      bound();
      f.emit("i32.lt_s");
      f.branchIf(0);
      f.end();
    });
    if (!runs) f.end();
  });
}

/** Code that puts the bound on the stack; in a local of its own unless it stays where it is. */
function loopBound(scope: Scope, to: Expr, assigned: ReadonlySet<string>): () => void {
  if (isConst(to) || (to.op === "var" && !assigned.has(to.name))) return () => scope.expression(to);
  const local = scope.f.local("i32");
  scope.expression(to);
  scope.f.set(local);
  return () => scope.f.get(local);
}

/** The names that statements assign to. */
function assignedIn(body: readonly Stmt[], names = new Set<string>()): ReadonlySet<string> {
  for (const s of body) {
    if (s.op === "assign") names.add(s.name);
    else if (s.op === "for" || s.op === "while") assignedIn(s.body, names);
    else if (s.op === "if") {
      assignedIn(s.then, names);
      assignedIn(s.otherwise ?? [], names);
    }
  }
  return names;
}
