import { film, images } from "./plot.ts";
import type { Random } from "./random.ts";
import type { Exhibit } from "./row.ts";

const PIXELS = 64;
const look = { width: 8, height: 8, range: [0, 1] } as const;

type Dream = Readonly<Record<"v" | "p", Float32Array>>;

/**
 * Dreams that begin with `start`, so many frames, each from where the last one ended.
 * @returns the film, and the probabilities of the pixels in its last frame
 */
export function dreams(
  start: Float32Array,
  dream: (asleep: Float32Array) => Dream,
  { frames, columns }: { readonly frames: number; readonly columns: number },
): { readonly html: string; readonly last: Float32Array } {
  let [asleep, last] = [start, start];
  const pictures = Array.from({ length: frames }, () => {
    const { v, p } = dream(asleep);
    [asleep, last] = [v, p];
    return images(p, { ...look, columns });
  });
  return { html: film(pictures), last };
}

/** Units to begin dreams with, [count, hidden + 10]: coins, and a label of ten units, 0 to 9 in turn. */
export function sleepers(count: number, hidden: number, random: Random): Float32Array {
  const width = hidden + 10;
  return Float32Array.from({ length: count * width }, (_, at) => {
    const [n, i] = [Math.floor(at / width), at % width];
    return i < hidden ? random.integer(2) : Number(i - hidden === n % 10);
  });
}

/** Digits whose lower half is grey, is imagined, is seen. `imagine` is told which pixels are known (1). */
export function otherHalf(
  digits: Float32Array,
  imagine: (seen: Float32Array, known: Float32Array) => Float32Array,
): Exhibit {
  const known = Float32Array.from({ length: PIXELS }, (_, i) => Number(i < PIXELS / 2));
  const p = imagine(
    digits.map((x, i) => x * known[i % PIXELS]),
    known,
  );
  const half = (rest: (i: number) => number): number[] =>
    Array.from(digits, (x, i) => (known[i % PIXELS] ? x : rest(i)));
  return {
    title: "The other half",
    caption: "Above: what the machine sees of test digits. Middle: what it imagines there. Below: the digits.",
    html: images([...half(() => 0.5), ...half(i => p[i]), ...digits], { ...look, columns: digits.length / PIXELS }),
  };
}
