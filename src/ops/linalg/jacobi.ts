import * as s from "../../loop/build.ts";
import type { Expr } from "../../loop/ir.ts";
import type { LoopWriter } from "../../loop/loop-writer.ts";
import type { Matrix } from "./matrix-loops.ts";

/*
 * What the two methods of Jacobi share: eigh turns rows and columns of a symmetric matrix, svd the columns of any matrix,
 * pair by pair, until nothing is left between them.
 */

/** More than any matrix takes; about 5 to 12 are usual. */
export const MOST_SWEEPS = 40;

export const EPSILON = { f32: 2 ** -23, f64: 2 ** -52 } as const;

export interface Rotation {
  readonly tangent: Expr;
  readonly cosine: Expr;
  readonly sine: Expr;
}

/** The angle of at most 45° that makes [[p, pq], [pq, q]] diagonal: new p is p − tangent·pq, new q is q + tangent·pq. */
export function rotation(w: LoopWriter, p: Expr, q: Expr, pq: Expr): Rotation {
  const one = s.literal(p.dtype, 1);
  const hypotenuse = (x: Expr): Expr => s.unary("sqrt", s.fma(x, x, one));
  const ratio = w.let("ratio", s.div(s.sub(q, p), s.add(pq, pq)));
  const size = s.add(s.unary("abs", ratio), hypotenuse(ratio));
  const tangent = w.let("tangent", s.div(s.select(s.lt(ratio, s.literal(p.dtype, 0)), s.neg(one), one), size));
  const cosine = w.let("cosine", s.div(one, hypotenuse(tangent)));
  return { tangent, cosine, sine: w.let("sine", s.mul(tangent, cosine)) };
}

/** Rows p and q become cosine·p − sine·q and sine·p + cosine·q. */
export function rotateRows(w: LoopWriter, x: Matrix, p: Expr, q: Expr, { cosine, sine }: Rotation, length: Expr): void {
  w.each("j", s.int(0), length, j => {
    const a = w.let("a", x.at(p, j));
    const b = w.let("b", x.at(q, j));
    x.set(p, j, s.fma(cosine, a, s.neg(s.mul(sine, b))));
    x.set(q, j, s.fma(sine, a, s.mul(cosine, b)));
  });
}

/** Visits all pairs p < q < n, again and again, until a sweep turned none. `start` opens each sweep. */
export function sweeps(
  w: LoopWriter,
  n: Expr,
  visit: (p: Expr, q: Expr, turned: () => void) => void,
  start: () => void = () => {},
): void {
  const busy = w.cell("busy", s.int(1));
  const sweep = w.cell("sweep", s.int(0));
  w.while(s.and(s.eq(busy.value, s.int(1)), s.lt(sweep.value, s.int(MOST_SWEEPS))), () => {
    busy.set(s.int(0));
    sweep.set(s.iadd(sweep.value, s.int(1)));
    start();
    w.for("p", s.int(0), n, p => w.for("q", s.iadd(p, s.int(1)), n, q => visit(p, q, () => busy.set(s.int(1)))));
  });
}

/**
 * How many of `keys` (a row of n) come before number j: the smaller ones (or the larger), and equal ones of a lower number.
 */
export function rankOf(w: LoopWriter, keys: (i: Expr) => Expr, j: Expr, n: Expr, descending: boolean): Expr {
  const own = w.let("own", keys(j));
  const rank = w.cell("rank", s.int(0));
  w.for("i", s.int(0), n, i => {
    const other = w.let("other", keys(i));
    const before = descending ? s.gt(other, own) : s.lt(other, own);
    const tie = s.and(s.eq(other, own), s.lt(i, j));
    rank.set(s.add(rank.value, s.select(s.or(before, tie), s.int(1), s.int(0))));
  });
  return w.let("place", rank.value);
}

/** 1 or −1: what makes the first entry of row j positive that is at least half as large as the largest. */
export function signOf(w: LoopWriter, x: Matrix, j: Expr, n: Expr): Expr {
  const [zero, first] = [s.int(0), x.at(j, s.int(0))];
  const number = (value: number) => s.literal(first.dtype, value);
  const largest = w.cell("largest", number(0));
  w.for("i", zero, n, i => largest.set(s.max(largest.value, s.unary("abs", x.at(j, i)))));
  const sign = w.cell("sign", number(0));
  w.for("i", zero, n, i => {
    const entry = w.let("entry", x.at(j, i));
    const large = s.ge(s.add(s.unary("abs", entry), s.unary("abs", entry)), largest.value);
    const own = s.select(s.lt(entry, number(0)), number(-1), number(1));
    sign.set(s.select(s.and(large, s.eq(sign.value, number(0))), own, sign.value));
  });
  return w.let("turn", sign.value);
}

// Reference evaluation.

/** The same angle in numbers: [cosine, sine]. */
export function angle(p: number, q: number, pq: number): readonly [number, number] {
  const ratio = (q - p) / (2 * pq);
  const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
  const cosine = 1 / Math.hypot(1, tangent);
  return [cosine, tangent * cosine];
}

/** Two lists turned in place. */
export function turn(x: number[], y: number[], [cosine, sine]: readonly [number, number]): void {
  x.forEach((a, i) => {
    const b = y[i];
    x[i] = cosine * a - sine * b;
    y[i] = sine * a + cosine * b;
  });
}

/** Visits pairs until a sweep turned none. */
export function untilDiagonal(n: number, visit: (p: number, q: number) => boolean): void {
  for (let sweep = 0, busy = true; busy && sweep < MOST_SWEEPS; sweep++) {
    busy = false;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) busy = visit(p, q) || busy;
  }
}

/** A list whose first entry of at least half the largest size is positive. */
export function signed(x: readonly number[]): number {
  const largest = Math.max(...x.map(Math.abs));
  return (x.find(v => 2 * Math.abs(v) >= largest) ?? 1) < 0 ? -1 : 1;
}

export const identityRows = (n: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
