import type { Code } from "./code.ts";
import type { ValueType } from "./value-type.ts";

/** Vectors first: kernels differ least in how many they need. */
const ORDER: readonly ValueType[] = ["v128", "i32", "i64", "f32", "f64"];
const ROUND = 16;

/** From the use that sets a local first to the last one that may need its value. */
interface Range {
  readonly local: number;
  readonly first: number;
  readonly last: number;
}

export interface Numbering {
  /** How many locals of which type there are, in order. */
  readonly runs: readonly { readonly type: ValueType; readonly count: number }[];
  readonly numbers: ReadonlyMap<number, number>;
}

/**
 * Gives locals their numbers. Those of a type share numbers where they are not alive at the same time; always the
 * smallest free one is taken, from a round number on: so the same loop has the same bytes in most functions, and modules
 * compress better (by a sixth).
 */
export function numberLocals(
  code: Code,
  paramCount: number,
  typeOf: (local: number) => ValueType | undefined,
): Numbering {
  const runs: { type: ValueType; count: number }[] = [];
  const numbers = new Map<number, number>();
  const ranges = rangesOf(code);
  let next = paramCount;
  for (const type of ORDER) {
    const own = ranges.filter(({ local }) => typeOf(local) === type);
    if (own.length === 0) continue;
    const start = Math.ceil(next / ROUND) * ROUND;
    const count = assign(own, (local, number) => numbers.set(local, start + number));
    runs.push({ type, count: start + count - next });
    next = start + count;
  }
  return { runs, numbers };
}

/** Ranges in order of their first use. What is set before a loop and used in it is alive to the loop's end. */
function rangesOf({ uses, loops }: Code): Range[] {
  const ranges = new Map<number, { local: number; first: number; last: number }>();
  uses.forEach(({ local, sets }, i) => {
    const range = ranges.get(local);
    if (range) range.last = i;
    // One that is read first is 0 from the start of the function.
    else ranges.set(local, { local, first: sets ? i : -1, last: i });
  });
  const inwards = [...loops].sort((a, b) => a.to - a.from - (b.to - b.from));
  for (const range of ranges.values()) {
    for (const { from, to } of inwards) {
      if (range.first < from && range.last >= from && range.last < to) range.last = to - 1;
    }
  }
  return [...ranges.values()].sort((a, b) => a.first - b.first);
}

/** @returns how many numbers are taken */
function assign(ranges: readonly Range[], choose: (local: number, number: number) => void): number {
  /** By number: the end of the range that has it. */
  const ends: number[] = [];
  for (const { local, first, last } of ranges) {
    const free = ends.findIndex(end => end < first);
    const number = free < 0 ? ends.length : free;
    ends[number] = last;
    choose(local, number);
  }
  return ends.length;
}
