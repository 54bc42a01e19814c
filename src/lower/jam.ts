import * as s from "../loop/build.ts";
import type { Expr, Kernel, Stmt } from "../loop/ir.ts";
import { definedNames, freshNames } from "../loop/names.ts";
import { mapStmts, renameStmts, substitute } from "../loop/substitute.ts";
import { some } from "./indices.ts";

type For = Extract<Stmt, { op: "for" }>;

/** Rows at once: one waits for the end of its sum and what follows from it, three are computed. */
export const ROWS = 4;
/** Longer rows leave a processor enough to do; shorter ones are not worth the code. */
const LONGEST = 256;
const SHORTEST = 16;
const MOST_STATEMENTS = 40;

/**
 * Unroll and jam: a parallel loop over short rows, each of several loops that wait for a result of the one before, takes
 * some rows at once, loop by loop. Every row is computed as before.
 */
export function jamRows(kernel: Kernel): Kernel {
  if (kernel.buffers.some(b => b.private)) return kernel;
  const body = jam(kernel.body, freshNames(kernel));
  return body === kernel.body ? kernel : { ...kernel, body };
}

/** The loop at the end of a block, or one at the end of its body. */
function jam(block: readonly Stmt[], fresh: (hint: string) => string): readonly Stmt[] {
  const last = block[block.length - 1];
  if (last?.op !== "for" || !last.parallel || last.unroll) return block;
  const before = block.slice(0, -1);
  if (!isOverRows(last)) {
    const body = jam(last.body, fresh);
    return body === last.body ? block : [...before, { ...last, body: [...body] }];
  }
  if (!s.isConst(last.from) || !s.isConst(last.to)) return block;
  const trips = last.to.value - last.from.value;
  if (trips < ROWS) return block;
  const copies = Array.from({ length: ROWS }, (_, k) => (k === 0 ? last.body : copyOf(last, k, fresh)));
  const whole = s.int(last.to.value - (trips % ROWS));
  const jammed = { ...last, to: whole, step: ROWS, body: zip(copies) };
  if (trips % ROWS === 0) return [...before, jammed];
  const names = new Map(definedNames([last]).map(name => [name, fresh(name)]));
  return [...before, jammed, ...renameStmts([{ ...last, from: whole }], name => names.get(name) ?? name)];
}

/** A parallel loop whose body is several loops of as many rounds, with plain statements between them. */
function isOverRows(rows: For): boolean {
  if (rows.step !== 1 || rows.body.length > MOST_STATEMENTS) return false;
  const loops = rows.body.filter((x): x is For => x.op === "for");
  if (loops.length < 2 || rows.body.some(x => x.op === "while" || x.op === "if" || x.op === "barrier")) return false;
  const { to } = loops[0];
  if (!s.isConst(to) || to.value < SHORTEST || to.value > LONGEST) return false;
  return loops.every(x => !x.unroll && s.isValue(x.from, 0) && s.isValue(x.to, to.value) && x.body.every(isFlat));
}

/** No control flow, but for the partial results of a fold. */
const isFlat = (x: Stmt): boolean =>
  x.op === "for"
    ? Boolean(x.unroll) && x.body.every(y => y.op !== "for" && isFlat(y))
    : x.op !== "if" && x.op !== "while";

/** Row i + k: its loops go by the same names, everything else by names of its own. */
function copyOf(rows: For, k: number, fresh: (hint: string) => string): Stmt[] {
  const loops = loopNames(rows.body);
  const own = definedNames(rows.body).filter(name => !loops.has(name));
  const names = new Map(own.map(name => [name, fresh(name)]));
  const next = new Map([[rows.name, s.iadd(s.variable(rows.name), s.int(k))]]);
  const body = mapStmts(rows.body, { expr: e => substitute(e, next) });
  return renameStmts(body, name => names.get(name) ?? name);
}

const loopNames = (body: readonly Stmt[]): Set<string> =>
  new Set(body.flatMap(x => (x.op === "for" ? [x.name, ...loopNames(x.body)] : [])));

/** The statements of all copies in turn, loops as one. */
function zip([first, ...others]: readonly (readonly Stmt[])[]): Stmt[] {
  return first.flatMap((x, at): Stmt[] => {
    const alike = others.map(body => body[at]);
    if (x.op !== "for") return [x, ...alike];
    const body = zip([x.body, ...alike.map(y => (y.op === "for" ? y.body : []))]);
    return [{ ...x, body, ...(isApart(x.body) ? { parallel: true } : {}) }];
  });
}

/** Stores once to each buffer, and reads of it nothing that another round writes: then all rounds are independent. */
function isApart(body: readonly Stmt[]): boolean {
  const places = new Map<string, Expr>();
  for (const x of body) {
    if (x.op !== "store" && x.op !== "let") return false;
    if (x.op !== "store") continue;
    if (places.has(x.buffer)) return false;
    places.set(x.buffer, x.index);
  }
  const strays = (e: Expr): boolean => {
    const place = e.op === "load" ? places.get(e.buffer) : undefined;
    return e.op === "load" && place !== undefined && !s.sameExpr(place, e.index);
  };
  return places.size > 0 && !body.some(x => "value" in x && some(x.value, strays));
}
