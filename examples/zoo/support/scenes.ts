import type { Random } from "./random.ts";

/** What scenes differ in: numbers from −1 to 1, independent of each other. */
export const ATTRIBUTES = ["x", "y", "rotation", "light"] as const;

/** Pixels of a picture along one side. */
export const SIDE = 16;

/** Attributes, or codes, of one scene after the other. */
export type Scenes = Float32Array;

const COUNT = ATTRIBUTES.length;
const AREA = SIDE * SIDE;
/** A triangle with two equal sides, its centroid at the origin, its tip above: height and half the base, in pixels. */
const [HEIGHT, HALF] = [7.8, 2.6];
const SLANT = Math.hypot(HEIGHT, HALF);

/** Scenes whose attributes are uniform in [−1, 1]. */
export const randomScenes = (count: number, random: Random): Scenes =>
  Float32Array.from({ length: count * COUNT }, () => 2 * random.uniform() - 1);

/** One scene, `count` times, but for one attribute: its values are uniform in [−1, 1]. */
export function varying(attribute: number, count: number, random: Random): Scenes {
  const one = randomScenes(1, random);
  return Float32Array.from({ length: count * COUNT }, (_, i) =>
    i % COUNT === attribute ? 2 * random.uniform() - 1 : one[i % COUNT],
  );
}

/** Scenes that take each attribute, or code, from another one of `scenes`. */
export function mixed(scenes: Scenes, random: Random): Scenes {
  const orders = ATTRIBUTES.map(() => random.permutation(scenes.length / COUNT));
  return scenes.map((_, i) => scenes[orders[i % COUNT][Math.floor(i / COUNT)] * COUNT + (i % COUNT)]);
}

/**
 * Pictures [n, SIDE, SIDE] from 0 to 1: a bright triangle on black, up to 2 pixels from the middle along each axis, turned
 * by up to 60°, as bright as 0.2 to 1. Pixels at its edges are covered in part.
 */
export function render(scenes: Scenes): Float32Array<ArrayBuffer> {
  const pictures = new Float32Array((scenes.length / COUNT) * AREA);
  for (let from = 0, n = 0; n < scenes.length; from += AREA, n += COUNT) {
    const [left, top] = [(SIDE - 1) / 2 + 2 * scenes[n], (SIDE - 1) / 2 + 2 * scenes[n + 1]];
    const angle = (scenes[n + 2] * Math.PI) / 3;
    const [cos, sin, light] = [Math.cos(angle), Math.sin(angle), 0.6 + 0.4 * scenes[n + 3]];
    for (let i = 0; i < AREA; i++) {
      const [right, up] = [(i % SIDE) - left, top - Math.floor(i / SIDE)];
      const [across, along] = [cos * right - sin * up, sin * right + cos * up];
      // Signed distances from the base and from the nearer side: positive outside.
      const base = -along - HEIGHT / 3;
      const side = (HEIGHT * Math.abs(across) + HALF * (along - (2 / 3) * HEIGHT)) / SLANT;
      pictures[from + i] = light * Math.max(0, Math.min(1, 0.5 - Math.max(base, side)));
    }
  }
  return pictures;
}

/**
 * Attributes, each in a unit of its own, that are read in pictures without any network: the centroid of brightness, the
 * main axis of its second moments, and the brightness of what is brightest.
 */
export function measured(pictures: ArrayLike<number>): Scenes {
  const scenes = new Float32Array((pictures.length / AREA) * COUNT);
  for (let n = 0; n < pictures.length / AREA; n++) {
    /** Σ f(x, y, p) over pixels p at (x, y) */
    const sum = (f: (x: number, y: number, p: number) => number): number => {
      let total = 0;
      for (let i = 0; i < AREA; i++) total += f(i % SIDE, Math.floor(i / SIDE), pictures[n * AREA + i]);
      return total;
    };
    const mass = sum((_x, _y, p) => p);
    const x = sum((u, _, p) => p * u) / mass;
    const y = sum((_, v, p) => p * v) / mass;
    const xx = sum((u, _, p) => p * (u - x) ** 2);
    const yy = sum((_, v, p) => p * (v - y) ** 2);
    const xy = sum((u, v, p) => p * (u - x) * (y - v));
    const light = sum((_x, _y, p) => p ** 6) / sum((_x, _y, p) => p ** 5);
    scenes.set([x, y, 0.5 * Math.atan2(2 * xy, yy - xx), light], n * COUNT);
  }
  return scenes;
}

/** The values of one attribute or code, moved and scaled to mean 0 and length 1. */
function direction(scenes: Scenes, attribute: number): Float32Array {
  const own = scenes.filter((_, i) => i % COUNT === attribute);
  const mean = own.reduce((sum, v) => sum + v, 0) / own.length;
  const length = Math.hypot(...own.map(v => v - mean));
  return own.map(v => (v - mean) / length);
}

/** How each code goes with each attribute: correlations [codes, attributes] without their signs. */
export function correlations(codes: Scenes, attributes: Scenes): number[] {
  const [a, b] = [codes, attributes].map(s => ATTRIBUTES.map((_, k) => direction(s, k)));
  return a.flatMap(u => b.map(v => Math.abs(u.reduce((sum, value, i) => sum + value * v[i], 0))));
}

/** The least correlation of a code with its own attribute, and the largest with another. */
export function purity(matrix: readonly number[]): { own: number; others: number } {
  const isOwn = (i: number): boolean => i % (COUNT + 1) === 0;
  return {
    own: Math.min(...matrix.filter((_, i) => isOwn(i))),
    others: Math.max(...matrix.filter((_, i) => !isOwn(i))),
  };
}
