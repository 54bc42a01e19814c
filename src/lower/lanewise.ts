import * as s from "../loop/build.ts";
import { sameExpr } from "../loop/build.ts";
import type { Expr, Lanes, Stmt } from "../loop/ir.ts";
import { operandsOf, withOperands } from "../loop/operands.ts";
import { substitute } from "../loop/substitute.ts";

/** Thrown inside the pass where a body cannot be computed in lanes; never leaves it. */
export class NotLanewise extends Error {}

/** Statements over one loop variable, turned into statements over `lanes` consecutive values of it at once. */
export class Lanewise {
  private readonly variable: string;
  private readonly lanes: Lanes;
  private readonly body: readonly Stmt[];
  /** Register arrays that become vectors: element l is lane l. */
  private readonly arrays: ReadonlySet<string>;
  /** d name / d variable of index variables. */
  private readonly slopes = new Map<string, number>();
  private readonly vectors = new Set<string>();
  private readonly stored = new Map<string, Expr>();

  constructor(variable: string, lanes: Lanes, body: readonly Stmt[], arrays: ReadonlySet<string>) {
    this.variable = variable;
    this.lanes = lanes;
    this.body = body;
    this.arrays = arrays;
    for (const x of body) {
      if (x.op !== "store") continue;
      const other = this.stored.get(x.buffer);
      if (other && !sameExpr(other, x.index)) throw new NotLanewise();
      this.stored.set(x.buffer, x.index);
    }
  }

  /** @param bindings replaces the loop variable where it addresses the first lane */
  statements(bindings: ReadonlyMap<string, Expr> = new Map()): Stmt[] {
    const place = (index: Expr): Expr => substitute(index, bindings);
    return this.body.map((x): Stmt => {
      switch (x.op) {
        case "let": {
          const slope = this.slope(x.value);
          if (slope !== undefined && !this.readsMemory(x.value)) {
            // An index: stays scalar.
            this.slopes.set(x.name, slope);
            return { ...x, value: place(x.value) };
          }
          if (this.invariant(x.value)) {
            this.slopes.set(x.name, 0);
            return { ...x, value: place(x.value) };
          }
          this.vectors.add(x.name);
          return { ...x, value: this.vector(x.value, place) };
        }
        case "store":
          if (this.slope(x.index) !== 1 || x.value.lanes !== 1 || x.mask) throw new NotLanewise();
          return { ...x, index: place(x.index), value: this.vector(x.value, place) };
        case "setElement":
          if (x.index.op !== "var" || x.index.name !== this.variable) throw new NotLanewise();
          return s.assign(x.array, this.vector(x.value, place));
        default:
          throw new NotLanewise();
      }
    });
  }

  private readsMemory(e: Expr): boolean {
    return e.op === "load" || e.op === "element" || operandsOf(e).some(x => this.readsMemory(x));
  }

  /** How much an i32 expression grows per step of the variable; undefined when not by a known constant. */
  private slope(e: Expr): number | undefined {
    if (e.dtype !== "i32" || e.lanes !== 1) return undefined;
    switch (e.op) {
      case "const":
        return 0;
      case "var":
        if (e.name === this.variable) return 1;
        return this.vectors.has(e.name) ? undefined : (this.slopes.get(e.name) ?? 0);
      case "binary": {
        const x = this.slope(e.x);
        const y = this.slope(e.y);
        if (x === undefined || y === undefined) return undefined;
        if (e.fn === "add") return x + y;
        if (e.fn === "sub") return x - y;
        if (e.fn === "mul" && e.y.op === "const") return x * e.y.value;
        return x === 0 && y === 0 ? 0 : undefined;
      }
      case "unary":
      case "cast":
        return this.slope(e.x) === 0 ? 0 : undefined;
      default:
        return undefined;
    }
  }

  /** The same value in all lanes. */
  private invariant(e: Expr): boolean {
    switch (e.op) {
      case "const":
        return true;
      case "var":
        if (e.name === this.variable || this.vectors.has(e.name)) return false;
        return (this.slopes.get(e.name) ?? 0) === 0;
      case "load":
        return !this.stored.has(e.buffer) && operandsOf(e).every(x => this.invariant(x));
      case "element":
        return false;
      default:
        return operandsOf(e).every(x => this.invariant(x));
    }
  }

  private vector(e: Expr, place: (index: Expr) => Expr): Expr {
    const { lanes } = this;
    if (e.lanes !== 1) throw new NotLanewise();
    if (e.op === "const") return { ...e, lanes };
    if (this.invariant(e)) {
      if (e.dtype === "bool") throw new NotLanewise();
      return s.splat(place(e), lanes);
    }
    switch (e.op) {
      case "var":
        if (!this.vectors.has(e.name)) throw new NotLanewise();
        return { ...e, lanes };
      case "load": {
        if (this.slope(e.index) !== 1 || e.dtype === "bool" || e.mask) throw new NotLanewise();
        const written = this.stored.get(e.buffer);
        if (written && !sameExpr(written, e.index)) throw new NotLanewise();
        return { ...e, index: place(e.index), lanes };
      }
      case "element":
        if (!this.arrays.has(e.array) || e.index.op !== "var" || e.index.name !== this.variable)
          throw new NotLanewise();
        return s.variable(e.array, e.dtype, lanes);
      case "guard":
      case "lane":
      case "splat":
        throw new NotLanewise();
      default:
        if (!isLanewise(e)) throw new NotLanewise();
        return {
          ...withOperands(
            e,
            operandsOf(e).map(x => this.vector(x, place)),
          ),
          lanes,
        } as Expr;
    }
  }
}

/** Operations that vectors have in every target. */
function isLanewise(e: Expr): boolean {
  switch (e.op) {
    case "binary": {
      const integer = e.dtype === "i32" || e.dtype === "u32";
      if (e.fn === "rem" || (e.fn === "div" && integer)) return false;
      if (e.fn === "shl" || e.fn === "shr") return e.y.op === "const";
      return e.fn !== "ldexp" || e.dtype === "f32";
    }
    case "unary":
      return !(e.fn === "mantissa" || e.fn === "exponent") || e.x.dtype === "f32";
    case "cast":
      return [e.dtype, e.x.dtype].every(d => d === "f32" || d === "i32" || d === "u32");
    case "bitcast":
      return true;
    case "call":
      return e.dtype === "f32" && e.args.every(x => x.dtype === "f32");
    default:
      return true;
  }
}
