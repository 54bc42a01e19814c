/** What a classifier says of many pictures. Entropies in nats. */
export interface Judgement {
  /** H(label | picture), the mean over all pictures: 0 where each is one class for sure. */
  readonly entropy: number;
  /** H(label) over all pictures: the logarithm of the number of classes where all are as frequent. */
  readonly coverage: number;
  /** The share of the pictures that each class is the name of. */
  readonly shares: readonly number[];
  /** The pictures' names. */
  readonly labels: readonly number[];
}

const entropyOf = (p: readonly number[]): number => p.reduce((h, q) => h - (q > 0 ? q * Math.log(q) : 0), 0);

/** How sure a classifier is, and how varied what it names, from its probabilities of the classes of each picture. */
export function judgementOf(probabilities: readonly (readonly number[])[]): Judgement {
  const mean = (of: (row: readonly number[]) => number): number =>
    probabilities.reduce((sum, row) => sum + of(row), 0) / probabilities.length;
  const labels = probabilities.map(row => row.indexOf(Math.max(...row)));
  return {
    entropy: mean(entropyOf),
    coverage: entropyOf(probabilities[0].map((_, k) => mean(row => row[k]))),
    shares: probabilities[0].map((_, k) => labels.filter(label => label === k).length / labels.length),
    labels,
  };
}
