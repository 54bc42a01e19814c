// The Boltzmann machine: units of 0 and 1, visible and hidden, each coupled with each, that switch at random; at rest a
// state has probability e^(−E)/Z. It learns by the difference of two means: of sᵢsⱼ with the data clamped to its visible
// units, and running freely. Both are sampled (Gibbs), cooled down from a high temperature (simulated annealing).
// D. Ackley, G. Hinton, T. Sejnowski, A learning algorithm for Boltzmann machines, Cognitive Science 9 (1985). Trained on
// the patterns of 4 bits with an even number of ones; so small a machine can be checked by enumerating its states.
// Reached: KL(data ‖ model) 0.04 nats; without hidden units it stays at ln 2. Time: 4 s.
import * as g from "gradc";
import { cosineDecay, sgd } from "gradc/nn";
import * as check from "./support/boltzmann.ts";
import { EVEN, VISIBLE } from "./support/boltzmann.ts";
import { layer, network } from "./support/chart.ts";
import type { Lab } from "./support/lab.ts";
import { curves } from "./support/plot.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";

const [HIDDEN, STEPS, EVERY] = [4, 2500, 25];
const CHAINS = [16, EVEN.length]; // 16 machines for each pattern
const REST = 10;

/** Temperatures: so many from 10 down, then REST times 1. */
const schedule = (cooling: number): number[] =>
  Array.from({ length: cooling + REST }, (_, i) => 10 ** Math.max(0, 1 - i / cooling));
const [FAST, SLOW] = [schedule(15), schedule(190)];

type Units = g.Tensor<"f32">; // […, n] of 0 and 1
type Key = g.Tensor<"u32">;

/** All states of so many units, [2ⁿ, n]: the binary digits of 0 … 2ⁿ − 1. */
function statesOf(n: number): Units {
  const places = g.flip(g.arange(n, "u32"));
  return g.bitAnd(g.shiftRight(g.iota([2 ** n, n], 0, "u32"), places), 1).cast("f32");
}

function boltzmannMachine(hidden: number) {
  const n = VISIBLE + hidden;
  const [w, b] = [g.param("w", [n, n], g.normalInit({ stdev: 1 })), g.param("b", [n])];
  const above = g.triu(w, 1);
  const J = above.add(above.transpose());
  const energy = (s: Units): Units => s.matmul(J).mul(s).sum(-1).mul(-0.5).sub(s.matmul(b)); // −Σ wᵢⱼsᵢsⱼ − Σ bᵢsᵢ

  /** A sweep asks one unit after the other: it takes 1 with probability σ(field / T). */
  const sweep = (s: Units, asked: g.Tensor<"i32">, T: Units, key: Key): Units => {
    const ask = (s: Units, { unit, luck }: { unit: g.Tensor<"i32">; luck: Units }) => {
      const field = s.matmul(J.gather(unit)).add(b.gather(unit));
      const answer = luck.lt(field.div(T).sigmoid()).cast("f32");
      return { carry: g.where(g.oneHot(unit, n, "bool"), answer.expandDims(-1), s) };
    };
    return g.scan(ask, s, { unit: asked, luck: g.uniform(key, [Number(asked.shape[0]), ...CHAINS]) }).carry;
  };

  /** The states at each temperature, [temperatures, …chains, n]. */
  const anneal = (temperatures: number[], start: Units, asked: g.Tensor<"i32">, key: Key): Units => {
    const cool = (s: Units, { T, i }: { T: Units; i: Key }) => {
      const next = sweep(s, asked, T, g.foldIn(key, i));
      return { carry: next, out: next };
    };
    return g.scan(cool, start, { T: g.constant(temperatures), i: g.arange(temperatures.length, "u32") }).out;
  };

  const random = g.state("random", g.key(1));
  const [later, ...keys] = g.splitKey(random, 5);
  const coins = (key: Key, size: number): Units => g.bernoulli(key, 0.5, [...CHAINS, size]).cast("f32");
  const patterns = g.input("patterns", [EVEN.length], "i32");
  const data = statesOf(VISIBLE).gather(patterns);
  const start = g.concat([data.broadcastTo([...CHAINS, VISIBLE]), coins(keys[0], hidden)], -1);
  const clamped = anneal(FAST, start, g.arange(hidden).add(VISIBLE), keys[1]);
  const free = (temperatures: number[]): Units => anneal(temperatures, coins(keys[2], n), g.arange(n), keys[3]);

  /** ⟨ss⟩ and ⟨s⟩ at rest. */
  const statistics = (states: Units) => {
    const s = states.slice([-REST]).reshape([-1, n]);
    return { w: g.triu(s.transpose().matmul(s), 1).div(Number(s.shape[0])), b: s.mean(0) };
  };
  const [dreamt, seen] = [statistics(free(FAST)), statistics(clamped)];
  const sampled = { w: dreamt.w.sub(seen.w), b: dreamt.b.sub(seen.b) };
  const optimizer = sgd({ learningRate: cosineDecay({ initial: 1.5, steps: STEPS }) });

  // The check: all 2ⁿ states, a row for each pattern of the visible units.
  const goodness = energy(statesOf(n)).neg();
  const table = goodness.reshape([2 ** VISIBLE, 2 ** hidden]);
  const logP = table.logSumExp(1).sub(goodness.logSumExp()); // ln Σₕ e^(−E) − ln Z
  const kl = logP.gather(patterns).mean().neg().sub(Math.log(EVEN.length));
  const exact = g.grad(kl, { w, b });
  const next = g.set(random, later);
  return g.program(`boltzmann${hidden}`, {
    learn: { inputs: [patterns], outputs: { kl }, updates: [...optimizer({ w, b }, sampled), next] },
    enumerate: { inputs: [patterns], outputs: { kl, p: logP.exp(), ...exact } },
    estimate: { inputs: [patterns], outputs: sampled, updates: [next] },
    dream: { inputs: [], outputs: { states: free(SLOW) }, updates: [next] },
  });
}

const model = boltzmannMachine(HIDDEN);
export default model;

async function trained(lab: Lab, program: typeof model) {
  const net = await lab.compile(program);
  net.variables.random.set([1, lab.seed]);
  const before = check.gradientError(net);
  const first = check.estimates(net.estimate({ patterns: EVEN }), net.enumerate({ patterns: EVEN }));
  const course = Array.from(lab.steps(STEPS), () => net.learn({ patterns: EVEN }).kl);
  const { kl, p } = net.enumerate({ patterns: EVEN });
  const curve = course.filter((_, i) => i % EVERY === 0);
  return { net, kl, p, curve, first, error: Math.max(before, check.gradientError(net)) };
}

export const row = zooRow({
  number: 14,
  title: "Boltzmann machine (BM)",
  published: "D. Ackley, G. Hinton, T. Sejnowski, Cognitive Science 9 (1985)",
  about:
    "Units that switch by chance, the more reluctantly the more energy it costs. Shown four bits with an even number of " +
    "ones, the machine learns to dream such bits: it couples units more that are on together in what it sees, and less " +
    "those that are on together in its dreams. Only hidden units can know a rule that no three of the bits betray.",
  chart: network([layer("backfed input", 4, { mutual: true }), layer("probabilistic hidden", 4, { mutual: true })]),
  program: model,
  figures: {
    kl: { what: "4 bits of even parity: KL(data ‖ model), enumerated", bar: atMost(0.1), unit: "nats" },
    blind: { what: "the same without hidden units (at best ln 2)", bar: atLeast(0.69), unit: "nats" },
    gradient: { what: "symbolic gradient − (⟨ss⟩data − ⟨ss⟩model), enumerated: largest difference", bar: atMost(1e-5) },
    sampled: { what: "samples of cooled machines: total variation from what is enumerated", bar: atMost(0.1) },
  },
  async show(lab) {
    const { net, kl, p, curve, first, error } = await trained(lab, model);
    const blind = await trained(lab, boltzmannMachine(0));
    const dreams = Array.from({ length: 16 }, () => net.dream().states);
    const course = check.courseOf(dreams, SLOW, VISIBLE + HIDDEN);
    const sampled = check.variation(course[course.length - 1], p);
    return {
      figures: { kl, blind: blind.kl, gradient: Math.max(error, blind.error), sampled },
      exhibits: [
        check.cooling(course, SLOW),
        {
          title: "Learning",
          caption:
            "KL(data ‖ model) in nats. Pairs of bits know nothing: without hidden units there is nothing to learn.",
          html: curves({ "4 hidden units": curve, "no hidden unit": blind.curve }, { every: EVERY }),
        },
        first,
        check.couplings(net.variables.w.get()),
      ],
    };
  },
});
