import type { Expr, Kernel, MemoryAccess, Stmt } from "./ir.ts";
import { accessOperands, operandsOf } from "./operands.ts";

/**
 * Canonical text of all of a kernel but its name. Names are replaced by numbers in order of appearance, so that kernels
 * that differ in names alone are equal; buffers and extents keep their order, which is the order of arguments.
 */
export function kernelKey(kernel: Kernel): string {
  const writer = new KeyWriter();
  for (const b of kernel.buffers) writer.push(`${writer.name(b.name)}${b.dtype}${b.access}${b.private ? "p" : ""};`);
  for (const name of kernel.extents) writer.push(`${writer.name(name)};`);
  writer.block(kernel.body);
  return writer.text();
}

class KeyWriter {
  readonly #parts: string[] = [];
  readonly #names = new Map<string, number>();

  push(text: string): void {
    this.#parts.push(text);
  }

  text(): string {
    return this.#parts.join("");
  }

  name(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return `$${known}`;
    const number = this.#names.size;
    this.#names.set(name, number);
    return `$${number}`;
  }

  block(body: readonly Stmt[]): void {
    this.push("{");
    for (const s of body) this.#statement(s);
    this.push("}");
  }

  #statement(s: Stmt): void {
    switch (s.op) {
      case "let":
      case "var":
      case "assign":
        this.#write(`${s.op}${this.name(s.name)}`, s.value);
        break;
      case "array":
        this.#write(`array${this.name(s.name)}:${s.size}`, s.init);
        break;
      case "setElement":
        this.#write(`set${this.name(s.array)}`, s.index, s.value);
        break;
      case "store":
        this.#write(`store${this.name(s.buffer)}${patternOf(s)}`, ...accessOperands(s), s.value);
        break;
      case "for":
        this.#write(
          `for${this.name(s.name)}+${s.step}${s.unroll ? "u" : ""}${s.parallel ? "p" : ""}${s.grain ?? ""}`,
          s.from,
          s.to,
        );
        this.block(s.body);
        break;
      case "while":
        this.#write("while", s.condition);
        this.block(s.body);
        break;
      case "if":
        this.#write("if", s.condition);
        this.block(s.then);
        this.block(s.otherwise ?? []);
        break;
      case "barrier":
        this.push("barrier");
        break;
    }
  }

  #write(head: string, ...operands: readonly Expr[]): void {
    this.push(`${head}(`);
    for (const e of operands) this.#expr(e);
    this.push(")");
  }

  /** Prefix notation; what precedes the operands tells their number, so no brackets are needed. */
  #expr(e: Expr): void {
    this.push(`${e.op}${e.dtype}${e.lanes}${detailOf(e, name => this.name(name))} `);
    for (const x of operandsOf(e)) this.#expr(x);
  }
}

/** What distinguishes operations of one kind, operands and types aside; names as `rename` gives them. */
export function detailOf(e: Expr, rename: (name: string) => string): string {
  switch (e.op) {
    case "const":
      return `=${Object.is(e.value, -0) ? "-0" : e.value}`;
    case "var":
      return rename(e.name);
    case "unary":
    case "binary":
    case "compare":
      return e.fn;
    case "call":
      return `${e.fn.name}/${e.args.length}`;
    case "load":
      return `${rename(e.buffer)}${e.splat ? "s" : ""}${patternOf(e)}`;
    case "element":
      return rename(e.array);
    case "shuffle":
      return e.order.join("");
    case "lane":
      return `.${e.lane}`;
    default:
      return "";
  }
}

/** Which of its optional operands an access has. */
const patternOf = ({ stride, mask }: MemoryAccess): string => `${stride ? "b" : ""}${mask ? "m" : ""}`;
