import * as s from "./build.ts";
import type { Expr, Kernel, Stmt } from "./ir.ts";
import { definedNames, freshNames } from "./names.ts";
import { mentionsOf } from "./phases.ts";
import { mapStmts, substitute } from "./substitute.ts";

type For = Extract<Stmt, { op: "for" }>;

/** The last two extents of a split kernel: which thread runs it, 0 ≤ thread < threads, and how many there are. */
export const THREAD = "thread$";
export const THREADS = "threads$";

/** A loop of so many rounds is shared out as it is: at worst one round more than others is a small part. */
const ENOUGH_ROUNDS = 32;

/**
 * Shares out the parallel loops of a phase: every thread runs a contiguous range of their rounds, so that together they
 * do what one thread does, bit for bit, however many there are. A loop of few rounds is shared out together with the
 * parallel loop inside.
 */
export function splitKernel(kernel: Kernel): Kernel {
  const splitter = new Splitter(kernel);
  const body = kernel.body.flatMap(x => (x.op === "for" && x.parallel ? splitter.loop(x) : [x]));
  return { ...kernel, extents: [...kernel.extents, THREAD, THREADS], body };
}

/** A loop that stands in another, and the one that goes on where it ends (the rest that fills no vector). */
interface Nest {
  /** What every thread that has a part of the round does for itself. */
  readonly before: readonly Stmt[];
  readonly inner: For;
  readonly rest: For | undefined;
  /** Rounds of the inner loop, the same in all rounds of the outer one; the rest counts as one more. */
  readonly rounds: Expr;
}

class Splitter {
  private readonly fresh: (hint: string) => string;
  private readonly privates: ReadonlySet<string>;
  /** How many loops have been shared out. */
  private loops = 0;

  constructor(kernel: Kernel) {
    this.fresh = freshNames({ ...kernel, extents: [...kernel.extents, THREAD, THREADS] });
    this.privates = new Set(kernel.buffers.filter(b => b.private).map(b => b.name));
  }

  loop(outer: For): Stmt[] {
    const rounds = unitsOf(outer);
    const nest = s.isConst(rounds) && rounds.value >= ENOUGH_ROUNDS ? undefined : this.nestOf(outer);
    if (!nest) return this.share(outer, rounds);
    const few = s.isConst(rounds) && s.isConst(nest.rounds) && rounds.value * nest.rounds.value < ENOUGH_ROUNDS;
    // Where both have few rounds and the inner one stands around a third, all threads run the outer one.
    if (few && !nest.rest && this.nestOf(nest.inner)) {
      return [{ ...outer, parallel: false, body: [...nest.before, ...this.loop(nest.inner)] }];
    }
    return this.shareBoth(outer, rounds, nest);
  }

  private name(value: Expr, hint: string, into: Stmt[]): Expr {
    if (value.op === "const" || value.op === "var") return value;
    const name = this.fresh(hint);
    into.push(s.letStmt(name, value));
    return s.variable(name);
  }

  /**
   * The range of this thread among `units`. Threads' ranges differ by one unit at most; of one loop the first threads
   * have the longer ones, of the next loop the last threads, so that the odd units of several loops spread.
   */
  private range(units: Expr, into: Stmt[]): { readonly from: Expr; readonly to: Expr } {
    const threads = s.variable(THREADS);
    const last = s.isub(s.isub(threads, s.int(1)), s.variable(THREAD));
    const thread = this.loops++ % 2 === 0 ? s.variable(THREAD) : this.name(last, "thread", into);
    const all = this.name(units, "units", into);
    const range = shareOf(all, thread, (e, hint) => this.name(e, hint, into));
    return { from: this.name(range.first, "first", into), to: this.name(range.last, "last", into) };
  }

  private share(loop: For, rounds: Expr): Stmt[] {
    const statements: Stmt[] = [];
    const range = this.range(rounds, statements);
    const shared = this.part(loop, range.from, range.to, statements);
    return [...statements, shared];
  }

  /** A loop over some of its units only. Where rounds read its end, they read the end of this part. */
  private part(loop: For, first: Expr, last: Expr, into: Stmt[]): For {
    const { from, to } = boundsOf(loop, first, last);
    if (loop.grain === undefined || loop.to.op !== "var") return { ...loop, from, to };
    const end = this.name(to, "to", into);
    const bindings = new Map([[loop.to.name, end]]);
    return { ...loop, from, to: end, body: mapStmts(loop.body, { expr: e => substitute(e, bindings) }) };
  }

  /** Rounds of both loops are numbered through: round j of the inner in round i of the outer is i·J + j. */
  private shareBoth(outer: For, rounds: Expr, { before, inner, rest, rounds: own }: Nest): Stmt[] {
    const statements: Stmt[] = [];
    const each = this.name(own, "each", statements);
    const { from, to } = this.range(s.imul(rounds, each), statements);
    const beyond = s.idiv(s.iadd(to, s.isub(each, s.int(1))), each);
    const bounds = boundsOf(outer, s.idiv(from, each), beyond);
    const body: Stmt[] = [];
    const round = s.idiv(s.isub(s.variable(outer.name), outer.from), s.int(outer.step));
    const start = this.name(s.imul(round, each), "start", body);
    body.push(...before);
    body.push(this.part(inner, s.max(s.isub(from, start), s.int(0)), s.isub(to, start), body));
    if (rest) {
      // The rest is the row's last unit.
      const end = this.name(s.iadd(start, each), "end", body);
      const owns = s.and(s.lt(from, end), s.le(end, to));
      body.push({ ...rest, from: s.select(owns, rest.from, rest.to) });
    }
    return [...statements, { ...outer, ...bounds, body }];
  }

  /** The parallel loop that a loop consists of, but for `let`s and the filling of private buffers before it. */
  private nestOf(outer: For): Nest | undefined {
    const at = outer.body.findIndex(x => x.op === "for" && x.parallel);
    const inner = outer.body[at];
    if (inner?.op !== "for" || outer.grain !== undefined) return undefined;
    const before = outer.body.slice(0, at);
    const rest = outer.body[at + 1];
    const continues = rest?.op === "for" && rest.parallel && s.sameExpr(rest.from, inner.to);
    if (outer.body.length > at + (continues ? 2 : 1)) return undefined;
    for (const buffer of mentionsOf(before).stores) if (!this.privates.has(buffer)) return undefined;
    // Its bounds must not change from round to round.
    const values = new Map<string, Expr>();
    const local = new Set([outer.name]);
    for (const x of before) {
      if (x.op === "let" && x.value.dtype === "i32") values.set(x.name, substitute(x.value, values));
      else for (const name of definedNames([x])) local.add(name);
    }
    const rounds = substitute(unitsOf(inner), values);
    const { names, loads } = mentionsOf([s.letStmt("", rounds)]);
    if (loads.size > 0 || [...names].some(name => local.has(name))) return undefined;
    return { before, inner, rest: continues ? rest : undefined, rounds: continues ? s.iadd(rounds, s.int(1)) : rounds };
  }
}

/**
 * The units first … last − 1 that are a thread's.
 * @param name gives what is used twice a name
 */
export function shareOf(
  units: Expr,
  thread: Expr = s.variable(THREAD),
  name: (e: Expr, hint: string) => Expr = e => e,
): { readonly first: Expr; readonly last: Expr } {
  const threads = s.variable(THREADS);
  const share = name(s.idiv(units, threads), "share");
  const longer = name(s.irem(units, threads), "longer");
  const startOf = (t: Expr): Expr => s.iadd(s.imul(t, share), s.min(t, longer));
  return { first: startOf(thread), last: startOf(s.iadd(thread, s.int(1))) };
}

/** How often a loop can be cut in pieces: ⌈(to − from) / unit⌉, or 0. */
function unitsOf(loop: For): Expr {
  const step = unitOf(loop);
  const distance = s.isub(loop.to, loop.from);
  const clamped = s.isConst(distance) ? s.int(Math.max(0, distance.value)) : s.max(distance, s.int(0));
  return s.idiv(s.iadd(clamped, s.int(step - 1)), s.int(step));
}

/** What shares are multiples of: a round, or less. */
const unitOf = (loop: For): number => loop.grain ?? loop.step;

/** Bounds of a loop that runs its units first … last − 1 only. */
function boundsOf(loop: For, first: Expr, last: Expr): { readonly from: Expr; readonly to: Expr } {
  const at = (round: Expr): Expr => s.iadd(loop.from, s.imul(round, s.int(unitOf(loop))));
  return { from: at(first), to: s.min(at(last), loop.to) };
}
