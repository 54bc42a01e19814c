import { imul, int, sameExpr } from "../../src/loop/build.ts";
import type { Expr, Lanes, ScalarFunction } from "../../src/loop/ir.ts";
import { operandsOf } from "../../src/loop/operands.ts";
import { present } from "../../src/shared/errors.ts";
import type { Code } from "./code.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { leastOf } from "./least.ts";
import type { ValueType } from "./value-type.ts";

export interface Variable {
  readonly local: number;
  readonly type: ValueType;
  /** An i32 that is never smaller: from 0 on, constants added to it may move into the offset of a load. */
  readonly least?: number;
  /** The number of loops in which it is declared. */
  readonly depth: number;
}

/** A place plus the part of an index that stays the same through a loop. */
interface Base {
  readonly place: number;
  readonly fixed: Expr;
  readonly local: number;
}

/** The innermost `for` that is being written. */
interface Loop {
  readonly depth: number;
  /** Variables that it changes. */
  readonly assigned: ReadonlySet<string>;
  readonly bases: Base[];
  /** Code that runs before the loop. */
  readonly before: Code[];
}

/** Functions of the module that code may call; they are added on the first request. */
export interface Callees {
  scalar(fn: ScalarFunction): number;
  /** The same in lanes. */
  vector(fn: ScalarFunction, lanes: Lanes): number;
  /** (f64, f64) → f64: the remainder of the truncated quotient. */
  floatRem(): number;
  /** (threads) → (): waits for the other threads; undefined in a module for one thread. */
  barrier(): number | undefined;
}

export interface ScopeOptions {
  readonly f: FunctionBuilder;
  readonly callees: Callees;
  /** Relaxed SIMD: x·y + z in one rounding, selection by whole lanes. */
  readonly relaxed: boolean;
  /** The module has two variants of the same length, with and without relaxed SIMD. */
  readonly varies: boolean;
  /** Writes an expression (expression.ts, handed in so that what it consists of can call it). */
  readonly emit: (scope: Scope, e: Expr) => void;
}

/** What the names in a function stand for, while it is being written. */
export class Scope {
  readonly f: FunctionBuilder;
  readonly callees: Callees;
  readonly relaxed: boolean;
  readonly varies: boolean;
  private readonly options: ScopeOptions;
  private readonly variables = new Map<string, Variable>();
  /** What the end of the innermost `nested` takes back: names, with what they hid. */
  private loop: Loop = { depth: 0, assigned: new Set(), bases: [], before: [] };
  private declared: { readonly name: string; readonly hidden?: Variable }[] = [];

  constructor(options: ScopeOptions) {
    this.options = options;
    this.f = options.f;
    this.callees = options.callees;
    this.relaxed = options.relaxed;
    this.varies = options.varies;
  }

  expression(e: Expr): void {
    this.options.emit(this, e);
  }

  /** The same function with no names: for code written in names of its own. */
  fresh(): Scope {
    return new Scope(this.options);
  }

  /** A name for a local that is someone else's. */
  alias(name: string, variable: Variable): void {
    this.declared.push({ name, hidden: this.variables.get(name) });
    this.variables.set(name, variable);
  }

  /** Gives a name a local of its own. */
  declare(name: string, type: ValueType, least?: number): Variable {
    const own = { local: this.f.local(type), type, least, depth: this.loop.depth };
    this.declared.push({ name, hidden: this.variables.get(name) });
    this.variables.set(name, own);
    return own;
  }

  has(name: string): boolean {
    return this.variables.has(name);
  }

  lookup(name: string): Variable {
    return present(this.variables.get(name), `wasm: nothing is named ${name}`);
  }

  /** Runs `body`; the names it declares end with it. */
  nested(body: () => void): void {
    const outer = this.declared;
    this.declared = [];
    body();
    for (const { name, hidden } of this.declared.reverse()) {
      if (hidden) this.variables.set(name, hidden);
      else this.variables.delete(name);
    }
    this.declared = outer;
  }

  /**
   * Writes a loop over the variable `name`; what `baseOf` computes for it stands before it.
   * @param assigned the variables that its body changes
   */
  inLoop(name: string, variable: Variable, assigned: ReadonlySet<string>, body: () => void): void {
    const outer = this.loop;
    this.loop = { depth: outer.depth + 1, assigned, bases: [], before: [] };
    const { before } = this.loop;
    this.variables.set(name, { ...variable, depth: this.loop.depth });
    const code = this.f.separately(body);
    this.loop = outer;
    for (const part of before) this.f.append(part);
    this.f.append(code);
  }

  /** A local with place + fixed·size, computed before the innermost loop. */
  baseOf(place: number, fixed: Expr, size: number): number {
    const { bases, before } = this.loop;
    const known = bases.find(b => b.place === place && sameExpr(b.fixed, fixed));
    if (known) return known.local;
    const local = this.f.local("i32");
    bases.push({ place, fixed, local });
    before.push(
      this.f.separately(() => {
        this.f.get(place);
        this.expression(imul(fixed, int(size)));
        this.f.emit("i32.add");
        this.f.set(local);
      }),
    );
    return local;
  }

  /** True for an expression that has the same value in every round of the innermost loop. */
  isFixed(e: Expr): boolean {
    // Outside all loops nothing stands before.
    if (this.loop.depth === 0) return false;
    if (e.op === "var") return this.lookup(e.name).depth < this.loop.depth && !this.loop.assigned.has(e.name);
    return e.op !== "load" && e.op !== "call" && operandsOf(e).every(x => this.isFixed(x));
  }

  /** A number that an i32 expression is never below (short of overflow); −∞ where none is known. */
  leastOf(e: Expr): number {
    return leastOf(e, name => this.variables.get(name)?.least);
  }
}
