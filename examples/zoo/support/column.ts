import type { Random } from "./random.ts";

/** Spiking cells, and the channels of an input that stir them. Sources of spikes are the cells and, after them, the channels. */
export interface Column {
  readonly cells: number;
  readonly sources: number;
  /** Whether a source inhibits cells. */
  readonly inhibits: readonly boolean[];
  /** Synapses: the source each comes from, the cell it goes to, and its strength in nA. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly strength: readonly number[];
}

const [CELLS, LAYER, SIDE] = [135, 9, 3];
const REACH = 2;
/**
 * Probability of a synapse of neighbours, and mean strength in nA, by who excites (0) or inhibits (1) whom. Theirs are about
 * three times as strong at first, but tire; such strengths that do not would keep the column busy for ever.
 */
const DENSITY = [
  [0.3, 0.2],
  [0.4, 0.1],
];
const STRENGTH = [
  [4.5, 9],
  [-5.7, -5.7],
];
const INPUT = { share: 0.3, strength: [18, 9] };

/**
 * A column of 3×3×15 cells, as W. Maass, T. Natschläger and H. Markram (2002) made it, but with synapses that do not tire: a
 * fifth of the cells inhibits; there is a synapse with probability C·exp(−(distance/λ)²); strengths are exponentially
 * distributed. Each channel of the input goes to three tenths of the cells.
 */
export function column(channels: number, random: Random): Column {
  const order = random.permutation(CELLS);
  const inhibits = Array.from({ length: CELLS + channels }, (_, i) => i < CELLS && order[i] < CELLS / 5);
  const kind = (i: number): number => Number(inhibits[i]);
  const place = (i: number): number[] => [Math.floor(i / LAYER), Math.floor(i / SIDE) % SIDE, i % SIDE];
  const near = (a: number, b: number): number => {
    const [p, q] = [place(a), place(b)];
    return Math.exp(-p.reduce((sum, x, k) => sum + (x - q[k]) ** 2, 0) / REACH ** 2);
  };
  const [from, to, strength]: number[][] = [[], [], []];
  for (let b = 0; b < CELLS; b++) {
    for (let a = 0; a < CELLS + channels; a++) {
      const isInput = a >= CELLS;
      const probability = isInput ? INPUT.share : a === b ? 0 : DENSITY[kind(a)][kind(b)] * near(a, b);
      if (random.uniform() >= probability) continue;
      from.push(a);
      to.push(b);
      const mean = isInput ? INPUT.strength[kind(b)] : STRENGTH[kind(a)][kind(b)];
      strength.push(-mean * Math.log(1 - random.uniform()));
    }
  }
  return { cells: CELLS, sources: CELLS + channels, inhibits, from, to, strength };
}
