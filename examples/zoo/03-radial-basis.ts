// Radial basis network: bells around centres, φₖ(x) = exp(−‖x − cₖ‖² / 2σ²), and a linear output. No gradient descent:
// k-means finds the centres, their distances the width, and one linear system the weights.
// D. S. Broomhead & D. Lowe, Complex Systems 2 (1988); J. Moody & C. Darken, Neural Computation 1 (1989).
// Trained on 400 noisy points of a curve (MacKay's Hermite function), and on 1,438 handwritten digits of 64 pixels.
// Reached: 0.009 RMSE from the curve itself; 98.9 % of 359 other digits. Time: 0.2 s.
import * as Plot from "@observablehq/plot";
import * as g from "gradc";
import { dim, eye, input, param, program, set, state, type Tensor, zeros, zerosInit } from "gradc";
import { captioned } from "./support/captioned.ts";
import { layer, network } from "./support/chart.ts";
import { accuracy, digits, take } from "./support/data.ts";
import { mistakes } from "./support/mistakes.ts";
import { curves, film, images, plot } from "./support/plot.ts";
import { oneHot, rmse } from "./support/regression.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";

const N = dim("N", { max: 1438 });
const RIDGE = 1e-3;

function radialBasis(inputs: number, centres: number, outputs: number) {
  const x = input("x", [N, inputs]);
  const target = input("target", [N, outputs]);
  const c = param("centres", [centres, inputs]);
  const σ = state("width", zeros([]));
  const w = param("w", [centres, outputs], zerosInit());

  const squaredDistances = (a: Tensor<"f32">, b: Tensor<"f32">) => a.expandDims(1).sub(b).square().sum(2);
  const bells = (width: Tensor<"f32">) => squaredDistances(x, c).div(width.square().mul(-2)).exp();

  // A step of k-means: each example goes to its nearest centre, each centre to the mean of its examples.
  const distances = squaredDistances(x, c);
  const nearest = distances.argmin(1);
  const means = g.segmentMean(x, nearest, { segments: centres });
  const chosen = g.bincount(nearest, { length: centres }).gt(0).expandDims(1);

  // The width is the mean distance of a centre from the next; the weights: (φᵀφ + λI)·w = φᵀ·target.
  const width = squaredDistances(c, c).add(eye(centres).mul(1e9)).min(1).sqrt().mean();
  const φ = bells(width);
  const weights = g.solve(φ.transpose().matmul(φ).add(eye(centres).mul(RIDGE)), φ.transpose().matmul(target));

  const activation = bells(σ);
  return program("radialBasis", {
    cluster: {
      inputs: [x],
      outputs: { distortion: distances.min(1).mean() },
      updates: [set(c, chosen.where(means, c))],
    },
    solve: { inputs: [x, target], outputs: { width }, updates: [set(σ, width), set(w, weights)] },
    predict: { inputs: [x], outputs: { y: activation.matmul(w), activation } },
  });
}

const CENTRES = 300;
const model = radialBasis(64, CENTRES, 10);
export default model;

const hermite = (x: number): number => 1.1 * (1 - x + 2 * x ** 2) * Math.exp(-(x ** 2) / 2);
const BELLS = [2, 4, 6, 8, 10, 12];

export const row = zooRow({
  number: 3,
  title: "Radial basis network (RBF)",
  published: "D. S. Broomhead & D. Lowe, Complex Systems 2 (1988); J. Moody & C. Darken, Neural Computation 1 (1989)",
  about:
    "Each hidden cell answers to what is near its centre. The centres are found without labels, by k-means; then the " +
    "best output weights are the solution of one linear system.",
  chart: network([layer("input", 2), layer("kernel", 3), layer("output", 2)]),
  program: model,
  figures: {
    curve: {
      what: "12 bells, 400 points with noise 0.05: RMSE from the curve without noise",
      bar: atMost(0.02),
      reference: "scikit-learn, KMeans and Ridge: 0.0099 (tests/oracle/zoo_solved.py)",
    },
    digits: {
      what: "300 centres, digits: share of the test images named right",
      bar: atLeast(0.97),
      unit: "%",
      reference: "scikit-learn, KMeans and Ridge: 98.6 % (tests/oracle/zoo_solved.py)",
    },
  },
  async show(lab) {
    const { random } = lab;
    const points = Float32Array.from({ length: 400 }, () => 8 * random.uniform() - 4);
    const noisy = points.map(x => hermite(x) + 0.05 * random.normal());
    const grid = Float32Array.from({ length: 201 }, (_, i) => 0.04 * i - 4);
    const truth = grid.map(hermite);
    const fits: string[] = [];
    let error = 0;
    for (const bells of BELLS) {
      const net = await lab.compile(radialBasis(1, bells, 1));
      net.variables.centres.set(points.subarray(0, bells));
      for (const _ of lab.steps(30, `${bells} bells`)) net.cluster({ x: points });
      net.solve({ x: points, target: noisy });
      const { y, activation } = net.predict({ x: grid });
      const w = net.variables.w.get();
      const line = (values: ArrayLike<number>, options: Plot.LineYOptions) =>
        Plot.lineY(Array.from(values), { x: grid, ...options });
      const marks = [
        Plot.dot(noisy, { x: points, y: noisy, r: 1, fillOpacity: 0.4 }),
        ...Array.from(w, (height, k) =>
          line(
            truth.map((_, i) => height * activation[i * bells + k]),
            { stroke: "#999", strokeWidth: 0.7 },
          ),
        ),
        line(truth, { stroke: "#4269d0", strokeDasharray: "4" }),
        line(y, { stroke: "#ff725c", strokeWidth: 2 }),
      ];
      fits.push(captioned({ [`${bells} bells`]: marks }, marks => plot({ marks, y: { domain: [-2, 4] } })));
      error = rmse(y, truth);
    }

    const { train, test } = digits();
    const net = await lab.compile(model);
    net.variables.centres.set(take(train, random.permutation(train.length).subarray(0, CENTRES)).x);
    const centres = (): string =>
      images(net.variables.centres.get().subarray(0, 64 * 75), { width: 8, height: 8, columns: 15, range: [0, 1] });
    const frames = [centres()];
    const distortion: number[] = [];
    for (const _ of lab.steps(15, "digits")) {
      distortion.push(net.cluster({ x: train.x }).distortion);
      frames.push(centres());
    }
    net.solve({ x: train.x, target: oneHot(train) });
    const { y } = net.predict({ x: test.x });
    return {
      figures: { curve: error, digits: accuracy(y, test.label) },
      exhibits: [
        {
          title: "A curve as a sum of bells",
          caption: "Dashed: the curve that is looked for. Red: the network, the sum of the grey bells.",
          html: film(fits),
        },
        {
          title: "Centres in search of their examples",
          caption: "75 of the 300. At first each is one digit; k-means makes it the mean of those around it.",
          html: film(frames),
        },
        { title: "Mean squared distance from the nearest centre", html: curves({ distortion }) },
        mistakes(y, test),
      ],
    };
  },
});
