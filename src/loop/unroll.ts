import { InternalError, invariant, present } from "../shared/errors.ts";
import { int, isConst, isValue, letStmt, store, variable, varStmt } from "./build.ts";
import type { Expr, Kernel, Stmt } from "./ir.ts";
import { freshNames } from "./names.ts";
import { mapAccess } from "./operands.ts";
import { mapExpr } from "./substitute.ts";

type For = Extract<Stmt, { op: "for" }>;

/**
 * Expands loops marked `unroll` and loops of one round, and turns register arrays into variables (`acc` of 2 → `acc_0`,
 * `acc_1`). Afterwards a kernel has none of these. Indices are folded; what becomes constant in a copy needs no `let`.
 *
 * @throws InternalError where bounds of such a loop or indices of an array are not constant after unrolling.
 */
export function unroll(kernel: Kernel): Kernel {
  if (!needsUnrolling(kernel.body)) return kernel;
  return { ...kernel, body: new Unroller(kernel).block(kernel.body, false) };
}

const needsUnrolling = (body: readonly Stmt[]): boolean =>
  body.some(s => {
    if (s.op === "array" || (s.op === "for" && (s.unroll || runsOnce(s)))) return true;
    if (s.op === "for" || s.op === "while") return needsUnrolling(s.body);
    return s.op === "if" && (needsUnrolling(s.then) || needsUnrolling(s.otherwise ?? []));
  });

const runsOnce = ({ from, to, step }: Pick<For, "from" | "to" | "step">): boolean =>
  isConst(from) && isConst(to) && from.value < to.value && to.value <= from.value + step;

class Unroller {
  readonly #kernel: Kernel;
  readonly #fresh: (hint: string) => string;
  /** What names mean in the copy that is being written. Names are unique, so one map does for all scopes. */
  readonly #bindings = new Map<string, Expr>();
  readonly #arrays = new Map<string, readonly string[]>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#fresh = freshNames(kernel);
  }

  /** `copied`: inside an unrolled loop, where every definition needs a name of its own. */
  block(body: readonly Stmt[], copied: boolean): Stmt[] {
    return body.flatMap(s => this.#statement(s, copied));
  }

  #statement(s: Stmt, copied: boolean): readonly Stmt[] {
    switch (s.op) {
      case "let": {
        const value = this.#expr(s.value);
        if (copied && isConst(value)) {
          this.#bindings.set(s.name, value);
          return [];
        }
        return [{ ...s, name: this.#define(s.name, value, copied), value }];
      }
      case "var": {
        const value = this.#expr(s.value);
        return [{ ...s, name: this.#define(s.name, value, copied), value }];
      }
      case "assign":
        return [{ ...s, name: this.#nameOf(s.name), value: this.#expr(s.value) }];
      case "array":
        return this.#array(s);
      case "setElement":
        return [{ op: "assign", name: this.#element(s.array, this.#expr(s.index)), value: this.#expr(s.value) }];
      case "store":
        return this.#store(s);
      case "for":
        return this.#for(s, copied);
      case "while":
        return [{ ...s, condition: this.#expr(s.condition), body: this.block(s.body, copied) }];
      case "if": {
        const condition = this.#expr(s.condition);
        if (isConst(condition)) return this.block(condition.value ? s.then : (s.otherwise ?? []), copied);
        const then = this.block(s.then, copied);
        const otherwise = s.otherwise && this.block(s.otherwise, copied);
        return [{ ...s, condition, then, ...(otherwise ? { otherwise } : {}) }];
      }
      case "barrier":
        return [s];
    }
  }

  #store(s: Extract<Stmt, { op: "store" }>): Stmt[] {
    const { buffer, index, stride, mask } = mapAccess(s, e => this.#expr(e));
    if (mask && isValue(mask, 0)) return [];
    return [store(buffer, index, this.#expr(s.value), { stride, mask })];
  }

  #for(s: For, copied: boolean): Stmt[] {
    const [from, to] = [this.#expr(s.from), this.#expr(s.to)];
    if (s.unroll || runsOnce({ from, to, step: s.step })) return this.#copies(s, from, to);
    const name = this.#define(s.name, int(0), copied);
    return [{ ...s, name, from, to, body: this.block(s.body, copied) }];
  }

  #copies(s: For, from: Expr, to: Expr): Stmt[] {
    if (!isConst(from) || !isConst(to))
      throw new InternalError(`${this.#where(s.name)}: unrolled without constant bounds`);
    const statements: Stmt[] = [];
    for (let i = from.value; i < to.value; i += s.step) {
      this.#bindings.set(s.name, int(i));
      statements.push(...this.block(s.body, true));
    }
    return statements;
  }

  #array(s: Extract<Stmt, { op: "array" }>): Stmt[] {
    const statements: Stmt[] = [];
    let init = this.#expr(s.init);
    if (!isConst(init) && init.op !== "var") {
      const name = this.#fresh(`${s.name}_init`);
      statements.push(letStmt(name, init));
      init = variable(name, init.dtype, init.lanes);
    }
    const names = Array.from({ length: s.size }, (_, i) => this.#fresh(`${s.name}_${i}`));
    this.#arrays.set(s.name, names);
    return [...statements, ...names.map(name => varStmt(name, init))];
  }

  #define(name: string, { dtype, lanes }: Expr, copied: boolean): string {
    if (!copied) return name;
    const renamed = this.#fresh(name);
    this.#bindings.set(name, variable(renamed, dtype, lanes));
    return renamed;
  }

  #nameOf(name: string): string {
    const bound = this.#bindings.get(name);
    return bound?.op === "var" ? bound.name : name;
  }

  #element(array: string, index: Expr): string {
    const names = present(this.#arrays.get(array), `${this.#where(array)}: no such register array`);
    invariant(isConst(index), `${this.#where(array)}: an index is not constant after unrolling`);
    return present(names[index.value], `${this.#where(array)}: index ${index.value} of ${names.length} elements`);
  }

  #expr(e: Expr): Expr {
    return mapExpr(e, x => {
      if (x.op === "var") return this.#bindings.get(x.name) ?? x;
      return x.op === "element" ? variable(this.#element(x.array, x.index), x.dtype, x.lanes) : x;
    });
  }

  #where(name: string): string {
    return `kernel ${this.#kernel.name}, ${name}`;
  }
}
