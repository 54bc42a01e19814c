// Learning rules: gradient descent and what became of it, schedules of the rate, and first values of weights.
// B. Polyak (1964), Y. Nesterov (1983), J. Duchi and others (2011), T. Tieleman and G. Hinton (2012), D. Kingma and J. Ba
// (2015), I. Loshchilov and F. Hutter (2017, 2019); X. Glorot (2010), K. He (2015), A. Saxe (2014).
// Trained on: a curved valley of the plane (Rosenbrock 1960). Reached: every rule follows its published formula to
// rounding, the initialisers have their published variances. Time: a tenth of a second.
import * as Plot from "@observablehq/plot";
import * as g from "gradc";
import * as nn from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import * as rules from "./support/learning-rules.ts";
import { curves, plot } from "./support/plot.ts";
import { atMost, zooRow } from "./support/row.ts";

const [START, STEPS, TRACE] = [[-1.1, 0.9], 300, 5];

/** A valley along y = x², with its floor at (1, 1). */
const valley = (w: g.Tensor<"f64">): g.Scalar<"f64"> => {
  const [x, y] = [g.indexAt(w, 0), g.indexAt(w, 1)];
  return g.add(g.square(g.sub(1, x)), g.mul(5, g.square(g.sub(y, g.square(x))))).sum();
};

/** One parameter, its gradient, and a rule that makes an update of both. */
function descent(name: string, optimizer: nn.Optimizer) {
  const w = g.param("w", [2], g.constantInit(START), "f64");
  const height = valley(w);
  const slope = g.grad(height, w);
  return g.program(name, {
    learn: { inputs: [], outputs: { height, slope }, updates: optimizer({ w }, { w: slope }) },
  });
}

const RULES: Readonly<Record<string, readonly [nn.Optimizer, rules.Rule]>> = {
  SGD: [nn.sgd({ learningRate: 0.02 }), rules.gradientDescent(0.02)],
  momentum: [nn.momentum({ learningRate: 0.01, momentum: 0.8 }), rules.heavyBall(0.01, 0.8, false)],
  Nesterov: [nn.momentum({ learningRate: 0.01, momentum: 0.8, nesterov: true }), rules.heavyBall(0.01, 0.8, true)],
  AdaGrad: [nn.adagrad({ learningRate: 0.3 }), rules.adaGrad(0.3)],
  RMSProp: [nn.rmsprop({ learningRate: 0.02, decay: 0.95 }), rules.rmsProp(0.02, 0.95)],
  Adam: [nn.adam({ learningRate: 0.06 }), rules.adaptiveMoments(0.06)],
  AdamW: [nn.adamW({ learningRate: 0.06, weightDecay: 0.02 }), rules.adaptiveMoments(0.06, 0.02)],
};

const main = descent("momentum", RULES.momentum[0]);
export default main;

const half = (t: number): number => (1 + Math.cos(Math.PI * t)) / 2;
const cosine = nn.cosineDecay({ initial: 1, final: 0.1, steps: 80 });
const cycle = { initial: 0.1, peak: 1, final: 0.01, rise: 0.3, steps: 101 };
const SCHEDULES: Readonly<Record<string, readonly [nn.Schedule, (t: number) => number]>> = {
  constant: [nn.constantRate(0.5), () => 0.5],
  exponential: [nn.exponentialDecay({ initial: 1, rate: 0.5, steps: 25 }), t => 0.5 ** (t / 25)],
  steps: [nn.stepDecay({ initial: 1, rate: 0.5, steps: 25 }), t => 0.5 ** Math.floor(t / 25)],
  cosine: [cosine, t => 0.1 + 0.9 * half(Math.min(t / 80, 1))],
  piecewise: [nn.piecewise({ boundaries: [20, 60], rates: [0.9, 0.4, 0.2] }), t => (t < 20 ? 0.9 : t < 60 ? 0.4 : 0.2)],
  "warm-up": [
    nn.warmup({ steps: 20, then: cosine }),
    t => (t < 20 ? (t + 1) / 20 : 0.1 + 0.9 * half(Math.min((t - 20) / 80, 1))),
  ],
};

const [IN, OUT] = [300, 200];
const INITIALISERS: Readonly<Record<string, readonly [g.Initializer, variance: number]>> = {
  uniform: [g.uniformInit({ low: -0.3, high: 0.3 }), 0.6 ** 2 / 12],
  normal: [g.normalInit({ stdev: 0.2 }), 0.2 ** 2],
  glorotUniform: [g.glorotUniform(), 2 / (IN + OUT)],
  glorotNormal: [g.glorotNormal(), 2 / (IN + OUT)],
  heUniform: [g.heUniform(), 2 / IN],
  heNormal: [g.heNormal(), 2 / IN],
  orthogonal: [g.orthogonalInit(), 1 / IN],
};
const weights = Object.entries(INITIALISERS).map(([name, [init]]) => g.param(name, [IN, OUT], init));
const firsts = g.program("first values", {
  look: {
    inputs: [],
    outputs: {
      ...Object.fromEntries(weights.map(w => [String(g.nameOf(w)), g.variance(w)])),
      gram: g.matmul(g.transpose(weights[weights.length - 1]), weights[weights.length - 1]),
    },
  },
});

const t = g.input("t", [], "i32");
const rateAt = (schedule: nn.Schedule, step: number): number => g.evaluate({ rate: schedule(t), t }, { t: step }).rate;

/** The gradient of the valley by hand, for the formulas. */
const slopeAt = ([x, y]: readonly number[]): number[] => [-2 * (1 - x) - 20 * x * (y - x * x), 10 * (y - x * x)];

export const row = zooRow({
  number: 31,
  title: "Learning rules",
  published: "from B. Polyak (1964) to I. Loshchilov and F. Hutter (2019)",
  about:
    "A rule of learning is a graph like everything else: what it remembers is state, and a step is an update. Seven rules " +
    "walk down one curved valley; each is compared with the formula of its paper, number by number.",
  chart: network([layer("input", 2), layer("hidden", 2), layer("output", 1)]),
  program: main,
  figures: {
    trace: { what: "seven rules, five steps: largest distance from the published formula", bar: atMost(1e-9) },
    schedules: { what: "six schedules: largest distance from the formula", bar: atMost(1e-6) },
    variance: { what: "seven initialisers: largest relative error of the variance (60,000 values)", bar: atMost(0.03) },
    orthogonal: { what: "orthogonal weights: largest element of WᵀW − I", bar: atMost(1e-4) },
  },
  async show(lab) {
    let trace = 0;
    const paths: { rule: string; x: number; y: number }[] = [];
    const heights: Record<string, Float64Array> = {};
    for (const [name, [optimizer, rule]] of Object.entries(RULES)) {
      const net = await lab.compile(descent(name, optimizer));
      let expected = START;
      const memory = {};
      heights[name] = new Float64Array(STEPS);
      for (const step of lab.steps(STEPS, name)) {
        const [x, y] = net.variables.w.get();
        paths.push({ rule: name, x, y });
        heights[name][step] = net.learn().height;
        if (step >= TRACE) continue;
        expected = rule(expected, slopeAt(expected), memory, step + 1);
        trace = Math.max(trace, ...net.variables.w.get().map((v, i) => Math.abs(v - expected[i])));
      }
    }
    const rates: Record<string, number[]> = {};
    let schedules = 0;
    for (const [name, [schedule, formula]] of Object.entries(SCHEDULES)) {
      rates[name] = Array.from({ length: 101 }, (_, i) => rateAt(schedule, i));
      schedules = Math.max(schedules, ...rates[name].map((r, i) => Math.abs(r - formula(i))));
    }
    const oneCycle = Array.from({ length: 101 }, (_, i) => rateAt(nn.oneCycle(cycle), i));
    const firstValues: Readonly<Record<string, number | Float32Array>> = (await lab.compile(firsts)).look();
    const gram = firstValues.gram as Float32Array;
    const relative = Object.entries(INITIALISERS).map(([name, [, v]]) => Math.abs(Number(firstValues[name]) / v - 1));
    const lines = Plot.line(paths, { x: "x", y: "y", stroke: "rule", strokeWidth: 1.5, clip: true });
    const view = { x: { domain: [-1.5, 1.5] }, y: { domain: [-0.7, 1.7] }, color: { legend: true } } as const;
    return {
      figures: {
        trace,
        schedules,
        variance: Math.max(...relative),
        orthogonal: Math.max(...gram.map((v, i) => Math.abs(v - (i % (OUT + 1) === 0 ? 1 : 0)))),
      },
      exhibits: [
        {
          title: "Seven ways down",
          caption: "300 steps from (−1.1, 0.9) to (1, 1).",
          html: plot({ ...view, marks: [lines] }),
        },
        { title: "Height at each step", html: curves(heights, { y: { type: "log", label: "height" } }) },
        { title: "Schedules of the rate", html: curves({ ...rates, "one cycle": oneCycle }, { y: { label: "rate" } }) },
      ],
    };
  },
});
