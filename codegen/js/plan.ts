import { isConst } from "../../src/loop/build.ts";
import type { Expr, Kernel } from "../../src/loop/ir.ts";
import type { PlanFunction, PlanStmt } from "../../src/plan/ir.ts";
import type { DType } from "../../src/shared/dtype.ts";
import { infix, number } from "./code.ts";
import { ARRAYS, index, type Scope, type Shared, text } from "./expression.ts";
import { LocalNames, type Names } from "./names.ts";

/** V8 optimises functions up to about 60 KB of bytecode; text of this length stays well below. */
const LONGEST_FUNCTION = 16_000;

/** What the functions of a plan share: kernels by name, variables that hold places, functions made by splitting. */
export interface PlanContext {
  readonly shared: Shared;
  kernel(kernel: Kernel): string;
  /** Declares a variable of the program and returns its name. */
  variable(): string;
  /** Adds a function `name(params){body}` and returns its name. */
  part(params: readonly string[], body: string): string;
  copy(): string;
}

/** The name of the JavaScript function that runs a plan function; its parameters are the dims. */
export function planFunction(f: PlanFunction, context: PlanContext): string {
  const writer = new PlanWriter(f, context);
  return context.part(writer.params, writer.block(f.body, writer.params));
}

class PlanWriter {
  readonly params: readonly string[];
  readonly #context: PlanContext;
  readonly #names = new LocalNames();
  readonly #scope: Scope;
  /** Places live outside the functions, so that parts of a split function share them. */
  readonly #places = new Map<string, string>();

  constructor(f: PlanFunction, context: PlanContext) {
    this.#context = context;
    this.params = f.dims.map(d => this.#names.declare(d.name, "extent"));
    const names: Names = {
      of: name => this.#places.get(name) ?? this.#names.of(name),
    };
    this.#scope = { shared: context.shared, names };
  }

  /** Statements as text; `visible` are the locals that parts of it must be handed. */
  block(body: readonly PlanStmt[], visible: readonly string[]): string {
    const pieces = body.map(s => this.#statement(s, visible));
    let length = pieces.reduce((n, p) => n + p.length, 0);
    let level = pieces;
    while (length > LONGEST_FUNCTION && level.length > 1) {
      level = this.#split(level, visible);
      const shorter = level.reduce((n, p) => n + p.length, 0);
      if (shorter >= length) break;
      length = shorter;
    }
    return level.join("");
  }

  /** Runs of statements become functions of their own; calls of them take their place. */
  #split(pieces: readonly string[], visible: readonly string[]): string[] {
    const calls: string[] = [];
    let run: string[] = [];
    let length = 0;
    const flush = (): void => {
      if (run.length > 0) calls.push(`${this.#context.part(visible, run.join(""))}(${visible.join(",")});`);
      run = [];
      length = 0;
    };
    for (const piece of pieces) {
      if (length + piece.length > LONGEST_FUNCTION) flush();
      run.push(piece);
      length += piece.length;
    }
    flush();
    return calls;
  }

  #index(e: Expr): string {
    return text(index(e, this.#scope));
  }

  #statement(s: PlanStmt, visible: readonly string[]): string {
    switch (s.op) {
      case "call": {
        const places = s.places.map((p, i) => this.#elementPlace(p, s.kernel.buffers[i].dtype));
        const args = [...places, ...s.extents.map(e => this.#index(e))];
        return `${this.#context.kernel(s.kernel)}(${args.join(",")});`;
      }
      case "copy":
        return `${this.#context.copy()}(${[s.to, s.from, s.bytes].map(e => this.#index(e)).join(",")});`;
      case "place": {
        const init = this.#index(s.value);
        return `${this.#place(s.name)}=${init};`;
      }
      case "swap": {
        const [a, b, t] = [this.#place(s.a), this.#place(s.b), this.#place("")];
        return `${t}=${a};${a}=${b};${b}=${t};`;
      }
      case "for": {
        const all = this.#index(s.count);
        const count = s.atMost ? `Math.min(${all},${this.#at("i32", s.atMost)})` : all;
        const i = this.#names.fresh("loop");
        const body = this.#inside(s.name, i, () => this.block(s.body, [...visible, i]));
        const plain = !s.atMost && (s.count.op === "const" || s.count.op === "var");
        const end = plain ? count : this.#names.fresh("value");
        const and = s.goesOn ? `&&${this.#at("bool", s.goesOn)}` : "";
        const declare = end === count ? "" : `,${end}=${count}`;
        const head = s.reverse ? `let ${i}=${count};${i}-->0${and};` : `let ${i}=0${declare};${i}<${end}${and};${i}++`;
        return `for(${head}){${body}}`;
      }
      case "while":
        return `while(${this.#at("bool", s.condition)}){${this.block(s.body, visible)}}`;
      case "if": {
        const otherwise = this.block(s.otherwise, visible);
        const then = this.block(s.then, visible);
        return `if(${this.#at("bool", s.condition)}){${then}}${otherwise === "" ? "" : `else{${otherwise}}`}`;
      }
      case "barrier":
        return "";
      case "single":
        return this.block(s.body, visible);
    }
  }

  /** A byte offset as an element index. */
  #elementPlace(offset: Expr, dtype: DType): string {
    const { shift } = ARRAYS[dtype];
    if (isConst(offset)) return text(number(offset.value / 2 ** shift));
    const code = index(offset, this.#scope);
    return text(shift === 0 ? code : infix(">>", code, number(shift)));
  }

  /** What lies at a byte offset. */
  #at(dtype: DType, offset: Expr): string {
    return `${this.#context.shared.array(dtype)}[${this.#elementPlace(offset, dtype)}]`;
  }

  #place(name: string): string {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const made = this.#context.variable();
    this.#places.set(name, made);
    return made;
  }

  /** The loop variable has this identifier inside; names may repeat in loops that follow one another. */
  #inside<T>(name: string, identifier: string, body: () => T): T {
    const outer = this.#places.get(name);
    this.#places.set(name, identifier);
    try {
      return body();
    } finally {
      if (outer === undefined) this.#places.delete(name);
      else this.#places.set(name, outer);
    }
  }
}
