import * as s from "../loop/build.ts";
import type { Expr, Kernel, Stmt } from "../loop/ir.ts";
import { assignedNames, definedNames, freshNames } from "../loop/names.ts";
import { mentionsOf } from "../loop/phases.ts";
import { mapStmts, renameStmts, substitute } from "../loop/substitute.ts";
import { some } from "./indices.ts";

type For = Extract<Stmt, { op: "for" }>;
type Let = Extract<Stmt, { op: "let" }>;
type Definition = Extract<Stmt, { op: "let" | "var" }>;
type Fresh = (hint: string) => string;

/** Rows of which the first begins by itself. */
const STRETCH = 64;
/** Fewer rows have no next one to speak of. */
const FEWEST = 4;
/** Statements in a round of the two loops together: their values are in registers. */
const MOST_STATEMENTS = 48;

/**
 * Software pipelining of rows that begin with a fold and end with plain stores (softmax, normalised rows): while a row is
 * stored, the next one is folded. The one waits for what it reads, the other for what it writes. Rows are computed as before.
 *
 *   for i { v = fold(i); middle(i, v); store(i, v) }
 *   becomes  v' = fold(0); for i { v = v'; middle(i, v); store(i, v) and v' = fold(i + 1) }
 */
export function overlapRows(kernel: Kernel): Kernel {
  const body = overlap(kernel.body, freshNames(kernel));
  return body === kernel.body ? kernel : { ...kernel, body };
}

/** The loop at the end of a block, or one at the end of its body. */
function overlap(block: readonly Stmt[], fresh: Fresh): readonly Stmt[] {
  const last = block.at(-1);
  if (last?.op !== "for" || !last.parallel || last.unroll) return block;
  const before = block.slice(0, -1);
  const parts = partsOf(last);
  if (parts) return [...before, ...overlapped(last, parts, fresh)];
  const body = overlap(last.body, fresh);
  return body === last.body ? block : [...before, { ...last, body: [...body] }];
}

/** A row, cut up. The loops of the fold and of the stores go on in loops over what their steps leave. */
interface Parts {
  readonly before: readonly Stmt[];
  readonly fold: Span;
  readonly after: readonly Stmt[];
  readonly middle: readonly Stmt[];
  readonly stores: Span;
  readonly rest: readonly Stmt[];
  /** Of what stands before the middle: what each row defines again, for it costs nothing, and what must be handed on. */
  readonly again: readonly Definition[];
  readonly handedOn: readonly Let[];
}

/** A loop from 0 to a constant. */
interface Span {
  readonly loop: For;
  readonly to: number;
}

/** Undefined where a row is not made like that. */
function partsOf(rows: For): Parts | undefined {
  const { body } = rows;
  if (!hasSteps(rows)) return undefined;
  if (body.some(x => x.op !== "let" && x.op !== "var" && x.op !== "assign" && x.op !== "for")) return undefined;
  const foldAt = body.findIndex(x => x.op === "for");
  if (foldAt < 0) return undefined;
  const foldEnd = endOfRun(body, foldAt);
  const next = body.findIndex((x, at) => at >= foldEnd && x.op === "for");
  const storesAt = startOfLastRun(body);
  if (next < 0 || storesAt < next) return undefined;
  const fold = spanOf(body[foldAt]);
  const stores = spanOf(body[storesAt]);
  if (!fold || !stores || !goTogether(fold, stores)) return undefined;
  const head = body.slice(0, next);
  const written = mentionsOf(body).stores;
  if ([...mentionsOf(head).loads].some(buffer => written.has(buffer)) || mentionsOf(head).stores.size > 0)
    return undefined;
  const definitions = head.filter(x => x.op === "let" || x.op === "var");
  const names = freeOf(definitions, head);
  const isFree = (x: Stmt): boolean => (x.op === "let" || x.op === "var") && names.has(x.name);
  const free = definitions.filter(isFree);
  const wanted = mentionsOf(body.slice(next)).names;
  const again = closure(free, wanted);
  const ownFree = closure(free, mentionsOf(head.filter(x => !isFree(x))).names);
  const isOwn = (x: Stmt): boolean => !isFree(x) || ownFree.some(y => y === x);
  const handedOn = definitions.filter(x => wanted.has(x.name) && !isFree(x));
  if (handedOn.length === 0 || !handedOn.every(x => x.op === "let")) return undefined;
  return {
    before: head.slice(0, foldAt).filter(isOwn),
    fold,
    after: head.slice(foldAt + 1).filter(isOwn),
    middle: body.slice(next, storesAt),
    stores,
    rest: body.slice(storesAt + 1),
    again,
    handedOn,
  };
}

/** Steps enough for there to be a next one, all of them whole. */
function hasSteps({ from, to, step }: For): boolean {
  const count = s.isub(to, from);
  if (!s.isConst(count)) return step === 1;
  return STRETCH % step === 0 && count.value % step === 0 && count.value >= FEWEST * step;
}

/** Past a loop and those that each go on where the one before ends. */
function endOfRun(body: readonly Stmt[], from: number): number {
  let end = from + 1;
  while (end < body.length && goesOn(body[end - 1], body[end])) end++;
  return end;
}

function startOfLastRun(body: readonly Stmt[]): number {
  let at = body.length - 1;
  while (at > 0 && goesOn(body[at - 1], body[at])) at--;
  return at;
}

const goesOn = (x: Stmt, y: Stmt): boolean => x.op === "for" && y.op === "for" && s.sameExpr(x.to, y.from);

/** A loop over plain statements; undefined where its bounds or what it does are not as the overlap wants them. */
function spanOf(x: Stmt): Span | undefined {
  if (x.op !== "for" || x.unroll || !s.isValue(x.from, 0) || !s.isConst(x.to)) return undefined;
  const isPlain = x.body.every(y => y.op === "let" || y.op === "assign" || y.op === "store");
  const calls = x.body.some(y => "value" in y && some(y.value, e => e.op === "call"));
  return isPlain && !calls ? { loop: x, to: x.to.value } : undefined;
}

/** Names whose definition neither reads memory nor depends on what does, and that keep their first value. */
function freeOf(definitions: readonly Definition[], head: readonly Stmt[]): ReadonlySet<string> {
  const assigned = new Set(assignedNames(head));
  const local = new Set(definitions.map(x => x.name));
  const free = new Set<string>();
  for (const { name, value } of definitions) {
    const bound = (e: Expr): boolean => e.op === "load" || (e.op === "var" && local.has(e.name) && !free.has(e.name));
    if (!assigned.has(name) && !some(value, bound)) free.add(name);
  }
  return free;
}

/** The definitions of some names, with those that they need. */
function closure(definitions: readonly Definition[], wanted: ReadonlySet<string>): Definition[] {
  const needed = new Set(wanted);
  const kept: Definition[] = [];
  for (const x of definitions.toReversed()) {
    if (!needed.has(x.name)) continue;
    kept.unshift(x);
    for (const name of mentionsOf([x]).names) needed.add(name);
  }
  return kept;
}

function overlapped(
  rows: For,
  { before, fold, after, middle, stores, rest, again, handedOn }: Parts,
  fresh: Fresh,
): Stmt[] {
  const names = { end: fresh("rows"), first: fresh("first"), beyond: fresh("beyond"), next: fresh("next") };
  const [end, first, beyond] = [names.end, names.first, names.beyond].map(name => s.variable(name));
  const head = [...before, fold.loop, ...after];
  const begun = copyAt(rows, head, first, fresh);
  const following = copyAt(rows, head, s.variable(names.next), fresh);
  const kept = handedOn.map(x => fresh(x.name));
  const row = [
    ...again,
    ...handedOn.map((x, k) => s.letStmt(x.name, s.variable(kept[k], x.value.dtype, x.value.lanes))),
    ...middle,
    s.letStmt(names.next, s.min(s.iadd(s.variable(rows.name), s.int(rows.step)), s.isub(beyond, s.int(rows.step)))),
    ...following.of(before),
    ...sideBySide({ ...fold, loop: following.of([fold.loop])[0] as For }, stores, fresh),
    ...rest,
    ...following.of(after),
    ...handedOn.map((x, k) => s.assign(kept[k], following.value(x))),
  ];
  const several = [
    ...begun.of(head),
    ...handedOn.map((x, k) => s.varStmt(kept[k], begun.value(x))),
    s.letStmt(names.beyond, s.min(s.iadd(first, s.int(STRETCH)), end)),
    s.forStmt(rows.name, first, beyond, row, { step: rows.step }),
  ];
  return [
    s.letStmt(names.end, rows.to),
    s.forStmt(names.first, rows.from, end, several, { step: STRETCH, parallel: true, grain: rows.step }),
  ];
}

interface Copy {
  of(body: readonly Stmt[]): Stmt[];
  value(x: Let): Expr;
}

/** The first part of another row, under names of its own. */
function copyAt(rows: For, head: readonly Stmt[], row: Expr, fresh: Fresh): Copy {
  const names = new Map(definedNames(head).map(name => [name, fresh(name)]));
  const rename = (name: string): string => names.get(name) ?? name;
  const at = new Map([[rows.name, row]]);
  return {
    of: body => renameStmts(mapStmts(body, { expr: e => substitute(e, at) }), rename),
    value: ({ name, value }) => s.variable(rename(name), value.dtype, value.lanes),
  };
}

/** Two loops as one, as far as both go, and what is left of each. */
function sideBySide(x: Span, y: Span, fresh: Fresh): Stmt[] {
  const { step, to } = together(x, y);
  const name = fresh("r");
  const body = [x, y].flatMap(({ loop }) => rounds(loop, s.variable(name), step, fresh));
  const left = [x, y].filter(span => to < span.to).map(({ loop }): For => ({ ...loop, from: s.int(to) }));
  return [s.forStmt(name, s.int(0), s.int(to), body, { step }), ...left];
}

/** A step that both loops divide, and how far whole ones go. */
function together(x: Span, y: Span): { readonly step: number; readonly to: number } {
  const step = Math.max(x.loop.step, y.loop.step);
  const to = Math.min(x.to, y.to);
  return { step, to: to - (to % step) };
}

/** What a loop does in a longer step from `at` on. */
function rounds(loop: For, at: Expr, step: number, fresh: Fresh): Stmt[] {
  return Array.from({ length: step / loop.step }).flatMap((_, k) => {
    const names = new Map(definedNames(loop.body).map(name => [name, fresh(name)]));
    const moved = new Map([[loop.name, s.iadd(at, s.int(k * loop.step))]]);
    return renameStmts(mapStmts(loop.body, { expr: e => substitute(e, moved) }), name => names.get(name) ?? name);
  });
}

/** The two loops go far together, and a round of both is not too much. */
function goTogether(x: Span, y: Span): boolean {
  const { step, to } = together(x, y);
  const times = [x, y].map(({ loop }) => step / loop.step);
  const statements = times[0] * x.loop.body.length + times[1] * y.loop.body.length;
  return times.every(Number.isInteger) && to >= 2 * step && statements <= MOST_STATEMENTS;
}
