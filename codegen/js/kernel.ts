import { letStmt } from "../../src/loop/build.ts";
import { freeVariables } from "../../src/loop/free-variables.ts";
import type { Expr, Kernel, ScalarFunction, Stmt } from "../../src/loop/ir.ts";
import { accessOperands } from "../../src/loop/operands.ts";
import { isFloat } from "../../src/shared/dtype.ts";
import { InternalError, present } from "../../src/shared/errors.ts";
import type { Code } from "./code.ts";
import { index, place, type Scope, type Shared, text, toNumber, value } from "./expression.ts";
import { LocalNames } from "./names.ts";
import { placeVariables } from "./place-variables.ts";

/** `(a,b,n){…}`, parameters and body, for an unrolled kernel. Its places are element indices. */
export function kernelText(kernel: Kernel, shared: Shared): string {
  const names = new LocalNames();
  const params = [
    ...kernel.buffers.map(b => names.declare(b.name, b.access === "read" ? "read" : "write")),
    ...kernel.extents.map(e => names.declare(e, "extent")),
  ];
  const writer = new Writer(shared, names, kernel);
  writer.block(kernel.body);
  return `(${params.join(",")}){${writer.finish()}}`;
}

/** `(a){let b=…;return …}` for a scalar function. */
export function scalarFunctionText(fn: ScalarFunction, shared: Shared): string {
  const names = new LocalNames();
  const params = fn.params.map(p => names.declare(p.name, "read"));
  const writer = new Writer(shared, names);
  writer.block(fn.body);
  return `(${params.join(",")}){${writer.finish()}return ${text(value(fn.result, writer.scope))}}`;
}

/** Writes statements; neighbouring declarations share one `let`. */
class Writer {
  readonly scope: Scope;
  readonly #names: LocalNames;
  readonly #parts: string[] = [];
  #declaring = false;
  /** The view that each buffer is stored through. */
  readonly #views: ReadonlyMap<string, string>;
  readonly #mutable = new Set<string>();
  readonly #places: ReadonlySet<string>;

  constructor(shared: Shared, names: LocalNames, kernel?: Kernel) {
    this.scope = { shared, names };
    this.#names = names;
    this.#places = placeVariables(kernel?.body ?? []);
    this.#views = new Map(kernel?.buffers.map(b => [b.name, shared.array(b.dtype)]));
  }

  block(body: readonly Stmt[]): void {
    const variables = new Set<string>();
    joinStores(body).forEach((s, i, body) => {
      if (s.op === "var") variables.add(s.name);
      const copied = s.op === "let" && s.value.op === "var" && variables.has(s.value.name) ? s.value.name : undefined;
      // What a variable of this block ends as needs no second name.
      if (s.op === "let" && copied !== undefined && !assigns(body.slice(i + 1), copied)) {
        this.#names.alias(s.name, copied);
      } else this.#statement(s);
    });
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

  /** A loop's body, without braces where it is one statement. */
  #body(body: readonly Stmt[]): void {
    const plain = body.length === 1 && ["assign", "store", "for"].includes(body[0].op);
    if (plain) this.#names.inBlock(() => this.block(body));
    else this.#braces(body);
  }

  #braces(body: readonly Stmt[]): void {
    this.#parts.push("{");
    this.#names.inBlock(() => this.block(body));
    this.#parts.push("}");
  }

  #statement(s: Stmt): void {
    const { scope } = this;
    const { names } = scope;
    switch (s.op) {
      case "let":
        this.#declare(names.of(s.name), text((this.#places.has(s.name) ? index : value)(s.value, scope)));
        return;
      case "var":
        this.#mutable.add(s.name);
        this.#variable(s.name, s.value);
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
        const condition = s.mask ? `if(${text(value(s.mask, scope))})` : "";
        this.#write(`${condition}${array}[${place(s.buffer, s.index, scope)}]=${text(stored)};`);
        return;
      }
      case "for":
        this.#names.inBlock(() => this.#for(s));
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
        return;
      case "barrier":
        return;
    }
  }

  #variable(name: string, init: Expr): void {
    const code = text(value(init, this.scope));
    this.#declare(this.#names.declare(name, "variable"), code);
  }

  /** a += b where that is the same as a = a + b: sums of floats commute. */
  #assign(name: string, e: Expr): void {
    const { scope } = this;
    const rounded = !isFloat(e.dtype) || (e.dtype === "f32" && scope.shared.mode === "reproducible");
    const term = rounded ? undefined : addedTo(name, e, scope);
    this.#write(`${name}${term === undefined ? "" : "+"}=${text(term ?? value(e, scope))};`);
  }

  #for(s: Extract<Stmt, { op: "for" }>): void {
    const { scope } = this;
    const from = text(index(s.from, scope));
    const counter = this.#names.declare(s.name, "loop");
    const to = text(index(s.to, scope));
    // The bound is evaluated once.
    const simple = s.to.op === "const" || (s.to.op === "var" && !this.#mutable.has(s.to.name));
    const bound = simple ? to : this.#names.fresh("value");
    const step = s.step === 1 ? `${counter}++` : `${counter}+=${s.step}`;
    this.#write(`for(let ${counter}=${from}${simple ? "" : `,${bound}=${to}`};${counter}<${bound};${step})`);
    this.#body(s.body);
  }
}

/** b where e is a + b or a fused b + a of the variable a. */
function addedTo(name: string, e: Expr, scope: Scope): Code | undefined {
  const is = (x: Expr): boolean => x.op === "var" && scope.names.of(x.name) === name;
  if (e.op === "binary" && e.fn === "add" && is(e.x)) return value(e.y, scope);
  return e.op === "fma" && is(e.z) ? value({ ...e, op: "binary", fn: "mul" }, scope) : undefined;
}

/** `let x = e; a[i] = x` where x is read nowhere else: `a[i] = e`. */
function joinStores(body: readonly Stmt[]): readonly Stmt[] {
  const joined: Stmt[] = [];
  for (let i = 0; i < body.length; i++) {
    const s = body[i];
    const next = body[i + 1];
    const stores = s.op === "let" && next?.op === "store" && next.value.op === "var" && next.value.name === s.name;
    const rest = stores ? [...accessOperands(next).map(e => letStmt("", e)), ...body.slice(i + 2)] : [];
    if (!stores || freeVariables(rest).includes(s.name)) joined.push(s);
    else {
      joined.push({ ...next, value: s.value });
      i++;
    }
  }
  return joined;
}

const assigns = (body: readonly Stmt[], name: string): boolean =>
  body.some(s => {
    if (s.op === "assign") return s.name === name;
    if (s.op === "for" || s.op === "while") return assigns(s.body, name);
    return s.op === "if" && (assigns(s.then, name) || assigns(s.otherwise ?? [], name));
  });
