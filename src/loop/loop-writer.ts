import * as s from "./build.ts";
import type { Expr, Stmt } from "./ir.ts";

/** A variable that statements change. */
export interface Cell {
  readonly value: Expr;
  set(value: Expr): void;
}

/** Writes statements one after the other, inside whatever loop is open, so that a procedure reads like its mathematics. */
export class LoopWriter {
  readonly #fresh: (hint: string) => string;
  #statements: Stmt[] = [];

  constructor(fresh: (hint: string) => string) {
    this.#fresh = fresh;
  }

  /** The statements that `body` writes. */
  block(body: () => void): readonly Stmt[] {
    const outside = this.#statements;
    this.#statements = [];
    body();
    const inside = this.#statements;
    this.#statements = outside;
    return inside;
  }

  let(hint: string, value: Expr): Expr {
    const name = this.#fresh(hint);
    this.#statements.push(s.letStmt(name, value));
    return s.variable(name, value.dtype);
  }

  cell(hint: string, init: Expr): Cell {
    const name = this.#fresh(hint);
    this.#statements.push(s.varStmt(name, init));
    return {
      value: s.variable(name, init.dtype),
      set: value => this.#statements.push(s.assign(name, value)),
    };
  }

  store(buffer: string, index: Expr, value: Expr): void {
    this.#statements.push(s.store(buffer, index, value));
  }

  /** for i = from … to − 1 */
  for(hint: string, from: Expr, to: Expr, body: (i: Expr) => void, options: s.LoopOptions = {}): void {
    const name = this.#fresh(hint);
    const inside = this.block(() => body(s.variable(name)));
    this.#statements.push(s.forStmt(name, from, to, inside, options));
  }

  /** The same with rounds that touch nothing of each other: they may be shared out, and computed in lanes. */
  each(hint: string, from: Expr, to: Expr, body: (i: Expr) => void): void {
    this.for(hint, from, to, body, { parallel: true });
  }

  if(condition: Expr, then: () => void, otherwise?: () => void): void {
    this.#statements.push(s.ifStmt(condition, this.block(then), otherwise && this.block(otherwise)));
  }

  while(condition: Expr, body: () => void): void {
    this.#statements.push(s.whileStmt(condition, this.block(body)));
  }
}
