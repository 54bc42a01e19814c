// The feed-forward network: one hidden layer of sigmoid cells and a linear output, taught by the generalised delta rule.
// D. Rumelhart, G. Hinton, R. Williams, Learning representations by back-propagating errors, Nature 323 (1986).
// Trained on the exclusive or, with unipolar cells (patterns of 0 and 1) and bipolar ones (−1 and 1), by gradient descent
// on single patterns, on pairs and on all four at once.
// Reached: every output within 0.0001 of its target. Time: half a second for all six.
import * as Plot from "@observablehq/plot";
import { concat, dim, evaluate, grad, input, type Net, param, program, type Tensor, uniformInit, vmap } from "gradc";
import { sgd } from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import type { Lab } from "./support/lab.ts";
import { curves, film } from "./support/plot.ts";
import { atMost, zooRow } from "./support/row.ts";
import { pointsOf, surface } from "./support/surface.ts";

const HIDDEN = 4;
const EPOCHS = 1000;
const REGIMES = { perSample: 1, miniBatch: 2, fullBatch: 4 } as const; // patterns for one update
type Values = Tensor<"f32">;

const unipolar = (net: Values): Values => net.sigmoid(); // 1/(1 + e⁻ˣ), between 0 and 1
const bipolar = (net: Values): Values => net.sigmoid().mul(2).sub(1); // (1 − e⁻ˣ)/(1 + e⁻ˣ), between −1 and 1

/** y = f(x·V + a)·W + b with the transfer function f, and the descent of E = ½ Σ (t − y)², the mean over the batch. */
function feedForward(f: (net: Values) => Values) {
  const B = dim("B", { max: 1024 });
  const x = input("x", [B, 2]);
  const target = input("target", [B, 1]);
  const rate = input("rate", []);

  const start = uniformInit({ low: -2, high: 2 });
  const V = param("V", [2, HIDDEN], start);
  const a = param("a", [HIDDEN], start);
  const W = param("W", [HIDDEN, 1], start);
  const b = param("b", [1], start);
  const params = { V, a, W, b };

  const output = (x: Values): Values => f(x.matmul(V).add(a)).matmul(W).add(b);
  const E = (x: Values, t: Values) => t.sub(output(x)).square().sum(1).mean().mul(0.5);
  const slope = (x: Values, t: Values): Values => concat(Object.values(grad(E(x, t), params)).map(g => g.flatten()));
  const slopeOfOne = (x: Values, t: Values): Values => slope(x.expandDims(0), t.expandDims(0));

  return program("feed forward", {
    learn: {
      inputs: [x, target, rate],
      outputs: { error: E(x, target) },
      updates: sgd({ learningRate: rate })(params, grad(E(x, target), params)),
    },
    predict: { inputs: [x], outputs: { y: output(x) } },
    gradients: { inputs: [x, target], outputs: { batch: slope(x, target), each: vmap(slopeOfOne)(x, target) } },
  });
}

const CELLS = {
  unipolar: { f: unipolar, program: feedForward(unipolar), low: 0 },
  bipolar: { f: bipolar, program: feedForward(bipolar), low: -1 },
};
const main = CELLS.bipolar.program;
export default main;

/** Trains a network from one start in all three ways. */
async function train(lab: Lab, name: keyof typeof CELLS) {
  const { program, low } = CELLS[name];
  const x = [low, low, low, 1, 1, low, 1, 1];
  const target = [low, 1, 1, low];
  const net = await lab.compile(program);
  return Object.entries(REGIMES).map(([regime, size]) => {
    net.reset(lab.seed);
    const errors = new Float64Array(EPOCHS);
    const frames: string[] = [];
    let gap = 0;
    for (const epoch of lab.steps(EPOCHS, `${name}, ${size} at a time`)) {
      if (Number.isInteger(Math.sqrt(epoch))) {
        const { batch, each } = net.gradients({ x, target });
        const mean = Array.from(batch, (_, i) => target.reduce((sum, _, n) => sum + each[n * batch.length + i] / 4, 0));
        gap = Math.max(gap, ...batch.map((slope, i) => Math.abs(slope - mean[i])));
        if (size === 1) frames.push(picture(net, low));
      }
      const order = Array.from(lab.random.permutation(4));
      for (let from = 0; from < 4; from += size) {
        const some = order.slice(from, from + size);
        const feed = { x: some.flatMap(n => [x[2 * n], x[2 * n + 1]]), target: some.map(n => target[n]) };
        errors[epoch] += (net.learn({ ...feed, rate: 0.15 * size }).error * size) / 4;
      }
    }
    const worst = Math.max(...net.predict({ x }).y.map((v, n) => Math.abs(v - target[n])));
    return { name: `${name}, ${size} at a time`, regime, errors, frames, gap, worst };
  });
}

/** The output over the plane of the inputs, the four patterns, and the lines on which hidden cells switch. */
function picture(net: Net<(typeof main)["functions"]>, low: number): string {
  const window = { x: [low - 0.5, 1.5], y: [low - 0.5, 1.5], columns: 32, rows: 32 } as const;
  const V = net.variables.V.get();
  const lines = Array.from(net.variables.a.get(), (a, j) => {
    const [p, q] = [V[j], V[HIDDEN + j]]; // p·u + q·v + a = 0: from the point next to 0 along (−q, p)
    return [-9, 9].map(t => [(-a * p) / (p * p + q * q) - t * q, (-a * q) / (p * p + q * q) + t * p]);
  });
  const corners = [low, 1].flatMap(u => [low, 1].map(v => ({ u, v, t: u === v ? "black" : "white" })));
  const dashed = lines.map(line => Plot.line(line, { clip: true, strokeDasharray: "4 3", stroke: "white" }));
  const marks = [...dashed, Plot.dot(corners, { x: "u", y: "v", r: 7, stroke: "grey", fill: "t" })];
  return surface(net.predict({ x: pointsOf(window) }).y, { ...window, range: [low, 1], scheme: "Viridis", marks });
}

const xor = (per: string) => ({ what: `XOR, an update for ${per}: largest error of an output`, bar: atMost(0.1) });

export const row = zooRow({
  number: 2,
  title: "Feed forward (FF)",
  published: "D. Rumelhart, G. Hinton, R. Williams, Nature 323 (1986)",
  about:
    "A hidden layer learns what no single cell can: the exclusive or. The error of the output travels back through the " +
    "weights, so that hidden cells learn too. Cells with two transfer functions learn in three ways, from one start each.",
  chart: network([layer("input", 2), layer("hidden", HIDDEN), layer("output", 1)]),
  program: main,
  figures: {
    perSample: xor("each pattern"),
    miniBatch: xor("two patterns"),
    fullBatch: xor("all four patterns"),
    gradient: { what: "gradient of the batch − mean of the patterns' gradients, largest part", bar: atMost(1e-6) },
  },
  async show(lab) {
    const runs = [...(await train(lab, "unipolar")), ...(await train(lab, "bipolar"))];
    const worst = (regime: string): number => Math.max(...runs.filter(r => r.regime === regime).map(r => r.worst));
    const [perSample, miniBatch, fullBatch] = Object.keys(REGIMES).map(worst);
    const z = input("z", [121]);
    const shapes = { unipolar: unipolar(z), bipolar: bipolar(z), "slope of it": grad(bipolar(z).sum(), z) };
    const drawn = evaluate(shapes, { z: Array.from({ length: 121 }, (_, i) => i / 10 - 6) });
    const log = { y: { type: "log", label: "error" }, x: { label: "epoch" } } as const;
    return {
      figures: { perSample, miniBatch, fullBatch, gradient: Math.max(...runs.map(r => r.gap)) },
      exhibits: [
        {
          title: "Learning the exclusive or",
          caption: "Answers of bipolar cells between the patterns, epochs 0, 1, 4, 9 …; dashed: where a cell switches.",
          html: film(runs[3].frames),
        },
        { title: "The same with unipolar cells", html: film(runs[0].frames) },
        {
          title: "Transfer functions",
          html: curves(drawn, { every: 0.1, x: { label: "net", transform: t => t - 6 } }),
        },
        { title: "Error in each epoch", html: curves(Object.fromEntries(runs.map(r => [r.name, r.errors])), log) },
      ],
    };
  },
});
