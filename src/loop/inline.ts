import { and, guard, letStmt, literal, select, unary, variable, varStmt } from "./build.ts";
import type { Expr, Kernel, Lanes, ScalarFunction, Stmt } from "./ir.ts";
import { freshNames } from "./names.ts";
import { operandsOf, withOperands } from "./operands.ts";
import { mapExpr } from "./substitute.ts";

/** The same expression in several lanes: scalars become vectors, `guard` becomes `select`. For load-free expressions. */
export function widen(e: Expr, lanes: Lanes): Expr {
  if (lanes === e.lanes) return e;
  return mapExpr(e, x => {
    if (x.op === "guard") return { ...select(x.condition, x.then, x.otherwise), lanes };
    return { ...x, lanes };
  });
}

/**
 * Replaces calls of scalar functions by their definitions, as `let`s before the statement that calls: for backends
 * without functions, and for calls in several lanes.
 */
export function inlineCalls(kernel: Kernel, choose: (fn: ScalarFunction) => boolean = () => true): Kernel {
  return { ...kernel, body: new Inliner(freshNames(kernel), choose).block(kernel.body) };
}

class Inliner {
  readonly #fresh: (hint: string) => string;
  readonly #choose: (fn: ScalarFunction) => boolean;

  constructor(fresh: (hint: string) => string, choose: (fn: ScalarFunction) => boolean) {
    this.#fresh = fresh;
    this.#choose = choose;
  }

  block(body: readonly Stmt[]): Stmt[] {
    return body.flatMap(s => {
      const lets: Stmt[] = [];
      const rewritten = this.#statement(s, e => this.#expr(e, lets, literal("bool", 1)));
      return [...lets, ...rewritten];
    });
  }

  #statement(s: Stmt, expr: (e: Expr) => Expr): Stmt[] {
    switch (s.op) {
      case "let":
      case "var":
      case "assign":
        return [{ ...s, value: expr(s.value) }];
      case "array":
        return [{ ...s, init: expr(s.init) }];
      case "setElement":
      case "store":
        return [{ ...s, index: expr(s.index), value: expr(s.value) }];
      case "for":
        return [{ ...s, from: expr(s.from), to: expr(s.to), body: this.block(s.body) }];
      case "while":
        return this.#while(s);
      case "if":
        return [
          {
            ...s,
            condition: expr(s.condition),
            then: this.block(s.then),
            ...(s.otherwise ? { otherwise: this.block(s.otherwise) } : {}),
          },
        ];
    }
  }

  /** A condition with calls is computed before the loop and again at the end of its body. */
  #while(s: Extract<Stmt, { op: "while" }>): Stmt[] {
    const first: Stmt[] = [];
    const condition = this.#expr(s.condition, first, literal("bool", 1));
    if (first.length === 0) return [{ ...s, body: this.block(s.body) }];
    const name = this.#fresh("go");
    const again: Stmt[] = [];
    const next = this.#expr(s.condition, again, literal("bool", 1));
    const body: Stmt[] = [...this.block(s.body), ...again, { op: "assign", name, value: next }];
    return [...first, varStmt(name, condition), { op: "while", condition: variable(name, "bool"), body }];
  }

  /** `when`: the condition under which the expression is evaluated. Arguments with loads keep that guard. */
  #expr(e: Expr, lets: Stmt[], when: Expr): Expr {
    if (e.op === "guard") {
      const condition = this.#expr(e.condition, lets, when);
      const then = this.#expr(e.then, lets, and(when, condition));
      const otherwise = this.#expr(e.otherwise, lets, and(when, unary("not", condition)));
      return withOperands(e, [condition, then, otherwise]);
    }
    const operands = operandsOf(e).map(x => this.#expr(x, lets, when));
    if (e.op !== "call" || !this.#choose(e.fn)) return withOperands(e, operands);
    return this.#body(e.fn, operands, e.lanes, lets, when);
  }

  #body(fn: ScalarFunction, args: readonly Expr[], lanes: Lanes, lets: Stmt[], when: Expr): Expr {
    const names = new Map<string, Expr>();
    const define = (name: string, value: Expr): void => {
      const fresh = this.#fresh(name);
      lets.push(letStmt(fresh, value));
      names.set(name, variable(fresh, value.dtype, value.lanes));
    };
    args.forEach((arg, i) => {
      const { name } = fn.params[i];
      if (arg.op === "var" || arg.op === "const") names.set(name, arg);
      else define(name, lanes === 1 && readsMemory(arg) ? guard(when, arg, literal(arg.dtype, 0)) : arg);
    });
    const place = (e: Expr): Expr => {
      const placed = mapExpr(widen(e, lanes), x => (x.op === "var" ? (names.get(x.name) ?? x) : x));
      // A definition may call another.
      return this.#expr(placed, lets, literal("bool", 1));
    };
    for (const s of fn.body) define(s.name, place(s.value));
    return place(fn.result);
  }
}

const readsMemory = (e: Expr): boolean => e.op === "load" || operandsOf(e).some(readsMemory);
