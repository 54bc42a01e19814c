// The restricted Boltzmann machine: visible and hidden units of 0 and 1, coupled with each other but not among themselves,
// so that each side is drawn at once. Contrastive divergence lowers the free energy of data and raises that of what a few
// sweeps of Gibbs sampling make of them. P. Smolensky (1986); G. Hinton, Training products of experts by minimizing
// contrastive divergence, Neural Computation 14 (2002); T. Tieleman, ICML (2008), lets the dreams go on from step to step.
// Trained on digits of 8×8 black and white pixels.
// Reached: pseudo-log-likelihood −13 nats on the test digits (−15.0 by scikit-learn). Time: 7 s, three machines.
import * as g from "gradc";
import { cosineDecay, sgd } from "gradc/nn";
import { captioned } from "./support/captioned.ts";
import { layer, network } from "./support/chart.ts";
import { contrastError } from "./support/contrast.ts";
import { blackAndWhite, digits, endless } from "./support/data.ts";
import { dreams, otherHalf } from "./support/dreams.ts";
import { channelsFirst } from "./support/image.ts";
import type { Lab } from "./support/lab.ts";
import { curves, film, images } from "./support/plot.ts";
import { rbm } from "./support/rbm.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";

const [PIXELS, HIDDEN, BATCH] = [64, 128, 64];
const [STEPS, EVERY] = [2400, 120];
const SLEEPERS = 40;
const SCIKIT = -15.03;

/** Learns from dreams of so many sweeps, that begin with the data, or (`persistent`) where the last ones ended. */
function learner(name: string, { sweeps = 1, persistent = false }) {
  const machine = rbm("rbm", PIXELS, HIDDEN);
  const random = g.state("random", g.key(1));
  const [key, later] = g.splitKey(random);
  const particles = g.state("particles", g.zeros([BATCH, PIXELS]));

  const x = g.input("x", [BATCH, PIXELS]);
  const dreamt = machine.gibbs(persistent ? particles : x, key, sweeps).v;
  const loss = machine.contrast(x, dreamt);
  const gradient = g.grad(loss, machine.parameters);
  const optimizer = sgd({ learningRate: cosineDecay({ initial: 0.3, steps: STEPS }) });

  const N = g.dim("N", { max: 359 });
  const [test, seen, known] = [g.input("test", [N, PIXELS]), g.input("seen", [N, PIXELS]), g.input("known", [PIXELS])];
  const asleep = g.input("asleep", [SLEEPERS, PIXELS]);
  const next = g.set(random, later);
  const updates = [...optimizer(machine.parameters, gradient), g.set(particles, dreamt), next];
  return g.program(name, {
    learn: { inputs: [x], outputs: { loss }, updates },
    contrast: { inputs: [x], outputs: { dreamt, ...gradient } },
    judge: { inputs: [test], outputs: { likelihood: machine.pseudoLogLikelihood(test).mean() } },
    dream: { inputs: [asleep], outputs: machine.gibbs(asleep, key, 10), updates: [next] },
    complete: { inputs: [seen, known], outputs: machine.gibbs(seen, key, 50, known), updates: [next] },
  });
}

const model = learner("rbm", {});
export default model;

async function trained(lab: Lab, program: typeof model) {
  const [train, test] = [digits().train, digits().test].map(blackAndWhite);
  const net = await lab.compile(program);
  net.variables.random.set([1, lab.seed]);
  const values = (name: string) => net.variables[`rbm.${name}`].get();
  const source = endless(train, BATCH, lab.random);
  const [curve, filters, errors]: [number[], string[], number[]] = [[], [], []];
  for (const step of lab.steps(STEPS + 1, program.name)) {
    const { x } = source.next().value;
    if (step % EVERY === 0) {
      const { dreamt, ...gradient } = net.contrast({ x });
      errors.push(contrastError(gradient, x, dreamt, { w: values("w"), b: values("b"), c: values("c") }));
      curve.push(net.judge({ test: test.x }).likelihood);
      const columns = channelsFirst(values("w"), HIDDEN);
      filters.push(images(columns, { width: 8, height: 8, columns: 16, range: [-1.5, 1.5], scale: 3 }));
    }
    if (step < STEPS) net.learn({ x });
  }
  const noise = Float32Array.from({ length: SLEEPERS * PIXELS }, () => lab.random.integer(2));
  const dream = dreams(noise, asleep => net.dream({ asleep }), { frames: 40, columns: 10 });
  return { net, curve, filters, errors, dream };
}

export const row = zooRow({
  number: 15,
  title: "Restricted Boltzmann machine (RBM)",
  published: "P. Smolensky, Parallel Distributed Processing 1 (1986); G. Hinton, Neural Computation 14 (2002)",
  about:
    "Pixels are coupled with hidden units, and with nothing else. From the pixels all hidden units are drawn at once, from " +
    "these all pixels, and so on: the machine dreams. It learns to prefer what it sees to what it dreams, until its dreams " +
    "are digits. Contrastive divergence wakes it after one sweep already.",
  chart: network([layer("backfed input", 4), layer("probabilistic hidden", 3)]),
  program: model,
  figures: {
    gradient: { what: "symbolic gradient − CD statistics, in all of training: largest difference", bar: atMost(1e-5) },
    rise: { what: "digits, black and white: rise of the test pseudo-log-likelihood", bar: atLeast(20), unit: "nats" },
    likelihood: {
      what: "pseudo-log-likelihood of the test digits",
      bar: atLeast(SCIKIT),
      unit: "nats",
      reference: `scikit-learn BernoulliRBM(128), best of 4 rates: ${SCIKIT} (tests/oracle/zoo_rbm.py)`,
    },
  },
  async show(lab) {
    const one = await trained(lab, model);
    const five = await trained(lab, learner("rbm5", { sweeps: 5 }));
    const awake = await trained(lab, learner("persistent", { persistent: true }));
    const machines = { "CD-1": one, "CD-5": five, "persistent CD": awake };
    const each = <T>(of: (machine: typeof one) => T): Record<string, T> =>
      Object.fromEntries(Object.entries(machines).map(([name, machine]) => [name, of(machine)]));

    const some = blackAndWhite(digits().test).x.subarray(0, 16 * PIXELS);
    const gradient = Math.max(...Object.values(each(machine => machine.errors)).flat());
    const [before, after] = [one.curve[0], one.curve[STEPS / EVERY]];
    return {
      figures: { gradient, rise: after - before, likelihood: after },
      exhibits: [
        {
          title: "Dreams",
          caption: "Forty dreams that begin with noise; from one picture to the next they go on for 10 sweeps.",
          html: captioned(machines, machine => machine.dream.html),
        },
        otherHalf(some, (seen, known) => awake.net.complete({ seen, known }).p),
        {
          title: "What hidden units look for",
          caption:
            "The couplings of all 128 with the pixels, while the machine learns by CD-1: white excites, black inhibits.",
          html: film(one.filters),
        },
        {
          title: "Pseudo-log-likelihood",
          caption: "Of the test digits, in nats.",
          html: curves(
            { ...each(({ curve }) => curve.with(0, Number.NaN)), "scikit-learn": one.curve.map(() => SCIKIT) },
            { every: EVERY, y: { domain: [-25, -12] } },
          ),
        },
      ],
    };
  },
});
