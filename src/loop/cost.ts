import type { Expr, ScalarFunction, Stmt } from "./ir.ts";
import { binaryFn, compareFn } from "./numeric.ts";
import { accessOperands, operandsOf } from "./operands.ts";

/** Divisions, remainders and roots take about as long as so many additions. */
const SLOW = 8;
/** Rounds of a loop whose bounds cannot be told. */
const UNKNOWN_ROUNDS = 8;

/**
 * About how many machine operations statements take: one a node of an expression, whatever its lanes, and one a round of
 * a loop. For decisions that 20 % do not change.
 * @param values of extents
 */
export function costOf(body: readonly Stmt[], values: ReadonlyMap<string, number>): number {
  return new Estimate(values).block(body);
}

class Estimate {
  readonly #values: Map<string, number>;

  constructor(values: ReadonlyMap<string, number>) {
    this.#values = new Map(values);
  }

  block(body: readonly Stmt[]): number {
    return body.reduce((total, s) => total + this.#statement(s), 0);
  }

  #statement(s: Stmt): number {
    switch (s.op) {
      case "let": {
        const value = this.#valueOf(s.value);
        if (value !== undefined) this.#values.set(s.name, value);
        return exprCost(s.value);
      }
      case "var":
      case "assign":
        return exprCost(s.value);
      case "setElement":
        return exprCost(s.value);
      case "store":
        return accessOperands(s).reduce((total, e) => total + exprCost(e), exprCost(s.value) + 1);
      case "for": {
        const [from, to] = [this.#valueOf(s.from), this.#valueOf(s.to)];
        const known = from !== undefined && to !== undefined;
        const rounds = known ? Math.max(0, Math.ceil((to - from) / s.step)) : UNKNOWN_ROUNDS;
        // Bounds that follow the variable of an outer loop are as in its middle.
        if (known) this.#values.set(s.name, (from + to) >> 1);
        return rounds * (this.block(s.body) + 1);
      }
      case "while":
        return UNKNOWN_ROUNDS * (exprCost(s.condition) + this.block(s.body));
      case "if":
        return exprCost(s.condition) + Math.max(this.block(s.then), this.block(s.otherwise ?? []));
      case "array":
      case "barrier":
        return 0;
    }
  }

  /** The value of index arithmetic, as far as it is known. */
  #valueOf(e: Expr): number | undefined {
    if (e.op === "const") return e.value;
    if (e.op === "var") return this.#values.get(e.name);
    if (e.op === "select") {
      const chosen = this.#valueOf(e.condition);
      return chosen === undefined ? undefined : this.#valueOf(chosen ? e.then : e.otherwise);
    }
    if (e.op !== "binary" && e.op !== "compare") return undefined;
    const [x, y] = [this.#valueOf(e.x), this.#valueOf(e.y)];
    if (x === undefined || y === undefined) return undefined;
    return e.op === "compare" ? compareFn(e.fn)(x, y) : binaryFn(e.fn, e.dtype)(x, y);
  }
}

function exprCost(e: Expr): number {
  if (e.op === "const" || e.op === "var") return 0;
  const slow = e.op === "binary" ? e.fn === "div" || e.fn === "rem" : e.op === "unary" && e.fn === "sqrt";
  const own = e.op === "call" ? functionCost(e.fn) : slow ? SLOW : 1;
  return operandsOf(e).reduce((total, x) => total + exprCost(x), own);
}

const functions = new WeakMap<ScalarFunction, number>();

function functionCost(fn: ScalarFunction): number {
  let cost = functions.get(fn);
  if (cost === undefined) {
    cost = fn.body.reduce((total, s) => total + exprCost(s.value), exprCost(fn.result));
    functions.set(fn, cost);
  }
  return cost;
}
