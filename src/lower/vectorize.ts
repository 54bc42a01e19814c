import * as s from "../loop/build.ts";
import type { BinaryFn, Expr, Kernel, Lanes, NumericMode, Stmt, TargetProfile } from "../loop/ir.ts";
import { definedNames, freshNames } from "../loop/names.ts";
import { operandsOf, withOperands } from "../loop/operands.ts";
import { mapStmts, renameStmts, substitute } from "../loop/substitute.ts";
import type { DType } from "../shared/dtype.ts";
import { some } from "./indices.ts";
import { Lanewise, type LanewiseOptions, NotLanewise } from "./lanewise.ts";

type For = Extract<Stmt, { op: "for" }>;
/** A loop that takes so many rounds at once. */
type Part = Pick<LanewiseOptions, "lanes"> & { readonly vectors: number };

/**
 * Turns loops into vector loops where every round computes elements of its own, by itself or as folds over inner loops,
 * and the four partial results of a fold into the lanes of vectors. The arithmetic per element and the order of folds
 * stay as they are, so the results have the same bits; in fast mode long sums have more partial results.
 */
export function vectorize(kernel: Kernel, profile: TargetProfile, mode: NumericMode): Kernel {
  const pass = new Vectorizer(kernel, profile, mode);
  return { ...kernel, body: pass.block(kernel.body) };
}

class Vectorizer {
  private readonly profile: TargetProfile;
  private readonly mode: NumericMode;
  private readonly fresh: (hint: string) => string;
  /** Buffers that rounds of a parallel loop may all write. */
  private readonly privates: ReadonlySet<string>;

  constructor(kernel: Kernel, profile: TargetProfile, mode: NumericMode) {
    this.profile = profile;
    this.mode = mode;
    this.fresh = freshNames(kernel);
    this.privates = new Set(kernel.buffers.flatMap(b => (b.private ? [b.name] : [])));
  }

  block(body: readonly Stmt[]): Stmt[] {
    const folded = this.folds(body);
    return folded.flatMap(statement => {
      switch (statement.op) {
        case "for": {
          const vector = this.loop(statement);
          if (vector) return vector;
          return [statement.unroll ? statement : { ...statement, body: this.block(statement.body) }];
        }
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

  /** A loop of independent elements, or of independent folds (sums of columns). */
  private loop(loop: For): Stmt[] | undefined {
    if (loop.step !== 1 || loop.unroll) return undefined;
    const lanes = this.lanesFor(loop.body);
    if (lanes === 1) return undefined;
    const rounds = s.isub(loop.to, loop.from);
    const trips = s.isConst(rounds) ? rounds.value : Number.POSITIVE_INFINITY;
    const vectors = Math.min(vectorsFor(loop.body, trips), Math.trunc(trips / lanes));
    if (vectors < 1) return undefined;
    const parts: Part[] = vectors > 1 ? [{ lanes, vectors }] : [];
    parts.push({ lanes, vectors: 1 });
    // Folds that are less than a vector share the rounds of their inner loops.
    if (hasLoops(loop.body) && Number.isFinite(trips) && trips % lanes > 1)
      parts.push({ lanes: 1, vectors: trips % lanes });
    return this.inParts(loop, parts);
  }

  /** Undefined where a body cannot be computed in lanes, or that does not pay. */
  private lanewise(body: readonly Stmt[], options: LanewiseOptions): Stmt[] | undefined {
    const lanewise = new Lanewise(options);
    try {
      const statements = lanewise.statements(body);
      return lanewise.pays ? statements : undefined;
    } catch (error) {
      if (error instanceof NotLanewise) return undefined;
      throw error;
    }
  }

  /** A loop as several, each over as much of what is left as its width divides, the last one round by round. */
  private inParts(loop: For, parts: readonly Part[]): Stmt[] | undefined {
    const statements: Stmt[] = [];
    const copy = (from: Expr): For => ({ ...(statements.length === 0 ? loop : this.renamed(loop)), from });
    let { from } = loop;
    for (const { lanes, vectors } of parts) {
      const width = lanes * vectors;
      const left = s.isub(loop.to, from);
      if (s.isConst(left) && left.value < width) continue;
      const part = copy(from);
      const apart = part.parallel ? this.privates : undefined;
      const body = this.lanewise(part.body, { variable: part.name, lanes, vectors, apart, fresh: this.fresh });
      if (!body) return undefined;
      const rest = s.irem(left, s.int(width));
      if (s.isValue(rest, 0)) return [...statements, { ...part, step: width, body }];
      const end = s.isub(loop.to, rest);
      const whole = s.isConst(end) ? end : s.variable(this.fresh("whole"));
      if (whole.op === "var") statements.push(s.letStmt(whole.name, end));
      statements.push({ ...part, to: whole, step: width, body });
      from = whole;
    }
    return [...statements, copy(from)];
  }

  /** A copy of a loop under names of its own. */
  private renamed(loop: For): For {
    const names = new Map(definedNames([loop]).map(name => [name, this.fresh(name === loop.name ? "i" : "v")]));
    const rename = (name: string): string => names.get(name) ?? name;
    return { ...loop, name: rename(loop.name), body: renameStmts(loop.body, rename) };
  }

  /** The widest vector that all elements in memory have in common; 1 where they differ in size. Bools fit any. */
  private lanesFor(body: readonly Stmt[]): Lanes {
    const found = new Set<Lanes>();
    const add = (dtype: DType): void => {
      if (dtype !== "bool") found.add(this.profile.lanes[dtype]);
    };
    const visit = (e: Expr): void => {
      if (e.op === "load" || e.op === "element") add(e.dtype);
      else for (const x of operandsOf(e)) visit(x);
    };
    for (const x of flatten(body)) {
      if (x.op === "store" || x.op === "setElement") add(x.value.dtype);
      if ("value" in x) visit(x.value);
    }
    return found.size === 1 ? [...found][0] : 1;
  }

  /** Partial results p[0…3] of a fold, one loop over l inside: lanes of vectors. */
  private folds(body: readonly Stmt[]): Stmt[] {
    let current = [...body];
    for (const statement of body) {
      if (statement.op !== "for" || statement.body.length !== 1) continue;
      const [inner] = statement.body;
      if (inner.op !== "for" || !inner.unroll || !isRange(inner, statement.step)) continue;
      const rewritten = this.fold(current, statement, inner);
      if (rewritten) current = rewritten;
    }
    return current;
  }

  private fold(block: readonly Stmt[], outer: For, inner: For): Stmt[] | undefined {
    const lanes = this.lanesFor(inner.body);
    if (lanes === 1 || outer.step % lanes !== 0) return undefined;
    const vectors = outer.step / lanes;
    const arrays = new Map<string, readonly string[]>();
    for (const x of inner.body) {
      if (x.op !== "setElement" || arrays.has(x.array)) continue;
      arrays.set(
        x.array,
        Array.from({ length: vectors }, (_, k) => (k === 0 ? x.array : this.fresh("p"))),
      );
    }
    const known = block.filter(x => x.op === "array" && arrays.has(x.name) && x.size === outer.step);
    if (known.length !== arrays.size || arrays.size === 0) return undefined;
    const body = this.lanewise(inner.body, { variable: inner.name, lanes, vectors, arrays, fresh: this.fresh });
    if (!body) return undefined;
    const loops = this.sideBySide({ ...outer, body }, lanes);
    return block.flatMap(x => {
      if (x === outer) return loops;
      const names = x.op === "array" ? arrays.get(x.name) : undefined;
      if (x.op === "array" && names) {
        return names.map(name => s.varStmt(name, s.literal(x.init.dtype, constant(x.init), lanes)));
      }
      return [readLanes(x, arrays, lanes)];
    });
  }

  /**
   * Each step of a fold waits for the one before, so several vectors fold side by side. The largest of numbers is the
   * same in whatever order they are compared; sums are not, so that only fast mode splits them further.
   */
  private sideBySide(loop: For, lanes: Lanes): Stmt[] {
    const folds = foldsOf(loop.body, this.mode === "fast" ? ["min", "max", "add", "larger"] : ["min", "max"]);
    const distance = s.isub(loop.to, loop.from);
    const long = s.isConst(distance) && distance.value >= LONG * lanes;
    const copies = Math.trunc((long ? 2 * SIDES : SIDES) / folds.length);
    const step = copies * loop.step;
    // Beside a function, the wait for the last sum is short.
    const short = s.isConst(distance) && distance.value < 2 * step;
    if (folds.length === 0 || copies < 2 || callsFunction(loop.body) || short) return [loop];
    const sides = Array.from({ length: copies - 1 }, () => new Map(folds.map(f => [f.name, this.fresh(f.name)])));
    const end = s.isub(loop.to, s.irem(distance, s.int(step)));
    const whole = s.isConst(end) ? end : s.variable(this.fresh("whole"));
    const vector = (name: string, { value }: Fold): Expr => s.variable(name, value.dtype, lanes);
    const body = sides.flatMap((side, k) => {
      const copy = this.renamed(loop);
      const shifted = new Map([[copy.name, s.iadd(s.variable(loop.name), s.int((k + 1) * loop.step))]]);
      return mapStmts(
        renameStmts(copy.body, name => side.get(name) ?? name),
        {
          expr: e => substitute(e, shifted),
        },
      );
    });
    const own = folds.map(f => [f.name, ...sides.map(side => side.get(f.name) ?? f.name)]);
    const rest = this.renamed(loop);
    return [
      ...folds.flatMap((f, i) => own[i].slice(1).map(name => s.varStmt(name, vector(f.name, f)))),
      ...(whole.op === "var" ? [s.letStmt(whole.name, end)] : []),
      { ...loop, to: whole, step, body: [...loop.body, ...body] },
      ...(s.sameExpr(whole, loop.to) ? [] : [{ ...rest, from: whole }]),
      ...folds.flatMap((f, i) => inPairs(own[i]).map(([x, y]) => s.assign(x, f.join(vector(x, f), vector(y, f))))),
    ];
  }
}

/** Vectors that fold side by side; twice as many where there are so many that joining them at the end costs nothing. */
const SIDES = 4;
const LONG = 64;

/** Joins of names to the first of them, so that each waits for few others: (a b)(c d), then (a c). */
function inPairs(names: readonly string[]): (readonly [string, string])[] {
  const joins: (readonly [string, string])[] = [];
  for (let apart = 1; apart < names.length; apart *= 2) {
    for (let k = 0; k + apart < names.length; k += 2 * apart) joins.push([names[k], names[k + apart]]);
  }
  return joins;
}

interface Fold {
  readonly name: string;
  readonly value: Expr;
  /** Joins two partial results. */
  join(x: Expr, y: Expr): Expr;
}

/** Statements name ← fn(name, e) at the end of a body in which nothing else reads or changes the names; none else. */
function foldsOf(body: readonly Stmt[], fns: readonly FoldFn[]): readonly Fold[] {
  const assigns = body.filter(x => x.op === "assign");
  const lets = body.slice(0, body.length - assigns.length);
  if (!lets.every(x => x.op === "let")) return [];
  const names = new Set(assigns.map(x => x.name));
  const isOne = (e: Expr): boolean => e.op === "var" && names.has(e.name);
  const folds: Fold[] = [];
  for (const { name, value } of assigns) {
    const step = stepOf(value, e => e.op === "var" && e.name === name, fns);
    if (!step || some(step.element, isOne)) return [];
    folds.push({ name, value, join: step.join });
  }
  const apart = names.size === folds.length && !lets.some(x => x.op === "let" && some(x.value, isOne));
  return apart ? folds : [];
}

interface FoldStep {
  readonly element: Expr;
  join(x: Expr, y: Expr): Expr;
}

/** larger: a < b ? b : a, where the first of two zeros stays. */
type FoldFn = BinaryFn | "larger";

function stepOf(value: Expr, isSelf: (e: Expr) => boolean, fns: readonly FoldFn[]): FoldStep | undefined {
  if (value.op === "binary") {
    const { fn, x, y } = value;
    return isSelf(x) && fns.includes(fn) ? { element: y, join: (a, b) => s.binary(fn, a, b) } : undefined;
  }
  if (!fns.includes("larger") || value.op !== "select") return undefined;
  if (value.condition.op !== "compare" || value.condition.fn !== "lt") return undefined;
  const { x, y } = value.condition;
  if (!isSelf(x) || !isSelf(value.otherwise) || !s.sameExpr(y, value.then)) return undefined;
  return { element: y, join: (a, b) => s.select(s.lt(a, b), b, a) };
}

/** Statements with those in their loops. */
const flatten = (body: readonly Stmt[]): readonly Stmt[] =>
  body.flatMap(x => (x.op === "for" ? [x, ...flatten(x.body)] : [x]));

const callsFunction = (body: readonly Stmt[]): boolean =>
  body.some(x => "value" in x && some(x.value, e => e.op === "call"));

const hasLoops = (body: readonly Stmt[]): boolean => body.some(x => x.op === "for");

/** Accumulators that leave registers to compute with. */
const MOST_ACCUMULATORS = 8;
/** Of f32: two cache lines, which processors fetch together. */
const MOST_VECTORS = 8;
/** Rows of so many elements lie so far apart that only more of each makes up for reaching it. */
const FAR = 512;
/** Vectors of plain elements that share their addresses, in loops of so many rounds and of no more than so many statements. */
const TOGETHER = 4;
const LONG_LOOP = 32;
const MOST_STATEMENTS = 6;

/**
 * How many vectors a loop computes side by side. Folds of plain arithmetic wait for their own last sum, and read a few
 * elements of each row: several vectors fill the time and use whole cache lines.
 */
function vectorsFor(body: readonly Stmt[], trips: number): number {
  const all = flatten(body);
  if (callsFunction(all)) return 1;
  if (!hasLoops(body)) {
    return Number.isFinite(trips) && trips >= LONG_LOOP && body.length <= MOST_STATEMENTS ? TOGETHER : 1;
  }
  // Those of outer loops wait in memory while an inner one runs.
  const innermost = all.filter((x): x is For => x.op === "for" && !hasLoops(x.body));
  const accumulators = Math.max(1, ...innermost.map(x => x.body.filter(y => y.op === "assign").length));
  const more = Number.isFinite(trips) && trips >= FAR ? 2 : 1;
  return Math.max(1, Math.min(MOST_VECTORS * more, Math.trunc((MOST_ACCUMULATORS * more) / accumulators)));
}

const constant = (e: Expr): number => (e.op === "const" ? e.value : Number.NaN);

const isRange = (loop: For, size: number): boolean =>
  loop.step === 1 && s.isValue(loop.from, 0) && s.isValue(loop.to, size);

/** p[k] of vectors that were an array. */
function readLanes(statement: Stmt, arrays: ReadonlyMap<string, readonly string[]>, lanes: Lanes): Stmt {
  const change = (e: Expr): Expr => {
    const names = e.op === "element" ? arrays.get(e.array) : undefined;
    if (e.op === "element" && names && e.index.op === "const") {
      const { value } = e.index;
      return s.lane(s.variable(names[Math.trunc(value / lanes)], e.dtype, lanes), value % lanes);
    }
    return rebuild(e, change);
  };
  if (statement.op === "let" || statement.op === "var" || statement.op === "assign") {
    return { ...statement, value: change(statement.value) };
  }
  if (statement.op === "store" || statement.op === "setElement") {
    return { ...statement, value: change(statement.value) };
  }
  return statement;
}

function rebuild(e: Expr, change: (e: Expr) => Expr): Expr {
  return withOperands(e, operandsOf(e).map(change));
}
