import type { Expr } from "../loop/ir.ts";
import { THREAD, THREADS } from "../loop/split.ts";
import type { PlanFunction, PlanStmt } from "./ir.ts";

/** Numbers from … to, both included. */
export type Range = readonly [from: number, to: number];
/** Every value is in one of them. */
export type Ranges = readonly Range[];

const ANYTHING: Ranges = [[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]];
/** More pieces than this are one. */
const MOST_PIECES = 16;

/** What the names in a plan function can stand for, whenever that is: dims, loop variables and places. */
export class NameRanges {
  readonly #names = new Map<string, Ranges>();

  constructor(fn: PlanFunction) {
    for (const d of fn.dims) this.#names.set(d.name, [[1, d.max]]);
    for (const name of [THREAD, THREADS]) this.#names.set(name, [[0, Number.POSITIVE_INFINITY]]);
    const swaps: (readonly [string, string])[] = [];
    this.#visit(fn.body, swaps);
    // A chain of n swaps carries a place through n names.
    for (let i = 0; i < swaps.length; i++) {
      for (const [a, b] of swaps) {
        const both = union(this.#of(a), this.#of(b));
        this.#names.set(a, both);
        this.#names.set(b, both);
      }
    }
  }

  #visit(body: readonly PlanStmt[], swaps: (readonly [string, string])[]): void {
    for (const s of body) {
      if (s.op === "place") {
        const known = this.#names.get(s.name);
        const value = this.valuesOf(s.value);
        this.#names.set(s.name, known ? union(known, value) : value);
      } else if (s.op === "swap") swaps.push([s.a, s.b]);
      else if (s.op === "for") {
        this.#names.set(s.name, [[0, Math.max(0, largest(this.valuesOf(s.count)) - 1)]]);
        this.#visit(s.body, swaps);
      } else if (s.op === "while" || s.op === "single") this.#visit(s.body, swaps);
      else if (s.op === "if") {
        this.#visit(s.then, swaps);
        this.#visit(s.otherwise, swaps);
      }
    }
  }

  #of(name: string): Ranges {
    return this.#names.get(name) ?? ANYTHING;
  }

  /** What an expression can be. */
  valuesOf(e: Expr): Ranges {
    if (e.op === "const") return [[e.value, e.value]];
    if (e.op === "var") return this.#of(e.name);
    if (e.op === "select") return union(this.valuesOf(e.then), this.valuesOf(e.otherwise));
    if (e.op !== "binary") return ANYTHING;
    const [x, y] = [this.valuesOf(e.x), this.valuesOf(e.y)];
    switch (e.fn) {
      case "add":
        return combine(x, y, (a, b) => [a[0] + b[0], a[1] + b[1]]);
      case "sub":
        return combine(x, y, (a, b) => [a[0] - b[1], a[1] - b[0]]);
      case "mul":
        return combine(x, y, (a, b) => {
          const corners = a.flatMap(u => b.map(v => (u === 0 || v === 0 ? 0 : u * v)));
          return [Math.min(...corners), Math.max(...corners)];
        });
      default:
        return ANYTHING;
    }
  }

  /** The greatest value of an expression. */
  largest(e: Expr): number {
    return largest(this.valuesOf(e));
  }

  /** The bytes of a buffer that begins at a place. */
  bytesAt(place: Expr, bytes: number): Ranges {
    return this.valuesOf(place).map(([from, to]) => [from, to + bytes - 1]);
  }
}

const largest = (ranges: Ranges): number => Math.max(...ranges.map(r => r[1]));

const hull = (ranges: Ranges): Ranges => [[Math.min(...ranges.map(r => r[0])), largest(ranges)]];

function union(a: Ranges, b: Ranges): Ranges {
  const added = b.filter(r => !a.some(known => known[0] <= r[0] && r[1] <= known[1]));
  const all = [...a, ...added];
  return all.length > MOST_PIECES ? hull(all) : all;
}

function combine(x: Ranges, y: Ranges, f: (a: Range, b: Range) => Range): Ranges {
  const all = x.flatMap(a => y.map(b => f(a, b)));
  return all.length > MOST_PIECES ? hull(all) : all;
}

export const overlap = (a: Ranges, b: Ranges): boolean => a.some(r => b.some(q => r[0] <= q[1] && q[0] <= r[1]));
