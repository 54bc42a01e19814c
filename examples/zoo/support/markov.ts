import * as Plot from "@observablehq/plot";
import { film, plot } from "./plot.ts";
import type { Corpus } from "./text.ts";

/** What is added to the count of each pair, for pairs of the test part that the training part lacks. */
export const UNSEEN = 0.1;

/** How often letter j followed letter i in the training part of a corpus, at i·V + j. */
export function pairCounts({ letters, train }: Corpus): Float64Array {
  const counts = new Float64Array(letters.length ** 2);
  for (let t = 1; t < train.length; t++) counts[train[t - 1] * letters.length + train[t]]++;
  return counts;
}

/** The same as shares of each row, with something added to each count. */
export function pairShares(corpus: Corpus, added = 0): Float64Array {
  const n = corpus.letters.length;
  const counts = pairCounts(corpus);
  const totals = Float64Array.from({ length: n }, (_, i) =>
    counts.subarray(i * n, (i + 1) * n).reduce((sum, count) => sum + count + added, 0),
  );
  return counts.map((count, at) => (count + added) / (totals[Math.floor(at / n)] || 1));
}

/**
 * The perplexity of the Markov chain of row 12 on the test part of a corpus: e to the mean of −ln p(letter | the one
 * before), p from how often each letter followed each in the training part. What networks that read letters must beat.
 */
export function markovPerplexity(corpus: Corpus): number {
  const { test, letters } = corpus;
  const p = pairShares(corpus, UNSEEN);
  let sum = 0;
  for (let t = 1; t < test.length; t++) sum -= Math.log(p[test[t - 1] * letters.length + test[t]]);
  return Math.exp(sum / (test.length - 1));
}

/** πP */
export const moved = (pi: Float32Array, P: Float64Array): Float32Array =>
  pi.map((_, j) => pi.reduce((sum, p, i) => sum + p * P[i * pi.length + j], 0));

/** Σ |p − q| */
export const distance = (p: ArrayLike<number>, q: ArrayLike<number>): number =>
  Array.from(p).reduce((sum, x, i) => sum + Math.abs(x - q[i]), 0);

/** The states along a text, the last `order` letters each, and the letters that follow them. */
export function walk(text: Int32Array, letters: number, order: number): { before: Int32Array; after: Int32Array } {
  const after = text.slice(order);
  const before = after.map((_, t) =>
    text.subarray(t, t + order).reduce((state, letter) => state * letters + letter, 0),
  );
  return { before, after };
}

/** Frequent letters that a corpus has, and how they are written on an axis. */
const frequent = ({ letters }: Corpus) =>
  [..." etaoinshrldumcywfgpbvkq"]
    .map(letter => ({ name: letter.replace(" ", "␣"), at: letters.indexOf(letter) }))
    .filter(({ at }) => at >= 0);

/** A transition matrix, of frequent letters. */
export function transitionMap(corpus: Corpus, P: ArrayLike<number>): string {
  const shown = frequent(corpus);
  const domain = shown.map(letter => letter.name);
  const cells = shown.flatMap(from =>
    shown.map(to => ({ from: from.name, to: to.name, p: P[from.at * corpus.letters.length + to.at] })),
  );
  return plot({
    width: 440,
    height: 440,
    padding: 0,
    x: { axis: "top", domain, label: null },
    y: { domain, label: null },
    color: { scheme: "greys", type: "sqrt" },
    marks: [Plot.cell(cells, { x: "to", y: "from", fill: "p" })],
  });
}

/** How the probabilities of letters, one row for each step, approach a stationary distribution: a film. */
export function approach(corpus: Corpus, rows: ArrayLike<number>, pi: ArrayLike<number>): string {
  const shown = frequent(corpus);
  const n = corpus.letters.length;
  return film(
    Array.from({ length: rows.length / n }, (_, step) =>
      plot({
        x: { domain: shown.map(letter => letter.name), label: `step ${step}` },
        y: { domain: [0, 0.4], label: "probability", clamp: true },
        marks: [
          Plot.barY(shown, { x: "name", y: letter => rows[step * n + letter.at] }),
          Plot.tickY(shown, { x: "name", y: letter => pi[letter.at], stroke: "#e8743b", strokeWidth: 2 }),
        ],
      }),
    ),
  );
}
