import * as s from "../loop/build.ts";
import { freeVariables } from "../loop/free-variables.ts";
import type { Access, BufferParam, Expr, Kernel, Stmt } from "../loop/ir.ts";
import { operandsOf, withOperands } from "../loop/operands.ts";
import { present } from "../shared/errors.ts";
import type { Storage } from "./storage.ts";

/** One block under construction: a loop body, or the kernel's top. */
interface Scope {
  readonly statements: Stmt[];
  /** Expressions that already have a name here. */
  readonly names: Map<Expr, Expr>;
  /** The same by structure, for small expressions (index arithmetic). */
  readonly structural: Map<string, Expr>;
}

interface Use {
  readonly storage: Storage;
  readonly name: string;
  access: Access;
}

/**
 * Builds one kernel. Expressions arrive as graphs with sharing by identity; `bind` turns them into `let`s: shared values
 * are named once, and values that do not depend on the inner loops move out to the block where they are invariant.
 */
export class KernelBuilder {
  private readonly uses = new Map<Storage, Use>();
  private readonly scopes: Scope[] = [newScope()];
  /** The block (0: top) in which a variable is defined. */
  private readonly levels = new Map<string, number>();
  /** Variables that change: what reads them may not move. */
  private readonly mutable = new Set<string>();
  private counter = 0;
  /** Buffers that this kernel writes: their loads stay where they are. */
  private readonly written = new Set<string>();

  /** A name that no user name collides with. */
  fresh(hint: string): string {
    return `${hint}$${this.counter++}`;
  }

  /** The buffer parameter that stands for a storage. */
  buffer(storage: Storage, access: Access): string {
    const old = this.uses.get(storage);
    if (old) {
      if (old.access !== access) old.access = "readwrite";
      return old.name;
    }
    const name = `b$${this.uses.size}`;
    this.uses.set(storage, { storage, name, access });
    return name;
  }

  /** Declares that stores to this storage will follow, so that loads from it are not moved. */
  willWrite(storage: Storage): void {
    this.written.add(this.buffer(storage, "write"));
  }

  load(storage: Storage, index: Expr): Expr {
    return s.load(this.buffer(storage, "read"), storage.dtype, index);
  }

  store(storage: Storage, index: Expr, value: Expr): void {
    const name = this.buffer(storage, "write");
    this.emit(s.store(name, this.bind(index), this.bind(value)));
  }

  emit(statement: Stmt): void {
    this.top().statements.push(statement);
    if (statement.op === "var" || statement.op === "let" || statement.op === "array") {
      this.levels.set(statement.name, this.scopes.length - 1);
    }
    if (statement.op === "var") this.mutable.add(statement.name);
  }

  /** A loop; `body` emits into it. */
  loop(hint: string, from: Expr, to: Expr, body: (i: Expr) => void, options: s.LoopOptions = {}): void {
    const name = this.fresh(hint);
    const start = this.bind(from);
    const end = this.bind(to);
    if (s.isConst(start) && s.isConst(end) && end.value <= start.value) return;
    const statements = this.block(() => body(s.variable(name)), [name]);
    this.emit(s.forStmt(name, start, end, statements, options));
  }

  /** Statements of an inner block in which `names` are variables. */
  block(body: () => void, names: readonly string[] = []): Stmt[] {
    const scope = newScope();
    this.scopes.push(scope);
    for (const name of names) this.levels.set(name, this.scopes.length - 1);
    body();
    this.scopes.pop();
    return scope.statements;
  }

  /** Names what is shared or invariant; the result can stand in a statement of the current block. */
  bind(root: Expr): Expr {
    return this.bindAll([root])[0];
  }

  /** Binds several expressions that share parts. */
  bindAll(roots: readonly Expr[]): Expr[] {
    const counts = new Map<Expr, number>();
    for (const root of roots) count(root, counts);
    const here = this.scopes.length - 1;
    return roots.map(root => {
      const { expr, level } = this.rewrite(root, counts, false);
      return level < here && worthNaming(expr) ? this.hoist(root, expr, level) : expr;
    });
  }

  /** Like bind, and the result itself is a name or a constant. */
  name(root: Expr, hint = "v"): Expr {
    const bound = this.bind(root);
    if (bound.op === "const" || bound.op === "var") return bound;
    const named = this.define(this.scopes.length - 1, bound, hint);
    this.top().names.set(root, named);
    return named;
  }

  /** A name for the present value of an expression, even of a variable that changes later. */
  freeze(root: Expr, hint = "v"): Expr {
    return this.define(this.scopes.length - 1, this.bind(root), hint);
  }

  finish(name: string): { kernel: Kernel; storages: Storage[] } {
    const uses = [...this.uses.values()];
    const buffers: BufferParam[] = uses.map(u => ({
      name: u.name,
      dtype: u.storage.dtype,
      access: u.access,
      ...(u.storage.isPrivate ? { private: true } : {}),
    }));
    const { statements } = this.scopes[0];
    return {
      kernel: { name, buffers, extents: freeVariables(statements), body: statements },
      storages: uses.map(u => u.storage),
    };
  }

  private top(): Scope {
    return present(this.scopes.at(-1));
  }

  private define(level: number, value: Expr, hint: string): Expr {
    const name = this.fresh(hint);
    this.scopes[level].statements.push(s.letStmt(name, value));
    this.levels.set(name, level);
    return s.variable(name, value.dtype, value.lanes);
  }

  /**
   * @param guarded inside an arm that may not be evaluated: loads must stay in it
   * @returns the expression and the innermost block it depends on
   */
  private rewrite(e: Expr, counts: Map<Expr, number>, guarded: boolean): { expr: Expr; level: number } {
    if (e.op === "const") return { expr: e, level: 0 };
    if (e.op === "var") return { expr: e, level: this.levelOf(e.name) };
    const known = this.lookup(e);
    if (known) return { expr: known, level: known.op === "var" ? this.levelOf(known.name) : 0 };
    let level = this.pinned(e) ? this.scopes.length - 1 : 0;
    const parts = operandsOf(e).map((x, i) => {
      const part = this.rewrite(x, counts, guarded || (e.op === "guard" && i > 0));
      level = Math.max(level, part.level);
      return part;
    });
    const operands = parts.map((part, i) => {
      const movable = !guarded && !(e.op === "guard" && i > 0);
      return movable && part.level < level && worthNaming(part.expr)
        ? this.hoist(operandsOf(e)[i], part.expr, part.level)
        : part.expr;
    });
    const expr = withOperands(e, operands);
    if (!guarded && (counts.get(e) ?? 0) > 1 && worthNaming(expr)) return { expr: this.hoist(e, expr, level), level };
    return { expr, level };
  }

  private levelOf(name: string): number {
    return this.mutable.has(name) ? this.scopes.length - 1 : (this.levels.get(name) ?? 0);
  }

  private hoist(original: Expr, value: Expr, level: number): Expr {
    const scope = this.scopes[level];
    const key = structuralKey(value);
    const old = key === undefined ? undefined : scope.structural.get(key);
    const named = old ?? this.define(level, value, value.dtype === "i32" ? "n" : "v");
    scope.names.set(original, named);
    if (key !== undefined) scope.structural.set(key, named);
    return named;
  }

  private lookup(e: Expr): Expr | undefined {
    for (const scope of this.scopes) {
      const known = scope.names.get(e);
      if (known) return known;
    }
    return undefined;
  }

  /** Loads from buffers that this kernel writes, and register arrays, may not move. */
  private pinned(e: Expr): boolean {
    return e.op === "element" || (e.op === "load" && this.written.has(e.buffer));
  }
}

const newScope = (): Scope => ({ statements: [], names: new Map(), structural: new Map() });

const worthNaming = (e: Expr): boolean => e.op !== "const" && e.op !== "var" && e.op !== "element";

function count(e: Expr, counts: Map<Expr, number>): void {
  const old = counts.get(e) ?? 0;
  counts.set(e, old + 1);
  if (old === 0) for (const x of operandsOf(e)) count(x, counts);
}

/** A key for small pure index expressions; undefined for anything bigger. */
function structuralKey(e: Expr): string | undefined {
  if (e.dtype !== "i32") return undefined;
  return keyOf(e, 6);
}

function keyOf(e: Expr, budget: number): string | undefined {
  if (budget <= 0) return undefined;
  if (e.op === "const") return String(e.value);
  if (e.op === "var") return e.name;
  if (e.op !== "binary") return undefined;
  const x = keyOf(e.x, budget - 1);
  const y = keyOf(e.y, budget - 1);
  return x === undefined || y === undefined ? undefined : `${e.fn}(${x},${y})`;
}
