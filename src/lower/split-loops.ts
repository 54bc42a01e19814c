import * as s from "../loop/build.ts";
import { fold } from "../loop/fold.ts";
import type { CompareFn, Expr, Kernel, Stmt } from "../loop/ir.ts";
import { definedNames, freshNames } from "../loop/names.ts";
import { mapExpr, mapStmts, renameStmts } from "../loop/substitute.ts";

type For = Extract<Stmt, { op: "for" }>;

/** More pieces than this are not worth their code. */
const MOST_PIECES = 8;
/** Statements that a kernel may have after its loops are split. */
const MOST_STATEMENTS = 120;

/**
 * Index-set splitting: a loop whose body asks where its variable stands (i < 128 ? a[i] : b[i − 128]) becomes one loop
 * for each piece of the range in which all answers are the same. Without the questions, pieces can be vectors.
 */
export function splitLoops(kernel: Kernel): Kernel {
  const pass = new Splitter(kernel);
  return { ...kernel, body: pass.block(kernel.body) };
}

class Splitter {
  private readonly fresh: (hint: string) => string;
  private budget: number;

  constructor(kernel: Kernel) {
    this.fresh = freshNames(kernel);
    this.budget = MOST_STATEMENTS - countStatements(kernel.body);
  }

  block(body: readonly Stmt[]): Stmt[] {
    return body.flatMap((statement): Stmt[] => {
      switch (statement.op) {
        case "for":
          return (this.residues(statement) ?? this.pieces(statement)).map(piece => ({
            ...piece,
            body: this.block(piece.body),
          }));
        case "while":
          return [{ ...statement, body: this.block(statement.body) }];
        case "if":
          return [
            {
              ...statement,
              then: this.block(statement.then),
              ...(statement.otherwise ? { otherwise: this.block(statement.otherwise) } : {}),
            },
          ];
        default:
          return [statement];
      }
    });
  }

  /**
   * A loop whose body asks for i mod c: its rounds i = c·q … c·q + c − 1 as one round, each with its answer, and the
   * rest one by one.
   */
  private residues(loop: For): For[] | undefined {
    const { from, to, name } = loop;
    if (loop.step !== 1 || loop.unroll || !s.isValue(from, 0) || !s.isConst(to)) return undefined;
    const modulus = modulusOf(loop);
    if (modulus === undefined) return undefined;
    const rounds = Math.trunc(to.value / modulus);
    const rest = to.value - rounds * modulus;
    const cost = (modulus - 1 + rest) * countStatements(loop.body);
    if (rounds === 0 || cost > this.budget) return undefined;
    this.budget -= cost;
    const at = (q: Expr, residue: number): Stmt[] => {
      const whole = s.iadd(s.imul(q, s.int(modulus)), s.int(residue));
      return answered(loop.body, divided(name, modulus, whole, q, residue));
    };
    const copy = (body: readonly Stmt[]): readonly Stmt[] => this.renamed({ ...loop, body }).body;
    const q = this.fresh(name);
    const together = Array.from({ length: modulus }, (_, residue) => at(s.variable(q), residue));
    const first = { ...loop, name: q, to: s.int(rounds), body: together.flatMap((body, k) => (k ? copy(body) : body)) };
    const single = Array.from({ length: rest }, (_, residue): For => {
      const i = rounds * modulus + residue;
      const body = copy(at(s.int(rounds), residue));
      return { ...loop, name: this.fresh(name), from: s.int(i), to: s.int(i + 1), body };
    });
    return [first, ...single];
  }

  private pieces(loop: For): For[] {
    const { from, to, name } = loop;
    if (loop.step !== 1 || loop.unroll || !s.isConst(from) || !s.isConst(to)) return [loop];
    const [start, end] = [from.value, to.value];
    const cuts = [...thresholds(loop)].filter(t => t > start && t < end).sort((a, b) => a - b);
    const cost = cuts.length * countStatements(loop.body);
    if (cuts.length === 0 || cuts.length >= MOST_PIECES || cost > this.budget) return [loop];
    this.budget -= cost;
    const bounds = [start, ...cuts, end];
    return cuts.concat(end).map((last, k) => {
      const body = answered(loop.body, inRange(name, bounds[k], last));
      const piece = { ...loop, from: s.int(bounds[k]), to: s.int(last), body };
      return k === 0 ? piece : this.renamed(piece);
    });
  }

  /** A copy under names of its own. */
  private renamed(loop: For): For {
    const names = new Map([loop.name, ...definedNames(loop.body)].map(old => [old, this.fresh(old)]));
    const rename = (name: string): string => names.get(name) ?? name;
    return { ...loop, name: rename(loop.name), body: renameStmts(loop.body, rename) };
  }
}

const countStatements = (body: readonly Stmt[]): number =>
  body.reduce((n, x) => {
    if (x.op === "for" || x.op === "while") return n + 1 + countStatements(x.body);
    if (x.op === "if") return n + 1 + countStatements(x.then) + countStatements(x.otherwise ?? []);
    return n + 1;
  }, 0);

/** name + offset against a constant. */
interface Question {
  readonly fn: CompareFn;
  /** The constant less the offset: the question is name `fn` limit. */
  readonly limit: number;
}

function questionOf(e: Expr, name: string): Question | undefined {
  if (e.op !== "compare" || e.lanes !== 1 || e.x.dtype !== "i32" || !s.isConst(e.y)) return undefined;
  if (e.x.op === "var" && e.x.name === name) return { fn: e.fn, limit: e.y.value };
  if (e.x.op !== "binary" || e.x.fn !== "add" || !s.isConst(e.x.y)) return undefined;
  return e.x.x.op === "var" && e.x.x.name === name ? { fn: e.fn, limit: e.y.value - e.x.y.value } : undefined;
}

/** Where answers change: a piece ends before such a value. */
function thresholds(loop: For): Set<number> {
  const found = new Set<number>();
  const look = (e: Expr): Expr => {
    const question = questionOf(e, loop.name);
    if (question) {
      const { fn, limit } = question;
      if (fn !== "le" && fn !== "gt") found.add(limit);
      if (fn !== "lt" && fn !== "ge") found.add(limit + 1);
    }
    return e;
  };
  mapStmts(loop.body, { expr: e => mapExpr(e, look) });
  return found;
}

/** The answer for all values of first … end − 1; undefined where it changes in between. */
function answer({ fn, limit }: Question, first: number, end: number): boolean | undefined {
  const last = end - 1;
  switch (fn) {
    case "lt":
      return last < limit ? true : first >= limit ? false : undefined;
    case "le":
      return last <= limit ? true : first > limit ? false : undefined;
    case "gt":
      return first > limit ? true : last <= limit ? false : undefined;
    case "ge":
      return first >= limit ? true : last < limit ? false : undefined;
    case "eq":
    case "ne": {
      const outside = last < limit || first > limit;
      if (outside) return fn === "ne";
      return first === limit && last === limit ? fn === "eq" : undefined;
    }
  }
}

/** Moduli that are worth a copy of the body for each residue. */
const MOST_RESIDUES = 4;

/** The c of a question about i mod c. */
function modulusOf(loop: For): number | undefined {
  let found: number | undefined;
  const look = (e: Expr): Expr => {
    if (e.op !== "compare" || e.lanes !== 1 || !s.isConst(e.y)) return e;
    const { x } = e;
    const asks = x.op === "binary" && x.fn === "rem" && x.x.op === "var" && x.x.name === loop.name;
    if (asks && s.isConst(x.y) && x.y.value > 1 && x.y.value <= MOST_RESIDUES) found ??= x.y.value;
    return e;
  };
  mapStmts(loop.body, { expr: e => mapExpr(e, look) });
  return found;
}

/** i = whole = modulus·q + residue. */
function divided(name: string, modulus: number, whole: Expr, q: Expr, residue: number): (e: Expr) => Expr {
  return e => {
    if (e.op === "var" && e.name === name) return whole;
    if (e.op !== "binary" || e.x !== whole || !s.isValue(e.y, modulus)) return e;
    if (e.fn === "rem") return s.int(residue);
    return e.fn === "div" ? q : e;
  };
}

/** Answers the questions that all i from first to end − 1 answer alike. */
function inRange(name: string, first: number, end: number): (e: Expr) => Expr {
  return e => {
    const question = questionOf(e, name);
    const yes = question && answer(question, first, end);
    return yes === undefined ? e : s.literal("bool", yes ? 1 : 0);
  };
}

/** The body with its questions answered, and with what follows from the answers, through the names of conditions. */
function answered(body: readonly Stmt[], reply: (e: Expr) => Expr): Stmt[] {
  const known = new Map<string, Expr>();
  const replace = (e: Expr): Expr => (e.op === "var" ? (known.get(e.name) ?? reply(e)) : reply(e));
  const visit = (statements: readonly Stmt[]): Stmt[] =>
    statements.flatMap((x): Stmt[] => {
      if (x.op === "for") {
        const [from, to] = [mapExpr(x.from, replace), mapExpr(x.to, replace)];
        return [{ ...x, from, to, body: visit(x.body) }];
      }
      if (x.op === "while") return [{ ...x, condition: mapExpr(x.condition, replace), body: visit(x.body) }];
      if (x.op === "if") {
        const condition = mapExpr(x.condition, replace);
        if (s.isConst(condition)) return visit(condition.value ? x.then : (x.otherwise ?? []));
        return [{ ...x, condition, then: visit(x.then), ...(x.otherwise ? { otherwise: visit(x.otherwise) } : {}) }];
      }
      const [next] = mapStmts([x], { expr: e => fold(mapExpr(e, replace)) });
      if (next.op === "let" && next.value.dtype === "bool" && s.isConst(next.value)) {
        known.set(next.name, next.value);
        return [];
      }
      return [next];
    });
  return visit(body);
}
