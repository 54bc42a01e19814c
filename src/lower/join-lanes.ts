import * as s from "../loop/build.ts";
import type { BinaryFn, Expr, Kernel, Stmt } from "../loop/ir.ts";
import { freshNames } from "../loop/names.ts";
import { mentionsOf } from "../loop/phases.ts";
import { mapExpr } from "../loop/substitute.ts";

type Fresh = (hint: string) => string;

/**
 * The end of a fold in vectors, (p₀∘p₁)∘(p₂∘p₃) of the lanes of p, as operations on whole vectors: q = p∘(p₁ p₀ p₃ p₂),
 * then q∘(q₂ q₃ q₀ q₁), of which the first lane is the result. The same operations in the same order, without taking lanes apart.
 */
export function joinLanes(kernel: Kernel): Kernel {
  const fresh = freshNames(kernel);
  return { ...kernel, body: kernel.body.map(x => inLoops(x, fresh)) };
}

function inLoops(x: Stmt, fresh: Fresh): Stmt {
  return x.op === "for" && !x.unroll ? { ...x, body: joined(x.body, fresh) } : x;
}

function joined(block: readonly Stmt[], fresh: Fresh): Stmt[] {
  /** What names stand for, as long as nothing is assigned. */
  const known = new Map<string, Expr>();
  const replaced = new Set<string>();
  const body = block.flatMap((x): Stmt[] => {
    if (x.op !== "let" && x.op !== "assign") {
      if (x.op !== "var") known.clear();
      return [inLoops(x, fresh)];
    }
    const before: Stmt[] = [];
    const name = (value: Expr): Expr => {
      const vector = fresh("join");
      before.push(s.letStmt(vector, value));
      return s.variable(vector, value.dtype, value.lanes);
    };
    const value = mapExpr(x.value, e => {
      const join = joinOf(e, known, replaced);
      if (!join) return e;
      const pairs = name(join.of(join.vector, swapped(join.vector, [1, 0, 3, 2])));
      return s.lane(name(join.of(pairs, swapped(pairs, [2, 3, 0, 1]))), 0);
    });
    if (x.op === "let") known.set(x.name, x.value);
    else known.clear();
    return [...before, { ...x, value }];
  });
  // What the two halves were called.
  const used = mentionsOf(body.map(x => (x.op === "let" && replaced.has(x.name) ? { ...x, name: "" } : x))).names;
  return body.filter(x => x.op !== "let" || !replaced.has(x.name) || used.has(x.name));
}

const swapped = (x: Expr, order: readonly number[]): Expr => s.shuffle(x, x, order);

const FNS: readonly BinaryFn[] = ["add", "mul", "min", "max"];

/** One operation of two values. */
interface Pair {
  readonly x: Expr;
  readonly y: Expr;
  readonly fn: BinaryFn | "larger" | "smaller";
}

interface Join {
  readonly vector: Expr;
  of(x: Expr, y: Expr): Expr;
}

function joinOf(e: Expr, known: ReadonlyMap<string, Expr>, replaced: Set<string>): Join | undefined {
  const names: string[] = [];
  const meaning = (x: Expr): Expr => {
    const value = x.op === "var" ? known.get(x.name) : undefined;
    if (x.op === "var" && value) names.push(x.name);
    return value ?? x;
  };
  const both = pairOf(e);
  if (!both || e.dtype !== "f32") return undefined;
  const low = pairOf(meaning(both.x));
  const high = pairOf(meaning(both.y));
  if (low?.fn !== both.fn || high?.fn !== both.fn) return undefined;
  const first = low.x;
  const lanes = [low.x, low.y, high.x, high.y];
  if (first.op !== "lane" || first.x.op !== "var" || first.x.lanes !== 4) return undefined;
  const { x: vector } = first;
  if (!lanes.every((x, k) => x.op === "lane" && x.lane === k && s.sameExpr(x.x, vector))) return undefined;
  for (const name of names) replaced.add(name);
  return { vector, of: (x, y) => operation(both.fn, x, y) };
}

function operation(fn: Pair["fn"], x: Expr, y: Expr): Expr {
  if (fn === "larger") return s.select(s.lt(x, y), y, x);
  if (fn === "smaller") return s.select(s.lt(y, x), y, x);
  return s.binary(fn, x, y);
}

/** x + y and the like; x < y ? y : x, y < x ? y : x. */
function pairOf(e: Expr): Pair | undefined {
  if (e.lanes !== 1) return undefined;
  if (e.op === "binary") return FNS.includes(e.fn) ? { x: e.x, y: e.y, fn: e.fn } : undefined;
  if (e.op !== "select" || e.condition.op !== "compare" || e.condition.fn !== "lt") return undefined;
  const { x: less, y: more } = e.condition;
  const [then, otherwise] = [e.then, e.otherwise];
  if (s.sameExpr(less, otherwise) && s.sameExpr(more, then)) return { x: otherwise, y: then, fn: "larger" };
  if (s.sameExpr(less, then) && s.sameExpr(more, otherwise)) return { x: otherwise, y: then, fn: "smaller" };
  return undefined;
}
