import { add, letStmt, variable } from "./build.ts";
import { fold } from "./fold.ts";
import type { Expr, Kernel, Stmt } from "./ir.ts";
import { detailOf } from "./kernel-key.ts";
import { freshNames } from "./names.ts";
import { operandsOf, withOperands } from "./operands.ts";

/**
 * Moves what does not change in a loop out of it, as `let`s, and names index arithmetic that is used more than once.
 *
 * An expression without loads, register arrays and mutable variables may stand wherever its names are defined: its home
 * is the innermost block that defines one of them. Sums of indices are reordered from the outermost home inwards first
 * (i32 wraps, so that the order does not matter): in x[i·n + j + k] the sum i·n + j belongs to the loop over j.
 */
export function hoist(kernel: Kernel): Kernel {
  const ids = new Map<string, string>();
  const moved = { ...kernel, body: new Mover(kernel, ids, (value, user) => value.home.loops < user.loops).run() };
  const uses = countUses(moved, ids);
  const shared = (value: Movable): boolean =>
    value.expr.dtype === "i32" && value.expr.lanes === 1 && (uses.get(value.id) ?? 0) > 1;
  return { ...moved, body: new Mover(moved, ids, shared).run() };
}

/** How many different expressions or statements use a movable expression. */
function countUses(kernel: Kernel, ids: Map<string, string>): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const users = new Set<string>();
  const count = (value: Movable, _user: Scope, by: string | undefined): false => {
    // A user that is itself shared counts once.
    const edge = `${by} ${value.id}`;
    if (by === undefined || !users.has(edge)) uses.set(value.id, (uses.get(value.id) ?? 0) + 1);
    users.add(edge);
    return false;
  };
  new Mover(kernel, ids, count).run();
  return uses;
}

/** A block of statements. */
class Scope {
  readonly depth: number;
  /** Loops around it. */
  readonly loops: number;
  /** `let`s to stand before the statement that is being rewritten. */
  readonly pending: Stmt[] = [];
  /** Values that have a name here, by id. */
  readonly named = new Map<string, Expr>();

  constructor(depth: number, loops: number) {
    this.depth = depth;
    this.loops = loops;
  }
}

interface Movable {
  readonly expr: Expr;
  readonly home: Scope;
  /** Equal for equal expressions, whether parts of them have names or not. */
  readonly id: string;
}

/** An expression that has been rewritten; without a home it stays where it stands. */
type Value = Movable | { readonly expr: Expr; readonly home?: undefined };

/** Should the value get a name in its home? `by`: the id of the movable expression that uses it, if there is one. */
type Policy = (value: Movable, user: Scope, by: string | undefined) => boolean;

class Mover {
  readonly #kernel: Kernel;
  readonly #policy: Policy;
  readonly #fresh: (hint: string) => string;
  readonly #ids: Map<string, string>;
  readonly #root = new Scope(0, 0);
  /** Where immutable names are defined; mutable ones are absent. */
  readonly #homes = new Map<string, Scope>();
  /** `let`s that have become another name or a constant. */
  readonly #replaced = new Map<string, Expr>();

  constructor(kernel: Kernel, ids: Map<string, string>, policy: Policy) {
    this.#ids = ids;
    this.#kernel = kernel;
    this.#policy = policy;
    this.#fresh = freshNames(kernel);
  }

  run(): Stmt[] {
    for (const name of this.#kernel.extents) this.#homes.set(name, this.#root);
    return this.#block(this.#kernel.body, this.#root);
  }

  #block(body: readonly Stmt[], scope: Scope): Stmt[] {
    const statements: Stmt[] = [];
    for (const s of body) {
      const rewritten = this.#statement(s, scope);
      statements.push(...scope.pending.splice(0), ...rewritten);
    }
    return statements;
  }

  #statement(s: Stmt, scope: Scope): Stmt[] {
    const expr = (e: Expr, user = scope): Expr => this.#settle(this.#rewrite(e, user), user).expr;
    const nested = (body: readonly Stmt[], loop: boolean, name?: string): Stmt[] => {
      const inner = new Scope(scope.depth + 1, scope.loops + (loop ? 1 : 0));
      if (name !== undefined) this.#homes.set(name, inner);
      return this.#block(body, inner);
    };
    switch (s.op) {
      case "let":
        return this.#let(s, scope);
      case "var":
      case "assign":
        return [{ ...s, value: expr(s.value) }];
      case "array":
        return [{ ...s, init: expr(s.init) }];
      case "setElement":
      case "store":
        return [{ ...s, index: expr(s.index), value: expr(s.value) }];
      case "for":
        return [{ ...s, from: expr(s.from), to: expr(s.to), body: nested(s.body, true, s.name) }];
      case "while": {
        // The condition is evaluated as often as the body.
        const condition = expr(s.condition, new Scope(scope.depth + 1, scope.loops + 1));
        return [{ ...s, condition, body: nested(s.body, true) }];
      }
      case "if": {
        const condition = expr(s.condition);
        const then = nested(s.then, false);
        return [{ ...s, condition, then, ...(s.otherwise ? { otherwise: nested(s.otherwise, false) } : {}) }];
      }
    }
  }

  #let(s: Extract<Stmt, { op: "let" }>, scope: Scope): Stmt[] {
    const value = this.#rewrite(s.value, scope);
    if (value.home) {
      const known = isLeaf(value.expr) ? value.expr : value.home.named.get(value.id);
      if (known) {
        this.#replaced.set(s.name, known);
        return [];
      }
      const home = canMove(value.expr) && value.home.loops < scope.loops ? value.home : scope;
      home.named.set(value.id, variable(s.name, value.expr.dtype, value.expr.lanes));
      this.#homes.set(s.name, home);
      if (home === scope) return [letStmt(s.name, value.expr)];
      home.pending.push(letStmt(s.name, value.expr));
      return [];
    }
    this.#homes.set(s.name, scope);
    return [letStmt(s.name, value.expr)];
  }

  #rewrite(e: Expr, user: Scope): Value {
    if (e.op === "var") {
      const expr = this.#replaced.get(e.name) ?? e;
      if (expr.op !== "var") return this.#rewrite(expr, user);
      const home = this.#homes.get(expr.name);
      return home ? { expr, home, id: this.#id(expr, []) } : { expr };
    }
    if (e.op === "binary" && e.fn === "add" && e.dtype === "i32" && e.lanes === 1) return this.#sum(e, user);
    return this.#combine(
      e,
      operandsOf(e).map(x => this.#rewrite(x, user)),
      user,
    );
  }

  /** The terms of a sum from the outermost home inwards, then those that cannot move, then the constant. */
  #sum(e: Expr, user: Scope): Value {
    const order = (v: Value): number => (v.expr.op === "const" ? Infinity : (v.home?.depth ?? Number.MAX_VALUE));
    return termsOf(e)
      .map(term => this.#rewrite(term, user))
      .toSorted((a, b) => order(a) - order(b) || 0)
      .reduce((x, y) => this.#combine(add(x.expr, y.expr), [x, y], user));
  }

  #combine(e: Expr, operands: readonly Value[], user: Scope): Value {
    const home = e.op === "load" || e.op === "element" ? undefined : innermost(operands, this.#root);
    const id = this.#id(e, operands);
    const settled = operands.map(x => this.#settle(x, home ?? user, home && id).expr);
    const expr = fold(withOperands(e, settled));
    return home ? { expr, home, id } : { expr };
  }

  /** The value, by name if it gets or has one. */
  #settle(value: Value, user: Scope, by?: string): Value {
    if (!value.home || isLeaf(value.expr) || !canMove(value.expr)) return value;
    const { home, expr, id } = value;
    const known = home.named.get(id);
    if (known) return { expr: known, home, id };
    if (!this.#policy(value, user, by)) return value;
    const name = this.#fresh(expr.dtype === "i32" ? "at" : "fixed");
    const named = variable(name, expr.dtype, expr.lanes);
    home.pending.push(letStmt(name, expr));
    home.named.set(id, named);
    this.#homes.set(name, home);
    return { expr: named, home, id };
  }

  #id(e: Expr, operands: readonly Value[]): string {
    const parts = operands.map(x => (x.home ? x.id : "?"));
    const key = `${e.op} ${e.dtype}${e.lanes} ${detailOf(e, name => name)} ${parts.join(" ")}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = `#${this.#ids.size}`;
    this.#ids.set(key, id);
    return id;
  }
}

/** The innermost of the operands' homes; none if one of them has none. */
function innermost(operands: readonly Value[], root: Scope): Scope | undefined {
  let home = root;
  for (const x of operands) {
    if (!x.home) return undefined;
    if (x.home.depth > home.depth) home = x.home;
  }
  return home;
}

function termsOf(e: Expr): Expr[] {
  const isSum = e.op === "binary" && e.fn === "add" && e.dtype === "i32" && e.lanes === 1;
  return isSum ? [...termsOf(e.x), ...termsOf(e.y)] : [e];
}

const isLeaf = (e: Expr): boolean => e.op === "const" || e.op === "var" || (e.op === "splat" && e.x.op === "const");

/** Masks have no storage of their own on all targets: they stay where they are used. */
const canMove = (e: Expr): boolean => e.dtype !== "bool" || e.lanes === 1;
