// The Markov chain: the next letter depends on the present one alone. A. A. Markov counted letters of Pushkin's Onegin
// (1913); C. E. Shannon let such chains write English (A Mathematical Theory of Communication, 1948). Counted on 180,000
// letters of Shakespeare's plays. Reached: the transition matrix is the counts exactly, its stationary distribution
// holds to 1e-7, perplexity 11.97 on other letters of the plays (27.7 without looking back). Time: 0.2 s.
import {
  arange,
  categorical,
  dim,
  fill,
  foldIn,
  input,
  key,
  oneHot,
  program,
  scan,
  scatterAdd,
  set,
  state,
  type Tensor,
  whileLoop,
  zeros,
} from "gradc";
import { layer, network } from "./support/chart.ts";
import type { Lab } from "./support/lab.ts";
import * as plain from "./support/markov.ts";
import { text } from "./support/plot.ts";
import { atMost, zooRow } from "./support/row.ts";
import { type Corpus, corpus, decode } from "./support/text.ts";

const [CHAINS, LENGTH, AHEAD] = [64, 400, 12];

/** A chain over an alphabet of `n` letters, whose state is the last `order` letters. */
export function markovChain(n: number, order = 1) {
  const states = n ** order;
  const N = dim("N", { max: 200_000 });
  const [before, after] = [input("before", [N], "i32"), input("after", [N], "i32")];
  const counts = state("counts", zeros([states, n], "i32"));

  const pairs = before.mul(n).add(after);
  const counted = scatterAdd(pairs, fill(1, [N], "i32"), { size: states * n }).reshape([states, n]);

  const seen = counts.cast("f32");
  const total = seen.sum(1, { keepDims: true });
  const P = seen.div(total.maximum(1)); // p(j | i) = nᵢⱼ / Σⱼ nᵢⱼ

  const smooth = seen.add(plain.UNSEEN).div(total.add(n * plain.UNSEEN));
  const perplexity = smooth.flatten().gather(pairs).log().mean().neg().exp();

  // A distribution over states, one letter later: πP. Of several letters the oldest drops out.
  const later = (pi: Tensor<"f32">): Tensor<"f32"> => pi.expandDims(1).mul(P).reshape([n, states]).sum(0);
  const { pi, steps } = whileLoop(
    ({ change, steps }) => change.gt(1e-7).and(steps.lt(1000)),
    ({ pi, steps }) => ({ pi: later(pi), change: later(pi).sub(pi).abs().sum(), steps: steps.add(1) }),
    { pi: fill(1 / states, [states], "f32"), change: fill(1, [], "f32"), steps: fill(0, [], "i32") },
  );
  const from = input("from", [], "i32");
  const ahead = scan(p => ({ carry: later(p), out: p }), oneHot(from, states, "f32"), null, { length: AHEAD });

  const [seed, start] = [input("seed", [], "u32"), input("start", [CHAINS], "i32")];
  const { out: written } = scan(
    (now, i) => {
      const letter = categorical(foldIn(key(seed), i), P.gather(now).log());
      return { carry: now.mul(n).add(letter).rem(states), out: letter };
    },
    start,
    arange(LENGTH, "u32"),
  );
  return program(`markov${order}`, {
    count: { inputs: [before, after], outputs: {}, updates: [set(counts, counts.add(counted))] },
    chain: { inputs: [], outputs: { P, pi, steps } },
    test: { inputs: [before, after], outputs: { perplexity } },
    later: { inputs: [from], outputs: { ahead: ahead.out } },
    write: { inputs: [seed, start], outputs: { written: written.transpose() } },
  });
}

const model = markovChain(62);
export default model;

/** Counts the training part, and lets chains write that begin at random places of it. */
async function trained(lab: Lab, { letters, train, test }: Corpus, order: number) {
  const n = letters.length;
  const net = await lab.compile(markovChain(n, order));
  const { before, after } = plain.walk(train, n, order);
  net.count({ before, after });
  const start = Array.from({ length: CHAINS }, () => before[lab.random.integer(before.length)]);
  const { written } = net.write({ seed: lab.seed, start });
  return { net, written, perplexity: net.test(plain.walk(test, n, order)).perplexity };
}

export const row = zooRow({
  number: 12,
  title: "Markov chain (MC)",
  published: "A. A. Markov (1906, 1913); as a source of text: C. E. Shannon, Bell System Technical Journal 27 (1948)",
  about:
    "Which letter follows depends on the last letter alone. Counting pairs in a text is all the learning there is; " +
    "power iteration finds how often the chain visits each letter in the long run, wherever it began.",
  chart: network([layer("probabilistic hidden", 4, { mutual: true })]),
  program: model,
  figures: {
    counts: { what: "transition counts: pairs that were counted wrong", bar: atMost(0) },
    matrix: { what: "transition matrix: largest distance from the shares of the counts", bar: atMost(2 ** -23) },
    stationary: { what: "stationary distribution: Σ |πP − π|", bar: atMost(1e-6) },
    never: { what: "sampled text: pairs of letters that the training text does not have", bar: atMost(0) },
    drift: { what: "sampled text: distance of the letters' shares from π (total variation)", bar: atMost(0.05) },
    agreement: { what: "test perplexity: relative difference from a count in double precision", bar: atMost(1e-5) },
  },
  async show(lab) {
    const plays = corpus(lab.data);
    const orders = [await trained(lab, plays, 0), await trained(lab, plays, 1), await trained(lab, plays, 2)];
    const [, { net, written, perplexity }] = orders;
    const { P, pi, steps } = net.chain();
    const [counts, shares] = [plain.pairCounts(plays), plain.pairShares(plays)];
    const visits = new Float64Array(pi.length);
    for (const letter of written) visits[letter] += 1 / written.length;
    const last = plays.letters.includes("q") ? "q" : "x";
    return {
      figures: {
        counts: net.variables.counts.get().filter((count, at) => count !== counts[at]).length,
        matrix: shares.reduce((most, p, at) => Math.max(most, Math.abs(p - P[at])), 0),
        stationary: plain.distance(pi, plain.moved(pi, shares)),
        never: written.filter((letter, at) => at % LENGTH > 0 && counts[written[at - 1] * pi.length + letter] === 0)
          .length,
        drift: plain.distance(visits, pi) / 2,
        agreement: Math.abs(perplexity / plain.markovPerplexity(plays) - 1),
      },
      exhibits: [
        {
          title: "What follows what",
          caption: "Rows: a letter; columns: the next one. The darker, the more likely.",
          html: plain.transitionMap(plays, P),
        },
        {
          title: `The chain forgets that it began with "${last}"`,
          caption: `Orange: the stationary distribution, found in ${steps} steps of power iteration.`,
          html: plain.approach(plays, net.later({ from: plays.letters.indexOf(last) }).ahead, pi),
        },
        ...orders.map((chain, order) => ({
          title: `Written by a chain that looks back ${["not at all", "at one letter", "at two letters"][order]}`,
          caption: `Perplexity on the test text ${chain.perplexity.toFixed(2)}.`,
          html: text(decode(plays, chain.written.subarray(0, LENGTH))),
        })),
      ],
    };
  },
});
