// The liquid state machine: a column of spiking cells that never learn is a liquid, which its input stirs; a linear readout
// by ridge regression tells from the ripples what has fallen in. Cells leak, fire at a threshold, are reset, and rest.
// W. Maass, T. Natschläger, H. Markram, Real-time computing without stable states, Neural Computation 14 (2002).
// Ten templates of spike trains: 4 channels, 250 ms at 20 Hz. Trained on 500 trials of them, in which every spike is moved
// by a normal deviate of 4 ms, tested on 500 others.
// Reached: 98 % named right; 70 % without the liquid. Time: 0.2 s to learn, 2 s with other jitters.
import * as g from "gradc";
import { fill, input, scan, type Tensor, where } from "gradc";
import { layer, network } from "./support/chart.ts";
import { type Column, column } from "./support/column.ts";
import { confusion } from "./support/confusion.ts";
import { largest } from "./support/image-classifier.ts";
import { curves } from "./support/plot.ts";
import { Random } from "./support/random.ts";
import { atLeast, zooRow } from "./support/row.ts";
import { drawLiquid } from "./support/spike-plots.ts";
import { poissonTrains, rightAt, trialsOf } from "./support/spikes.ts";
import { exhibit } from "./support/time.ts";

const [CHANNELS, TEMPLATES, TRIALS, FEW] = [4, 10, 500, 3];
const [LENGTH, HERTZ, JITTER] = [250, 20, 4];
const [EVERY, READINGS] = [50, 8]; // it is read every 50 ms, and on when the input has ended;
const READING = LENGTH / EVERY - 1; // this one counts
const TIME = EVERY * READINGS;
const [LEAK, THRESHOLD, REST, TRACE] = [30, 15, 13.5, 30]; // ms, mV, mV, ms

type Values = Tensor<"f32">; // [cells or sources, trials]
/** Membranes' potentials in mV; how long cells still rest, in ms; what is left of spikes at synapses, and for the readout. */
type Liquid = { readonly v: Values; readonly wait: Values; readonly s: Values; readonly trace: Values };

const ones = (...shape: g.Dim[]): Values => fill(1, shape, "f32");
const left = (ms: number): number => Math.exp(-1 / ms); // of 1, a millisecond later

export function liquidStateMachine({ cells, sources, inhibits, from, to, strength }: Column) {
  const isInhibiting = g.constant(inhibits.map(Number), [sources, 1]).gt(0);
  const kind = (exciting: number, inhibiting: number): Values => where(isInhibiting, inhibiting, ones(1).mul(exciting));
  const [fading, resting] = [kind(left(3), left(6)), kind(3, 2).slice([0], [cells])];
  const [pre, post] = [from, to].map(ends => g.constant(ends, [ends.length], "i32"));
  const weights = g.constant(strength, [strength.length, 1]);

  /** One millisecond. A cell: τ·dv/dt = E + R·I − v, R = 1 MΩ; a spike where v ≥ θ, then v = E for some time. */
  const step = ({ v, wait, s, trace }: Liquid, x: Values) => {
    const I = g.segmentSum(s.gather(pre).mul(weights), post, { segments: cells }); // Σ over the cell's synapses
    const now = where(wait.gt(0), REST, v.add(I.sub(v).add(REST).div(LEAK)));
    const fires = now.ge(THRESHOLD);
    const spikes = g.concat([fires.cast("f32"), x]);
    const carry: Liquid = {
      v: where(fires, REST, now),
      wait: where(fires, resting, wait.sub(1)),
      s: s.mul(fading).add(spikes),
      trace: trace.mul(left(TRACE)).add(spikes),
    };
    return { carry, out: { v: now, spikes, trace: carry.trace } };
  };
  const still = (n: g.Dim): Liquid => {
    const nothing = ones(sources, n).mul(0);
    return { v: ones(cells, n).mul(REST), wait: ones(cells, n).mul(0), s: nothing, trace: nothing };
  };

  const B = g.dim("B", { max: TRIALS });
  const [spikes, label] = [input("spikes", [TIME, CHANNELS, B]), input("label", [B], "i32")];
  const flow = (now: Liquid, x: Values) => {
    const { carry } = scan((l: Liquid, y: Values) => ({ carry: step(l, y).carry, out: null }), now, x);
    return { carry, out: carry.trace };
  };
  const traces = scan(flow, still(B), spikes.reshape([READINGS, EVERY, CHANNELS, B])).out;

  /** A readout for every time of reading, of the traces of some sources and a one. */
  const readout = (name: string, first: number, end: number) => {
    const φ = g.concat([traces.slice([0, first], [READINGS, end]), ones(READINGS, 1, B)], 1);
    const φT = φ.transpose([0, 2, 1]);
    const n = end - first + 1;
    const w = g.param(name, [READINGS, n, TEMPLATES]);
    const factor = g.cholesky(φ.matmul(φT).add(g.eye(n, n, "f32")));
    const solution = g.choleskySolve(factor, φ.matmul(g.oneHot(label, TEMPLATES, "f32")));
    return { scores: φT.matmul(w), update: g.set(w, solution) };
  };
  const [liquid, alone] = [readout("liquid", 0, cells), readout("input", cells, sources)];

  const few = input("few", [TIME, CHANNELS, FEW]);
  const seen = scan(step, still(FEW), few).out;
  const ripples = seen.trace.slice([0], [TIME, cells]);
  const apart = ripples.sub(ripples.slice([0, 0, 0], [TIME, cells, 1])).norm(1);
  return g.program("liquidState", {
    learn: { inputs: [spikes, label], outputs: {}, updates: [liquid.update, alone.update] },
    read: { inputs: [spikes], outputs: { liquid: liquid.scores, alone: alone.scores } },
    watch: { inputs: [few], outputs: { v: seen.v, spikes: seen.spikes, apart } },
  });
}

const model = liquidStateMachine(column(CHANNELS, new Random(0)));
export default model;

const CELLS = [layer("spiking hidden", 4), layer("spiking hidden", 4)];
export const row = zooRow({
  number: 21,
  title: "Liquid state machine (LSM)",
  published: "W. Maass, T. Natschläger, H. Markram, Neural Computation 14 (2002)",
  about:
    "135 cells that fire spikes are joined at random, as in a column of the cortex. Whatever spikes come in, they stir the " +
    "liquid in a way of their own, and for a while the ripples remember. A linear readout learns to tell from them which " +
    "of ten templates was heard, though every spike of it comes too early or too late.",
  chart: network([layer("input", 3), ...CELLS, layer("output", 3)], ["sparse", "sparse"]),
  program: model,
  figures: {
    named: {
      what: "10 spike templates, jitter 4 ms: held-out trials named right",
      bar: atLeast(0.9),
      unit: "%",
      reference: "NumPy and scikit-learn 98.8 %, without the liquid 74.4 % (tests/oracle/zoo_liquid.py)",
    },
  },
  async show(lab) {
    const wiring = column(CHANNELS, lab.random);
    const net = await lab.compile(liquidStateMachine(wiring));
    const templates = Array.from({ length: TEMPLATES }, () => poissonTrains(CHANNELS, LENGTH, HERTZ, lab.random));
    const trials = (jitter: number) => trialsOf(templates, { count: TRIALS, time: TIME, jitter }, lab.random);
    const tested = (jitter: number) => {
      net.learn(trials(jitter));
      const { spikes, label } = trials(jitter);
      const scores = net.read({ spikes });
      const right = { liquid: rightAt(scores.liquid, label, READINGS), input: rightAt(scores.alone, label, READINGS) };
      return { label, scores, right, last: { liquid: right.liquid[READING], input: right.input[READING] } };
    };
    const { label, scores, right } = tested(JITTER);
    const named = largest([...scores.liquid], TEMPLATES).slice(READING * TRIALS, (READING + 1) * TRIALS);
    const bears = [0, 4, 8, 12, 16].map(jitter => tested(jitter).last);
    const [a, b] = templates;
    const few = trialsOf([a, a, b], { count: FEW, time: TIME, jitter: JITTER }, lab.random).spikes;
    const draw = (shares: Record<string, number[]>, every: number, label: string) =>
      curves(shares, { every, x: { label }, y: { label: "named right", domain: [0, 1], tickFormat: "%" } });
    return {
      figures: { named: right.liquid[READING] },
      exhibits: [
        ...drawLiquid(net.watch({ few }), wiring, FEW),
        exhibit("Which template it was", `Of ${TRIALS} trials, read at 250 ms.`, confusion(label, named, TEMPLATES)),
        exhibit(
          "When it can be read",
          "Trials named right; the input ends at 250 ms. Input: the same readout of the input's own trace, without a liquid.",
          draw({ liquid: [Number.NaN, ...right.liquid], input: [Number.NaN, ...right.input] }, EVERY, "ms"),
        ),
        exhibit(
          "How much jitter it bears",
          "Trained and tested with spikes moved by 0 to 16 ms, read at 250 ms.",
          draw({ liquid: bears.map(x => x.liquid), input: bears.map(x => x.input) }, 4, "jitter in ms"),
        ),
      ],
    };
  },
});
