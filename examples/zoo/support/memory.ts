import type { Random } from "./random.ts";

/** Units of −1 and 1. */
export type Pattern = Float64Array;

type Figure = (x: number, y: number) => boolean;

const FIGURES: readonly Figure[] = [
  (x, y) => x * x + y * y > 5 && x * x + y * y < 21,
  (x, y) => Math.abs(Math.abs(x) - Math.abs(y)) < 1.2,
  (x, y) => (x * x + y * y - 14) ** 3 < 12 * x * x * (-y) ** 3,
  x => Math.floor((x + 5) / 2) % 2 === 0,
  (x, y) => (Math.floor((x + 4.5) / 2) + Math.floor((y + 4.5) / 2)) % 2 === 0,
];

/** Pictures of 10×10: a ring, a cross, a heart, bars and a chequer board. */
export const pictures = (): Pattern[] =>
  FIGURES.map(figure =>
    Float64Array.from({ length: 100 }, (_, i) => (figure((i % 10) - 4.5, Math.floor(i / 10) - 4.5) ? 1 : -1)),
  );

const coin = (random: Random): number => (random.uniform() < 0.5 ? -1 : 1);

/** Patterns that a coin makes. */
export const coins = (count: number, units: number, random: Random): Pattern[] =>
  Array.from({ length: count }, () => Float64Array.from({ length: units }, () => coin(random)));

/** The pattern with so many units turned over. */
export function flipped(pattern: Pattern, count: number, random: Random): Pattern {
  const chosen = new Set(random.permutation(pattern.length).subarray(0, count));
  return pattern.map((s, i) => (chosen.has(i) ? -s : s));
}

/** The first half of the pattern, and noise. */
export const halved = (pattern: Pattern, random: Random): Pattern =>
  pattern.map((s, i) => (i < pattern.length / 2 ? s : coin(random)));

type Recall = (feeds: { readonly start: Pattern }) => { readonly s: Pattern; readonly rise: number };

/**
 * The share of trials in which a memory finds the patterns again, to the last unit, from what `spoil` leaves of them; and
 * the largest rise of energy on the way.
 */
export function restored(
  recall: Recall,
  patterns: readonly Pattern[],
  trials: number,
  spoil: (pattern: Pattern) => Pattern,
): { readonly share: number; readonly rise: number } {
  let [right, rise] = [0, -Infinity];
  for (let trial = 0; trial < trials; trial++) {
    const wanted = patterns[trial % patterns.length];
    const found = recall({ start: spoil(wanted) });
    rise = Math.max(rise, found.rise);
    if (found.s.every((s, i) => s === wanted[i])) right++;
  }
  return { share: right / trials, rise };
}

/** How many of 0, 5, 10 … 50 random patterns of 100 units come back after 10 units were turned over. */
export const capacity = (learn: (patterns: readonly Pattern[]) => void, recall: Recall, random: Random): number[] =>
  Array.from({ length: 11 }, (_, i) => {
    const patterns = coins(Math.max(1, 5 * i), 100, random);
    learn(patterns);
    return restored(recall, patterns, 50, s => flipped(s, 10, random)).share;
  });

/** The states of a memory, one after the other, and their energies, as it moves on from several starts. */
export function followed(
  move: (start: Pattern) => { readonly s: Pattern; readonly E: number },
  starts: readonly Pattern[],
  moves: number,
): { readonly states: readonly (readonly number[])[]; readonly energies: Readonly<Record<string, number[]>> } {
  const courses = starts.map(start => {
    const course = [move(start)];
    for (let i = 1; i < moves; i++) course.push(move(course[i - 1].s));
    return course;
  });
  const at = (i: number): readonly Pattern[] => (i === 0 ? starts : courses.map(course => course[i - 1].s));
  return {
    states: Array.from({ length: moves + 1 }, (_, i) => at(i).flatMap(s => [...s])),
    energies: Object.fromEntries(courses.map((course, n) => [`start ${n + 1}`, course.map(({ E }) => E)])),
  };
}
