// The deep belief network: restricted Boltzmann machines on top of each other. Each learns, on its own, from what the one
// below makes of the digits; the last one sees labels, too. So the stack dreams digits of a class that is asked for, and
// names digits by free energies; then all layers are fine-tuned together, by backpropagation.
// G. Hinton, S. Osindero, Y.-W. Teh, A fast learning algorithm for deep belief nets, Neural Computation 18 (2006); labels by
// free energies: H. Larochelle, Y. Bengio, ICML (2008). Trained on digits of 8×8 pixels.
// Reached: 98 % of the test digits; nearest neighbours name 88 % of the dreams as asked. Time: 7 s.
import * as g from "gradc";
import { adam, cosineDecay, crossEntropy, parameters, sgd } from "gradc/nn";
import { captioned } from "./support/captioned.ts";
import { layer, network } from "./support/chart.ts";
import { accuracy, digits, endless } from "./support/data.ts";
import { dreams, sleepers } from "./support/dreams.ts";
import { channelsFirst } from "./support/image.ts";
import { mistakes } from "./support/mistakes.ts";
import { nearestLabels } from "./support/nearest.ts";
import { curves, images } from "./support/plot.ts";
import { drawn, rbm, type Units } from "./support/rbm.ts";
import { atLeast, zooRow } from "./support/row.ts";

const [PIXELS, LOWER, MIDDLE, LABELS, UPPER] = [64, 128, 128, 10, 256];
const [GREEDY, TUNING, EVERY] = [1500, 600, 20];
const [BATCH, SLEEPERS] = [64, 200];

const lower = rbm("lower", PIXELS, LOWER);
const middle = rbm("middle", LOWER, MIDDLE);
const upper = rbm("upper", MIDDLE + LABELS, UPPER);

const x = g.input("x", [BATCH, PIXELS]);
const label = g.input("label", [BATCH], "i32");
const random = g.state("random", g.key(1));
const [later, ...keys] = g.splitKey(random, 5);
const next = g.set(random, later);

/** A machine learns by contrastive divergence from `data`; its dreams begin with them, or (`particles`) go on. */
function greedy(machine: ReturnType<typeof rbm>, data: Units, rate: number, particles?: g.State<string, "f32">) {
  const dreamt = machine.gibbs(particles ?? data, keys[3], 1).v;
  const gradient = g.grad(machine.contrast(data, dreamt), machine.parameters);
  const learningRate = cosineDecay({ initial: rate, steps: GREEDY });
  const updates = sgd({ name: `sgd.${machine.name}`, learningRate })(machine.parameters, gradient);
  return [...updates, next, ...(particles ? [g.set(particles, dreamt)] : [])];
}
const pixels = drawn(x, keys[0]); // grey is the probability of white
const found = drawn(lower.up(pixels), keys[1]);
const concepts = g.concat([drawn(middle.up(found), keys[2]), g.oneHot(label, LABELS)], 1);
const particles = g.state("particles", g.zeros([BATCH, MIDDLE + LABELS]));

/** −F of the last machine for each label that it might see, with probabilities in place of what is drawn below. */
function logits(x: Units): Units {
  const { w, b, c } = upper.parameters;
  const [seen, named] = w.split([MIDDLE, LABELS], 0);
  const field = middle.up(lower.up(x)).matmul(seen).add(c).expandDims(1).add(named); // [examples, label, hidden]
  const each = field.softplus().sum(-1);
  return each.add(b.slice([MIDDLE]));
}
const loss = crossEntropy(logits(x), label);
const params = parameters(loss);
const optimizer = adam({ learningRate: cosineDecay({ initial: 0.005, steps: TUNING }) });

const asleep = g.input("asleep", [SLEEPERS, MIDDLE + LABELS]);
const held = g.concat([g.zeros([MIDDLE]), g.ones([LABELS])]);
const dreamt = upper.gibbs(asleep, keys[3], 5, held);
const dreamtPicture = lower.down(middle.down(dreamt.p.slice([0, 0], [SLEEPERS, MIDDLE])));
const pictures = g.input("pictures", [g.dim("N", { max: 359 }), PIXELS]);
const w2 = lower.parameters.w.matmul(middle.parameters.w);
const w3 = w2.matmul(upper.parameters.w.slice([0], [MIDDLE]));

const model = g.program("deepBelief", {
  learnLower: { inputs: [x], outputs: {}, updates: greedy(lower, pixels, 0.5) },
  learnMiddle: { inputs: [x], outputs: {}, updates: greedy(middle, found, 0.5) },
  learnUpper: { inputs: [x, label], outputs: {}, updates: greedy(upper, concepts, 1.5, particles) },
  tune: { inputs: [x, label], outputs: { loss }, updates: optimizer(params, g.grad(loss, params)) },
  name: { inputs: [pictures], outputs: { logits: logits(pictures) } },
  dream: { inputs: [asleep], outputs: { v: dreamt.v, p: dreamtPicture }, updates: [next] },
  features: { inputs: [], outputs: { w1: lower.parameters.w, w2, w3 } },
});
export default model;

const CELLS = ["backfed input", "probabilistic hidden", "hidden", "match input output"] as const;

const SCIKIT = "scikit-learn, two BernoulliRBM(128) and logistic regression: 90.0 % (tests/oracle/zoo_rbm.py)";

export const row = zooRow({
  number: 16,
  title: "Deep belief network (DBN)",
  published: "G. Hinton, S. Osindero, Y.-W. Teh, Neural Computation 18 (2006)",
  about:
    "A machine learns to dream digits; a second one learns to dream what the first one's hidden units say of digits; a " +
    "third one the same of the second, and the label besides. Told a label, the stack dreams digits of that class. Shown a " +
    "digit, it names it, and that skill is then refined by gradient descent through all layers.",
  chart: network(CELLS.map((kind, i) => layer(kind, i === 0 || i === 3 ? 4 : 3))),
  program: model,
  figures: {
    tuned: { what: "digits: share of the test images named right, fine-tuned", bar: atLeast(0.965), unit: "%" },
    stacked: { what: "the same before fine-tuning", bar: atLeast(0.9), unit: "%", reference: SCIKIT },
    dreamt: { what: "dreams of a digit: share whose nearest training digit is that", bar: atLeast(0.8), unit: "%" },
  },
  async show(lab) {
    const { train, test } = digits();
    const net = await lab.compile(model);
    net.variables.random.set([1, lab.seed]);
    const source = endless(train, BATCH, lab.random);
    const batch = () => {
      const { x, label } = source.next().value;
      return { x, label };
    };
    const share = () => accuracy(net.name({ pictures: test.x }).logits, test.label);
    const tune = (title: string): number[] => {
      const shares: number[] = [];
      for (const step of lab.steps(TUNING + 1, title)) {
        if (step % EVERY === 0) shares.push(share());
        if (step < TUNING) net.tune(batch());
      }
      return shares;
    };
    for (const _ of lab.steps(GREEDY, "first machine")) net.learnLower({ x: batch().x });
    for (const _ of lab.steps(GREEDY, "second machine")) net.learnMiddle({ x: batch().x });
    for (const _ of lab.steps(GREEDY, "third machine")) net.learnUpper(batch());
    const start = sleepers(SLEEPERS, MIDDLE, lab.random);
    const night = dreams(start, asleep => net.dream({ asleep }), { frames: 40, columns: 20 });
    const asked = nearestLabels(night.last, train).filter((digit, i) => digit === i % LABELS);
    const features = net.features();
    const curve = tune("fine-tuning");
    const { logits } = net.name({ pictures: test.x });
    net.reset(lab.seed);
    const fresh = tune("fine-tuning from scratch");
    const maps = (w: Float32Array) =>
      images(channelsFirst(w, w.length / PIXELS).subarray(0, 64 * PIXELS), { width: 8, height: 8, columns: 8 });
    return {
      figures: { tuned: accuracy(logits, test.label), stacked: curve[0], dreamt: asked.length / SLEEPERS },
      exhibits: [
        {
          title: "Digits that nobody wrote",
          caption: "Each column was told its digit, 0 to 9, and begins with noise; 5 sweeps from picture to picture.",
          html: night.html,
        },
        {
          title: "What units look for",
          caption: "64 units of each layer: their couplings, carried down to the pixels.",
          html: captioned({ first: features.w1, second: features.w2, third: features.w3 }, maps),
        },
        {
          title: "Fine-tuning",
          caption: "The share of the test digits that are named right; and the same from random couplings.",
          html: curves({ "greedy first": curve, "from scratch": fresh }, { every: EVERY }),
        },
        mistakes(logits, test),
      ],
    };
  },
});
