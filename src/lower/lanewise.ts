import * as s from "../loop/build.ts";
import { sameExpr } from "../loop/build.ts";
import type { Expr, Lanes, Stmt } from "../loop/ir.ts";
import { operandsOf, withOperands } from "../loop/operands.ts";
import { substitute } from "../loop/substitute.ts";

/** Thrown inside the pass where a body cannot be computed in lanes; never leaves it. */
export class NotLanewise extends Error {}

export interface LanewiseOptions {
  /** The loop variable: lane l computes what the loop does at variable + l. */
  readonly variable: string;
  readonly lanes: Lanes;
  /** Vectors side by side: number k computes what the loop does from variable + k·lanes on. */
  readonly vectors?: number;
  /** Register arrays that become vectors of these names: element k·lanes + l is lane l of vector k. */
  readonly arrays?: ReadonlyMap<string, readonly string[]>;
  /** The loop is parallel: no round reads or writes what another one writes, but in these buffers. */
  readonly apart?: ReadonlySet<string> | undefined;
  /** Makes names. */
  readonly fresh: (hint: string) => string;
}

type Load = Extract<Expr, { op: "load" }>;
type Store = Extract<Stmt, { op: "store" }>;

/** How often a statement of an inner loop counts against one outside. */
const INNER_ROUNDS = 16;
/** Operations of a scalar function in lanes. */
const CALL = 8;

/** Statements over one loop variable, turned into statements over consecutive values of it at once. */
export class Lanewise {
  private readonly lanes: Lanes;
  private readonly vectors: number;
  private readonly variable: string;
  private readonly arrays: ReadonlyMap<string, readonly string[]>;
  private readonly apart: ReadonlySet<string> | undefined;
  private readonly fresh: (hint: string) => string;
  /** d name / d variable of index variables; names that are not here stand outside: 0. */
  private readonly slopes = new Map<string, Expr>();
  /** The names of what differs from lane to lane, one for each vector. */
  private readonly names = new Map<string, readonly string[]>();
  private readonly stored = new Map<string, Expr>();
  /** Splats that several vectors share. */
  private readonly splats = new Map<Expr, Expr>();
  /** Names what the statement that is being written uses more than once. */
  private shared: Stmt[] = [];
  /** In an arm of a `guard`: the lanes that choose it. */
  private mask: Expr | undefined;
  private weight = 1;
  private plain = 0;
  private strided = 0;

  constructor(options: LanewiseOptions) {
    this.variable = options.variable;
    this.lanes = options.lanes;
    this.vectors = options.vectors ?? 1;
    this.arrays = options.arrays ?? new Map();
    this.apart = options.apart;
    this.fresh = options.fresh;
    this.slopes.set(this.variable, s.int(1));
  }

  /**
   * Is it cheaper than round by round? For L lanes that costs L times all operations; in lanes, those that are plain
   * cost 1, and an access lane by lane costs 2 for each lane (the access and its place in the vector):
   * plain + 2·L·strided < L·(plain + strided).
   */
  get pays(): boolean {
    const { lanes, plain, strided } = this;
    return lanes === 1 || lanes * strided < (lanes - 1) * plain;
  }

  /** @throws NotLanewise */
  statements(body: readonly Stmt[]): Stmt[] {
    for (const x of body) {
      if (x.op !== "store" || this.isApart(x.buffer)) continue;
      const other = this.stored.get(x.buffer);
      if (other && !sameExpr(other, x.index)) throw new NotLanewise();
      this.stored.set(x.buffer, x.index);
    }
    return this.block(body);
  }

  /** Is what a round finds in the buffer its own or what was there before the loop? Then lanes may be ahead of others. */
  private isApart(buffer: string): boolean {
    return this.apart !== undefined && !this.apart.has(buffer);
  }

  private block(body: readonly Stmt[]): Stmt[] {
    return body.flatMap(x => {
      const statements = this.statement(x);
      const before = this.shared;
      this.shared = [];
      this.splats.clear();
      return [...before, ...statements];
    });
  }

  private statement(x: Stmt): Stmt[] {
    switch (x.op) {
      case "let": {
        const slope = this.invariant(x.value) ? s.int(0) : this.slope(x.value);
        if (!slope) return this.define(x);
        // An index, or the same in all lanes: stays scalar.
        const value = this.place(x.value, 0);
        this.slopes.set(x.name, slope);
        return [{ ...x, value }];
      }
      case "var":
        return this.define(x);
      case "assign": {
        const names = this.names.get(x.name);
        if (!names) throw new NotLanewise();
        return names.map((name, k) => s.assign(name, this.vector(x.value, k)));
      }
      case "store":
        return this.each(k => this.store(x, k));
      case "setElement":
        return this.each(k => s.assign(this.ownVector(x, k), this.vector(x.value, k)));
      case "for":
        return [this.loop(x)];
      default:
        throw new NotLanewise();
    }
  }

  /** The vector of the elements that stand at the loop variable in their register array. */
  private ownVector({ array, index }: { readonly array: string; readonly index: Expr }, k: number): string {
    const names = this.arrays.get(array);
    if (!names || index.op !== "var" || index.name !== this.variable) throw new NotLanewise();
    return names[k];
  }

  private each<T>(make: (k: number) => T): T[] {
    return Array.from({ length: this.vectors }, (_, k) => make(k));
  }

  private define(x: Extract<Stmt, { op: "let" | "var" }>): Stmt[] {
    const names = this.each(k => (k === 0 ? x.name : this.fresh("v")));
    const values = names.map((_, k) => this.vector(x.value, k));
    this.names.set(x.name, names);
    return names.map((name, k) => ({ ...x, name, value: values[k] }));
  }

  /** A loop with the same rounds in all lanes. What it stores would depend on their order. */
  private loop(x: Extract<Stmt, { op: "for" }>): Stmt {
    if (!this.invariant(x.from) || !this.invariant(x.to) || x.body.some(inner => inner.op === "store")) {
      throw new NotLanewise();
    }
    const outside = this.weight;
    this.weight *= INNER_ROUNDS;
    const body = this.block(x.body);
    this.weight = outside;
    return { ...x, body };
  }

  private store(x: Store, k: number): Stmt {
    const { buffer, mask } = x;
    const slope = this.slope(x.index);
    if (!slope || s.isValue(slope, 0) || x.value.lanes !== 1 || mask) throw new NotLanewise();
    this.countAccess(slope);
    return s.store(buffer, this.place(x.index, k), this.vector(x.value, k), this.pattern(slope));
  }

  private load(e: Load, k: number): Expr {
    const slope = this.slope(e.index);
    if (!slope || e.mask) throw new NotLanewise();
    const written = this.stored.get(e.buffer);
    // What is written is read in the lane that writes it, and no two lanes write the same.
    if (written && !(sameExpr(written, e.index) && s.isConst(slope))) throw new NotLanewise();
    if (this.mask && readsMemory(e.index)) throw new NotLanewise();
    this.countAccess(slope);
    const pattern = { ...this.pattern(slope), ...(this.mask ? { mask: this.mask } : {}) };
    return s.load(e.buffer, e.dtype, this.place(e.index, k), this.lanes, pattern);
  }

  private pattern(stride: Expr): s.AccessPattern {
    return this.lanes === 1 ? {} : { stride };
  }

  private countAccess(slope: Expr): void {
    if (s.isValue(slope, 1)) this.plain += this.weight;
    else this.strided += this.weight;
  }

  /** A scalar expression as the first lane of vector k has it. */
  private place(e: Expr, k: number): Expr {
    const inArray = this.arrays.size > 0;
    if (k === 0 && !inArray) return e;
    const ahead = (slope: Expr): Expr => s.imul(slope, s.int(k * this.lanes));
    // In a register array the variable counts elements: vector 0 begins at 0.
    const begin = (name: string): Expr => (inArray && name === this.variable ? s.int(0) : s.variable(name));
    // What is the same in all lanes is not ahead, and need not be an index.
    const moving = [...this.slopes].filter(([, slope]) => !s.isValue(slope, 0));
    return substitute(e, new Map(moving.map(([name, slope]) => [name, s.iadd(begin(name), ahead(slope))])));
  }

  /** How much an i32 expression grows per step of the variable; undefined where that changes. */
  private slope(e: Expr): Expr | undefined {
    if (e.dtype !== "i32" || e.lanes !== 1) return undefined;
    if (this.invariant(e)) return s.int(0);
    if (e.op === "var") return this.names.has(e.name) ? undefined : this.slopes.get(e.name);
    if (e.op !== "binary") return undefined;
    const x = this.slope(e.x);
    const y = this.slope(e.y);
    if (!x || !y) return undefined;
    if (e.fn === "add") return s.iadd(x, y);
    if (e.fn === "sub") return s.isub(x, y);
    if (e.fn !== "mul") return undefined;
    if (s.isValue(y, 0) && !readsMemory(e.y)) return s.imul(x, e.y);
    return s.isValue(x, 0) && !readsMemory(e.x) ? s.imul(y, e.x) : undefined;
  }

  /** The same value in all lanes. */
  private invariant(e: Expr): boolean {
    switch (e.op) {
      case "const":
        return true;
      case "var":
        return !this.names.has(e.name) && s.isValue(this.slopes.get(e.name) ?? s.int(0), 0);
      case "load":
        return !this.stored.has(e.buffer) && operandsOf(e).every(x => this.invariant(x));
      case "element":
        return false;
      default:
        return operandsOf(e).every(x => this.invariant(x));
    }
  }

  /** What vector k has for a scalar expression. */
  private vector(e: Expr, k: number): Expr {
    const { lanes } = this;
    if (e.lanes !== 1 || (e.dtype === "f64" && lanes > 2)) throw new NotLanewise();
    if (e.op === "const") return { ...e, lanes };
    // The arms of a guard are computed in lanes that do not choose them too: only masked loads may stand there.
    if (this.invariant(e) && !(this.mask && readsMemory(e))) return this.splat(e);
    const slope = this.slope(e);
    if (slope && !readsMemory(e)) return this.progression(this.place(e, k), slope);
    switch (e.op) {
      case "var": {
        const names = this.names.get(e.name);
        if (!names) throw new NotLanewise();
        return s.variable(names[k], e.dtype, lanes);
      }
      case "load":
        return this.load(e, k);
      case "element":
        return s.variable(this.ownVector(e, k), e.dtype, lanes);
      case "guard":
        return this.guard(e, k);
      case "lane":
      case "splat":
        throw new NotLanewise();
      default:
        if (!isLanewise(e)) throw new NotLanewise();
        this.plain += (e.op === "call" ? CALL : 1) * this.weight;
        return {
          ...withOperands(
            e,
            operandsOf(e).map(x => this.vector(x, k)),
          ),
          lanes,
        } as Expr;
    }
  }

  /** first, first + slope, … */
  private progression(first: Expr, slope: Expr): Expr {
    const { lanes } = this;
    if (lanes === 1) return first;
    this.plain += this.weight;
    const ramp = s.isValue(slope, 1) ? s.ramp(lanes) : s.mul(s.ramp(lanes), s.splat(slope, lanes));
    return s.add(s.splat(first, lanes), ramp);
  }

  /** Both arms in all lanes; each loads only where it is chosen. */
  private guard(e: Extract<Expr, { op: "guard" }>, k: number): Expr {
    const outside = this.mask;
    const chosen = this.named(this.vector(e.condition, k));
    const arm = (x: Expr, mask: Expr): Expr => {
      if (!readsMemory(x)) return this.vector(x, k);
      this.mask = this.named(outside ? s.and(outside, mask) : mask);
      const value = this.vector(x, k);
      this.mask = outside;
      return value;
    };
    return s.select(chosen, arm(e.then, chosen), arm(e.otherwise, s.unary("not", chosen)));
  }

  private splat(e: Expr): Expr {
    const value = s.splat(e, this.lanes);
    if (this.vectors === 1 || s.isConst(e)) return value;
    const known = this.splats.get(e) ?? this.named(value);
    this.splats.set(e, known);
    return known;
  }

  /** A value before the statement, so that it is computed once. */
  private named(value: Expr): Expr {
    if (value.op === "var" || value.op === "const") return value;
    const name = this.fresh("v");
    this.shared.push(s.letStmt(name, value));
    return s.variable(name, value.dtype, value.lanes);
  }
}

const readsMemory = (e: Expr): boolean => e.op === "load" || e.op === "element" || operandsOf(e).some(readsMemory);

/** Operations that vectors have in every target. */
export function isLanewise(e: Expr): boolean {
  if (e.op !== "binary") return true;
  const integer = e.dtype === "i32" || e.dtype === "u32";
  if (e.fn === "rem" || (e.fn === "div" && integer)) return false;
  return (e.fn !== "shl" && e.fn !== "shr") || e.y.op === "const";
}
