import type { Expr, Kernel, ScalarFunction, Stmt } from "../../src/loop/ir.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { InternalError, present } from "../../src/shared/errors.ts";
import { index, place, type Scope, type Shared, text, toNumber, value } from "./expression.ts";
import { LocalNames } from "./names.ts";

/** `(a,b,n){…}`, parameters and body, for an unrolled kernel. Its places are element indices. */
export function kernelText(kernel: Kernel, shared: Shared): string {
  const declared = [...kernel.buffers.map(b => b.name), ...kernel.extents];
  const names = new LocalNames(declared);
  const params = declared.map(p => names.of(p));
  const writer = new Writer(shared, names, kernel);
  writer.block(kernel.body);
  return `(${params.join(",")}){${writer.finish()}}`;
}

/** `(a){let b=…;return …}` for a scalar function. */
export function scalarFunctionText(fn: ScalarFunction, shared: Shared): string {
  const names = new LocalNames(fn.params.map(p => p.name));
  const params = fn.params.map(p => names.of(p.name));
  const writer = new Writer(shared, names);
  writer.block(fn.body);
  return `(${params.join(",")}){${writer.finish()}return ${text(value(fn.result, writer.scope))}}`;
}

/** Writes statements; neighbouring declarations share one `let`. */
class Writer {
  readonly scope: Scope;
  readonly #parts: string[] = [];
  #declaring = false;
  /** The view that each buffer is stored through. */
  readonly #views: ReadonlyMap<string, string>;
  readonly #mutable = new Set<string>();

  constructor(shared: Shared, names: LocalNames, kernel?: Kernel) {
    this.scope = { shared, names };
    this.#views = new Map(kernel?.buffers.map(b => [b.name, shared.array(b.dtype)]));
  }

  block(body: readonly Stmt[]): void {
    for (const s of body) this.#statement(s);
    this.#end();
  }

  finish(): string {
    this.#end();
    return this.#parts.join("");
  }

  #end(): void {
    if (this.#declaring) this.#parts.push(";");
    this.#declaring = false;
  }

  #declare(name: string, init: string): void {
    this.#parts.push(this.#declaring ? "," : "let ", `${name}=${init}`);
    this.#declaring = true;
  }

  #write(statement: string): void {
    this.#end();
    this.#parts.push(statement);
  }

  #braces(body: readonly Stmt[]): void {
    this.#parts.push("{");
    this.block(body);
    this.#parts.push("}");
  }

  #statement(s: Stmt): void {
    const { scope } = this;
    const { names } = scope;
    switch (s.op) {
      case "let":
        this.#declare(names.of(s.name), text(value(s.value, scope)));
        return;
      case "var":
        this.#mutable.add(s.name);
        this.#declare(names.of(s.name), text(value(s.value, scope)));
        return;
      case "assign":
        this.#assign(names.of(s.name), s.value);
        return;
      case "array":
      case "setElement":
        throw new InternalError("register arrays must have been unrolled");
      case "store": {
        const code = value(s.value, scope);
        const stored = s.value.dtype === "bool" ? toNumber(s.value, code) : code;
        const array = present(this.#views.get(s.buffer), `no buffer ${s.buffer}`);
        this.#write(`${array}[${place(s.buffer, s.index, scope)}]=${text(stored)};`);
        return;
      }
      case "for":
        this.#for(s);
        return;
      case "while":
        this.#write(`while(${text(value(s.condition, scope))})`);
        this.#braces(s.body);
        return;
      case "if":
        this.#write(`if(${text(value(s.condition, scope))})`);
        this.#braces(s.then);
        if (s.otherwise && s.otherwise.length > 0) {
          this.#parts.push("else");
          this.#braces(s.otherwise);
        }
    }
  }

  /** a += b where that is a = a + b. */
  #assign(name: string, e: Expr): void {
    const code = text(value(e, this.scope));
    const sum = isFloat(e.dtype) && e.op === "binary" && e.fn === "add" && e.x.op === "var";
    this.#write(sum && code.startsWith(`${name}+`) ? `${name}+=${code.slice(name.length + 1)};` : `${name}=${code};`);
  }

  #for(s: Extract<Stmt, { op: "for" }>): void {
    const { scope } = this;
    const from = text(index(s.from, scope));
    const counter = scope.names.of(s.name);
    const to = text(index(s.to, scope));
    // The bound is evaluated once.
    const simple = s.to.op === "const" || (s.to.op === "var" && !this.#mutable.has(s.to.name));
    const bound = simple ? to : scope.names.fresh();
    const step = s.step === 1 ? `${counter}++` : `${counter}+=${s.step}`;
    this.#write(`for(let ${counter}=${from}${simple ? "" : `,${bound}=${to}`};${counter}<${bound};${step})`);
    this.#braces(s.body);
  }
}
