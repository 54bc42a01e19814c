import { addDims, type Dim, dim, mulDims } from "../shared/dim.ts";
import { allocate, DTYPES, type DType, type TypedArray } from "../shared/dtype.ts";
import { GradcError } from "../shared/errors.ts";
import type { AttrValue } from "./attrs.ts";

/** Longest text that is read, in UTF-16 units. */
export const MAX_TEXT = 2 ** 28;
/** Deepest nesting of attributes and regions. */
export const MAX_DEPTH = 64;
/** Longest expression for one size. */
const MAX_DIM = 1000;

const SPACE = /(?:[ \t\r\n]|#[^\n]*)*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?(?:Infinity|NaN|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const STRING = /"(?:[^"\\\n]|\\.)*"/y;
const DIM = /-?[A-Za-z0-9_*+-]+/y;

const isDType = (word: string): word is DType => (DTYPES as readonly string[]).includes(word);

/** Reads tokens and attribute values from a text, and knows where it is. */
export class TextScanner {
  readonly text: string;
  /** Declared dimensions. */
  readonly dims = new Map<string, Dim>();
  private at = 0;

  constructor(text: string) {
    if (text.length > MAX_TEXT) {
      throw new GradcError("parse", "the text graph is too long", {
        expected: `at most ${MAX_TEXT} characters`,
        received: String(text.length),
      });
    }
    this.text = text;
  }

  /** An error at the current place, or at one that `mark` gave. */
  fail(expected: string, place = this.mark(), code: "parse" | "unknown-op" = "parse", problem?: string): GradcError {
    const before = this.text.slice(0, place);
    const line = before.split("\n").length;
    const column = place - before.lastIndexOf("\n");
    const rest = this.text.slice(place, place + 30).split("\n", 1)[0];
    return new GradcError(code, problem ?? `text graph, line ${line}, column ${column}: cannot be read`, {
      expected: problem ? `${expected} (line ${line}, column ${column})` : expected,
      received: rest === "" ? (place >= this.text.length ? "the end of the text" : "the end of the line") : rest,
    });
  }

  /** The place of the next token. */
  mark(): number {
    SPACE.lastIndex = this.at;
    SPACE.exec(this.text);
    this.at = SPACE.lastIndex;
    return this.at;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.mark();
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  end(): boolean {
    return this.mark() >= this.text.length;
  }

  /** Takes a punctuation mark if it comes next. */
  take(token: string): boolean {
    const found = this.text.startsWith(token, this.mark());
    if (found) this.at += token.length;
    return found;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.fail(JSON.stringify(token));
  }

  /** Takes a keyword if it comes next as a whole word. */
  keyword(word: string): boolean {
    const place = this.mark();
    if (this.match(WORD) === word) return true;
    this.at = place;
    return false;
  }

  word(what: string): string {
    const found = this.match(WORD);
    if (found === undefined) throw this.fail(what);
    return found;
  }

  integer(what: string): number {
    const place = this.mark();
    const n = this.number(what);
    if (!Number.isSafeInteger(n) || n < 0) throw this.fail(what, place);
    return n;
  }

  number(what: string): number {
    const found = this.match(NUMBER);
    if (found === undefined) throw this.fail(what);
    return Number(found);
  }

  string(what: string): string {
    const place = this.mark();
    const found = this.match(STRING);
    if (found === undefined) throw this.fail(what);
    try {
      return JSON.parse(found) as string;
    } catch {
      throw this.fail(`${what}, quoted as in JSON`, place);
    }
  }

  /** Items between commas up to `close`. */
  list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.take(close)) return items;
    do items.push(item());
    while (this.take(","));
    this.expect(close);
    return items;
  }

  /** `64*B+-2`: terms joined by +, each a product of integers and declared symbols. */
  dim(): Dim {
    const place = this.mark();
    const found = this.match(DIM);
    if (found === undefined) throw this.fail("a size", place);
    let total: Dim = 0;
    if (found.length > MAX_DIM) throw this.fail(`a size of at most ${MAX_DIM} characters`, place);
    for (const term of found.split("+")) {
      let product: Dim = 1;
      for (const factor of term.split("*")) {
        const size = /^-?\d+$/.test(factor) ? Number(factor) : this.dims.get(factor);
        if (size === undefined || (typeof size === "number" && !Number.isSafeInteger(size))) {
          throw this.fail("a size made of integers and declared dimensions", place);
        }
        product = mulDims(product, size);
      }
      total = addDims(total, product);
    }
    return total;
  }

  /** `dim B <= 64`, after the keyword. */
  declareDim(): void {
    const place = this.mark();
    const name = this.word("the name of a dimension");
    this.expect("<=");
    const max = this.integer("the largest size");
    if (this.dims.has(name)) throw this.fail(`one declaration of ${name}`, place);
    this.dims.set(name, dim(name, { max }));
  }

  attr(depth = 0): AttrValue {
    if (depth > MAX_DEPTH) throw this.fail(`nesting of at most ${MAX_DEPTH}`);
    const next = this.text[this.mark()];
    if (next === '"') return this.string("a string");
    if (this.take("[")) return this.list("]", () => this.attr(depth + 1));
    if (this.take("{")) return Object.fromEntries(this.list("}", () => this.entry(depth)));
    if (this.take("<")) {
      const size = this.dim();
      this.expect(">");
      return size;
    }
    const place = this.mark();
    const n = this.match(NUMBER);
    if (n !== undefined) return Number(n);
    const word = this.word("a value");
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    if (word === "undefined") return undefined;
    if (isDType(word)) {
      this.expect("[");
      return this.array(word);
    }
    throw this.fail("a value", place);
  }

  private entry(depth: number): [string, AttrValue] {
    const key = this.text[this.mark()] === '"' ? this.string("a key") : this.word("a key");
    this.expect(":");
    return [key, this.attr(depth + 1)];
  }

  private array(dtype: DType): TypedArray {
    const bits: { index: number; hex: string }[] = [];
    let index = 0;
    const values = this.list("]", () => {
      const place = this.mark();
      const n = this.number(`a number of ${dtype}`);
      if (Number.isNaN(n) && this.take("(")) {
        const hex = this.match(/[0-9a-f]{8}(?:[0-9a-f]{8})?/y);
        if (hex === undefined || hex.length !== 2 * allocate(dtype, 1).byteLength) throw this.fail("the bits of a NaN");
        this.expect(")");
        bits.push({ index, hex });
      }
      const held = allocate(dtype, 1);
      held[0] = n;
      if (!Object.is(held[0], n)) throw this.fail(`a number that ${dtype} holds`, place);
      index++;
      return n;
    });
    const data = allocate(dtype, values.length);
    data.set(values);
    const view = new DataView(data.buffer);
    for (const { index: i, hex } of bits) {
      if (dtype === "f64") view.setBigUint64(8 * i, BigInt(`0x${hex}`), true);
      else view.setUint32(4 * i, Number.parseInt(hex, 16), true);
    }
    return data;
  }
}
