// Output units and their losses: linear for the mean of a Gaussian, two linear ones for mean and variance, sigmoid for
// Bernoulli variables, softmax for classes; and why likelihoods are computed from logits.
// C. Bishop, Mixture density networks (1994); J. Bridle, Probabilistic interpretation of feedforward classification network
// outputs (1990); D. Nix and A. Weigend, Estimating the mean and variance of the target probability distribution (1994).
// Trained on: a noisy sine whose noise grows (a formula), and digits. Reached: the spread is learned to a few per cent;
// losses and gradients at logits of ±10⁴ are exact. Time: about a second.
import * as Plot from "@observablehq/plot";
import * as g from "gradc";
import { adam, dense, parameters } from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import { accuracy, digits, endless } from "./support/data.ts";
import { CLASSIFIERS, extremes } from "./support/output-units.ts";
import { curves, plot } from "./support/plot.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";

const BATCH = 128;
const B = g.dim("B", { max: 1024 });

/** y ~ N(μ(x), σ²(x)): −ln p = ½ ln 2πσ² + (y − μ)²/2σ², with the unit ln σ² so that σ² is positive. */
const x = g.input("x", [B, 1]);
const y = g.input("y", [B, 1]);
const hidden = g.tanh(dense(g.tanh(dense(x, 32, { name: "first" })), 32, { name: "second" }));
const mu = dense(hidden, 1, { name: "mean" });
const logVariance = dense(hidden, 1, { name: "logVariance" });
const error = g.square(g.sub(y, mu));
const squared = g.mean(error); // constant variance: the likelihood is the squared error
const likelihood = g.mean(
  g.mul(0.5, g.add(g.add(logVariance, Math.log(2 * Math.PI)), g.div(error, g.exp(logVariance)))),
);
const gaussian = g.program("gaussian", {
  fitMean: {
    inputs: [x, y],
    outputs: { loss: squared },
    updates: adam({ learningRate: 0.01, name: "mse" })(parameters(squared), g.grad(squared, parameters(squared))),
  },
  fit: {
    inputs: [x, y],
    outputs: { loss: likelihood },
    updates: adam({ learningRate: 0.003 })(parameters(likelihood), g.grad(likelihood, parameters(likelihood))),
  },
  predict: { inputs: [x], outputs: { mu, sigma: g.exp(g.mul(0.5, logVariance)) } },
});
export default gaussian;

const noise = (at: number): number => 0.05 + 0.15 * (at + 1);

export const row = zooRow({
  number: 29,
  title: "Output units and losses",
  published: "J. Bridle (1990), C. Bishop (1994), D. Nix and A. Weigend (1994)",
  about:
    "What the last layer means decides the loss: every loss here is the negative logarithm of a likelihood. Linear units " +
    "are means (and variances) of Gaussians, sigmoid units chances, softmax units one choice among many.",
  chart: network([layer("input", 1), layer("hidden", 4), layer("hidden", 4), layer("output", 2)]),
  program: gaussian,
  figures: {
    exact: { what: "losses and slopes at logits of ±10⁴ and 0: largest relative error", bar: atMost(1e-6) },
    spread: { what: "noisy sine: mean relative error of the learned σ(x)", bar: atMost(0.2) },
    mean: { what: "noisy sine: root mean square error of the learned mean", bar: atMost(0.05) },
    softmax: { what: "digits, softmax and cross-entropy", bar: atLeast(0.95), unit: "%" },
    bernoulli: { what: "digits, ten sigmoid units", bar: atLeast(0.95), unit: "%" },
    linear: { what: "digits, linear units and squared error", bar: atLeast(0.94), unit: "%" },
  },
  async show(lab) {
    const logits = [1e4, -1e4, 0, 1e4, -1e4];
    const target = [1, 1, 1, 0, 0];
    const edge = (await lab.compile(extremes)).losses({ z: logits, t: target });
    const far = (found: ArrayLike<number>, wanted: readonly number[]): number =>
      Math.max(
        ...wanted.map((w, i) =>
          Number.isFinite(found[i]) ? Math.abs(found[i] - w) / Math.max(1, Math.abs(w)) : Infinity,
        ),
      );
    const wanted = [0, 1e4, Math.LN2, 1e4, 0];
    const exact = Math.max(
      far(edge.bernoulli, wanted),
      far(edge.textbook, wanted),
      far(edge.bernoulliSlope, [0, -1, -0.5, 1, 0]),
      far([edge.softmax], [Math.LN2]), // two of five share the largest logit
      far(edge.softmaxSlope, [-0.5, 0, 0, 0.5, 0]),
    );
    const net = await lab.compile(gaussian);
    const draw = (n: number): { x: number[]; y: number[] } => {
      const at = Array.from({ length: n }, () => 2 * lab.random.uniform() - 1);
      return { x: at, y: at.map(v => Math.sin(3 * v) + noise(v) * lab.random.normal()) };
    };
    const losses: number[] = [];
    for (const _ of lab.steps(300, "the mean")) net.fitMean(draw(BATCH));
    for (const _ of lab.steps(2500, "mean and variance")) losses.push(net.fit(draw(BATCH)).loss);
    const grid = Array.from({ length: 101 }, (_, i) => i / 50 - 1);
    const { mu, sigma } = net.predict({ x: grid });
    const average = (f: (v: number, i: number) => number): number =>
      grid.reduce((sum, v, i) => sum + f(v, i), 0) / grid.length;
    const band = grid.map((v, i) => ({ x: v, mu: mu[i], low: mu[i] - 2 * sigma[i], high: mu[i] + 2 * sigma[i] }));
    const some = draw(500);
    const cloud = some.x.map((v, i) => ({ x: v, y: some.y[i] }));
    const { train, test } = digits();
    const found: Record<string, number> = {};
    for (const [name, program] of Object.entries(CLASSIFIERS)) {
      const one = await lab.compile(program);
      const batches = endless(train, 32, lab.random);
      for (const _ of lab.steps(1200, name)) {
        const { x: image, label } = batches.next().value;
        one.train({ image, label });
      }
      found[name] = accuracy(one.predict({ image: test.x }).logits, test.label);
    }
    return {
      figures: {
        exact,
        spread: average((v, i) => Math.abs(sigma[i] / noise(v) - 1)),
        mean: Math.sqrt(average((v, i) => (mu[i] - Math.sin(3 * v)) ** 2)),
        softmax: found.softmax,
        bernoulli: found.bernoulli,
        linear: found.linear,
      },
      exhibits: [
        {
          title: "A mean and its spread",
          caption: "Two output units: μ(x), and the band of 2 σ(x) that should hold 95 % of the points.",
          html: plot({
            marks: [
              Plot.areaY(band, { x: "x", y1: "low", y2: "high", fill: "#4fa3e0", fillOpacity: 0.3 }),
              Plot.dot(cloud, { x: "x", y: "y", r: 1.5, fillOpacity: 0.5, fill: "currentColor" }),
              Plot.lineY(band, { x: "x", y: "mu", stroke: "#e8743b", strokeWidth: 2 }),
            ],
          }),
        },
        { title: "−ln p of a batch", html: curves({ loss: losses.filter((_, i) => i % 5 === 0) }, { every: 5 }) },
      ],
    };
  },
});
