import type { Random } from "./random.ts";

/** Sequences side by side. */
export const BATCH = 32;

type Floats = Float32Array<ArrayBuffer>;
type Integers = Int32Array<ArrayBuffer>;

const array = <T>(length: number, value: (i: number) => T): T[] => Array.from({ length }, (_, i) => value(i));

/** Figures of Lissajous x = w·sin(pθ + φ), y = h·sin(qθ) by what they are: [w, h, sin φ, cos φ, and which p and q]. */
const FIGURES: readonly (readonly [p: number, q: number])[] = [
  [1, 1],
  [1, 2],
  [3, 2],
];

export interface Drawings {
  /** [BATCH, 4 + FIGURES.length] */
  readonly what: Floats;
  /** [steps, BATCH, 2]: once around. */
  readonly curve: Floats;
}

export function drawings(random: Random, steps: number): Drawings {
  const width = 4 + FIGURES.length;
  const what = new Float32Array(BATCH * width);
  const curve = new Float32Array(steps * BATCH * 2);
  for (let i = 0; i < BATCH; i++) {
    const [w, h, phase] = [0.3 + 0.7 * random.uniform(), 0.3 + 0.7 * random.uniform(), 2 * Math.PI * random.uniform()];
    const kind = random.integer(FIGURES.length);
    what.set([w, h, Math.sin(phase), Math.cos(phase)], i * width);
    what[i * width + 4 + kind] = 1;
    const [p, q] = FIGURES[kind];
    for (let t = 0; t < steps; t++) {
      const angle = (2 * Math.PI * t) / steps;
      curve.set([w * Math.sin(p * angle + phase), h * Math.sin(q * angle)], 2 * (t * BATCH + i));
    }
  }
  return { what, curve };
}

export interface Bits {
  /** [longest, BATCH, 1]; zeros behind the end. */
  readonly bits: Floats;
  readonly length: Integers;
  /** [BATCH]: 1 where an odd number of bits is set. */
  readonly odd: Floats;
}

/** Rows of 1 to `longest` bits, or, where `exact`, of `longest` bits each. */
export function parities(random: Random, longest: number, exact = false): Bits {
  const bits = new Float32Array(longest * BATCH);
  const length = Int32Array.from({ length: BATCH }, () => (exact ? longest : 1 + random.integer(longest)));
  const odd = Float32Array.from(length, (n, i) => {
    let sum = 0;
    for (let t = 0; t < n; t++) sum += bits[t * BATCH + i] = random.integer(2);
    return sum % 2;
  });
  return { bits, length, odd };
}

export interface Sums {
  /** [length, BATCH, 2]: digits of both numbers, the last ones first. */
  readonly digits: Floats;
  /** [length, BATCH]: digits of their sum. */
  readonly sum: Floats;
}

/** Pairs of binary numbers with so many digits, and their sums modulo 2^length. */
export function sums(random: Random, length: number): Sums {
  const digits = Float32Array.from({ length: length * BATCH * 2 }, () => random.integer(2));
  const sum = new Float32Array(length * BATCH);
  for (let i = 0; i < BATCH; i++) {
    let carry = 0;
    for (let t = 0; t < length; t++) {
      const at = t * BATCH + i;
      const total = digits[2 * at] + digits[2 * at + 1] + carry;
      sum[at] = total % 2;
      carry = total >> 1;
    }
  }
  return { digits, sum };
}

/** Symbols are 0 … 7; the mark stands around what is heard, and behind what is written. */
export const MARK = 8;

export interface Reversals {
  /** [longest + 2, BATCH]: a mark, symbols, a mark; marks behind it are not there. */
  readonly heard: Integers;
  /** [BATCH]: symbols of each. */
  readonly length: Integers;
  /** [longest + 1, BATCH]: symbols in reverse, and a mark. */
  readonly wanted: Integers;
}

/** Rows of 1 to `longest` symbols, or, where `exact`, of `longest` symbols each. */
export function reversals(random: Random, longest: number, exact = false): Reversals {
  const heard = new Int32Array((longest + 2) * BATCH).fill(MARK);
  const wanted = new Int32Array((longest + 1) * BATCH).fill(MARK);
  const length = Int32Array.from({ length: BATCH }, () => (exact ? longest : 1 + random.integer(longest)));
  length.forEach((n, i) => {
    for (let t = 0; t < n; t++) {
      heard[(t + 1) * BATCH + i] = wanted[(n - 1 - t) * BATCH + i] = random.integer(MARK);
    }
  });
  return { heard, length, wanted };
}

/** Which rows of [steps, BATCH] are right at all their steps 0 … last. */
export const rightRows = (found: ArrayLike<number>, wanted: ArrayLike<number>, last: ArrayLike<number>): boolean[] =>
  array(BATCH, i => array(last[i] + 1, t => t * BATCH + i).every(at => Math.round(found[at]) === wanted[at]));

/** Row i of [steps, BATCH] as text; marks are bars. */
export const rowText = (values: ArrayLike<number>, i: number, length: number): string =>
  array(length, t => "abcdefgh|"[values[t * BATCH + i]]).join("");

/** The share of what is right in so many trials. */
export function average(times: number, trial: () => readonly boolean[]): number {
  const all = array(times, trial).flat();
  return all.filter(right => right).length / all.length;
}
