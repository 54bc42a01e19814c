import type { Expr, ScalarFunction } from "../../src/loop/ir.ts";
import { present } from "../../src/shared/errors.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { ValueType } from "./value-type.ts";

export interface Variable {
  readonly local: number;
  readonly type: ValueType;
  /** An i32 that is never negative: constants added to it may move into the offset of a load. */
  readonly natural: boolean;
}

/** Functions of the module that code may call; they are added on the first request. */
export interface Callees {
  scalar(fn: ScalarFunction): number;
  /** (f64, f64) → f64: the remainder of the truncated quotient. */
  floatRem(): number;
}

export interface ScopeOptions {
  readonly f: FunctionBuilder;
  readonly callees: Callees;
  /** Relaxed SIMD: x·y + z in one rounding, selection by whole lanes. */
  readonly relaxed: boolean;
  /** Writes an expression (expression.ts, handed in so that what it consists of can call it). */
  readonly emit: (scope: Scope, e: Expr) => void;
}

/** What the names in a function stand for, while it is being written. */
export class Scope {
  readonly f: FunctionBuilder;
  readonly callees: Callees;
  readonly relaxed: boolean;
  private readonly options: ScopeOptions;
  private readonly variables = new Map<string, Variable>();
  /** What the end of the innermost `nested` takes back: names, with what they hid, and locals. */
  private declared: { readonly name?: string; readonly hidden?: Variable; readonly own?: Variable }[] = [];

  constructor(options: ScopeOptions) {
    this.options = options;
    this.f = options.f;
    this.callees = options.callees;
    this.relaxed = options.relaxed;
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
  declare(name: string, type: ValueType, natural = false): Variable {
    const own = { local: this.f.local(type), type, natural };
    this.declared.push({ name, hidden: this.variables.get(name), own });
    this.variables.set(name, own);
    return own;
  }

  /** A local without a name, released where the named ones are. */
  declareHidden(type: ValueType): Variable {
    const own = { local: this.f.local(type), type, natural: false };
    this.declared.push({ own });
    return own;
  }

  has(name: string): boolean {
    return this.variables.has(name);
  }

  lookup(name: string): Variable {
    return present(this.variables.get(name), `wasm: nothing is named ${name}`);
  }

  /** Runs `body`; the names it declares end with it, and their locals are used again. */
  nested(body: () => void): void {
    const outer = this.declared;
    this.declared = [];
    body();
    for (const { name, hidden, own } of this.declared.reverse()) {
      if (name !== undefined && hidden) this.variables.set(name, hidden);
      else if (name !== undefined) this.variables.delete(name);
      if (own) this.f.release(own.type, own.local);
    }
    this.declared = outer;
  }

  /** True for i32 expressions that are never negative (short of overflow). */
  isNatural(e: Expr): boolean {
    switch (e.op) {
      case "const":
        return e.value >= 0;
      case "var":
        return this.variables.get(e.name)?.natural ?? false;
      case "binary":
        return ["add", "mul", "div", "rem", "min", "max"].includes(e.fn) && this.isNatural(e.x) && this.isNatural(e.y);
      default:
        return false;
    }
  }
}
