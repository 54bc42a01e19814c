// Extreme learning machine: a hidden layer of random weights that never learn, h = σ(x·w + b), and a linear output, whose
// weights are the solution of ridge regression, (hᵀh + λI)·β = hᵀ·target, by Cholesky's factors.
// G.-B. Huang, Q.-Y. Zhu & C.-K. Siew, Extreme learning machine: theory and applications, Neurocomputing 70 (2006).
// Trained on their 5,000 noisy points of sin(x)/x, and on 1,438 handwritten digits of 64 pixels.
// Reached: 0.0086 RMSE from the curve itself; 98.6 % of 359 other digits. Time: 2 and 50 ms, one solve each.
import * as Plot from "@observablehq/plot";
import {
  cholesky,
  choleskySolve,
  dim,
  eye,
  type FloatDType,
  input,
  param,
  program,
  set,
  uniformInit,
  zerosInit,
} from "gradc";
import { layer, network } from "./support/chart.ts";
import { accuracy, digits, take } from "./support/data.ts";
import { mistakes } from "./support/mistakes.ts";
import { images, plot } from "./support/plot.ts";
import { oneHot, rmse } from "./support/regression.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";

const N = dim("N", { max: 5000 });

function extremeLearning<D extends FloatDType>(dtype: D, inputs: number, hidden: number, outputs: number) {
  const x = input("x", [N, inputs], dtype);
  const target = input("target", [N, outputs], dtype);
  const λ = input("ridge", [], dtype);
  const drawn = uniformInit({ low: -1, high: 1 });
  const w = param("w", [inputs, hidden], drawn, dtype);
  const b = param("b", [hidden], drawn, dtype);
  const β = param("beta", [hidden, outputs], zerosInit(), dtype);

  const h = x.matmul(w).add(b).sigmoid();
  const hT = h.transpose();
  const factor = cholesky(hT.matmul(h).add(eye(hidden, hidden, dtype).mul(λ)));
  return program("extremeLearning", {
    // w and b are not updated: they stay what they were drawn as.
    learn: { inputs: [x, target, λ], outputs: {}, updates: [set(β, choleskySolve(factor, hT.matmul(target)))] },
    predict: { inputs: [x], outputs: { y: h.matmul(β) } },
  });
}

const model = extremeLearning("f32", 64, 512, 10);
export default model;

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x) / x);
const FEW = 300;
const SIZES = [25, 50, 100, 150, 200, 250, 275, 300, 325, 350, 400, 500, 600];

export const row = zooRow({
  number: 22,
  title: "Extreme learning machine (ELM)",
  published: "G.-B. Huang, Q.-Y. Zhu & C.-K. Siew, Neurocomputing 70 (2006)",
  about:
    "The hidden cells look at random combinations of the inputs, and nothing ever changes them. Enough of them make the " +
    "rest a linear problem, which one system of equations solves: no steps, no learning rate.",
  chart: network([layer("input", 3), layer("hidden", 4), layer("hidden", 4), layer("output", 3)], ["sparse", "sparse"]),
  program: model,
  figures: {
    sinc: {
      what: "20 cells, 5,000 points of sin(x)/x with noise up to ±0.2: RMSE from the curve without noise",
      bar: atMost(0.02),
      reference: "0.0097 in the paper; scikit-learn, Ridge: 0.0092 (tests/oracle/zoo_solved.py)",
    },
    digits: {
      what: "512 cells, digits: share of the test images named right after one solve",
      bar: atLeast(0.95),
      unit: "%",
      reference: "scikit-learn, Ridge over random sigmoids: 98.1 % (tests/oracle/zoo_solved.py)",
    },
  },
  async show(lab) {
    // f64: 20 sigmoids of one number are nearly dependent.
    const curve = await lab.compile(extremeLearning("f64", 1, 20, 1));
    const points = Float64Array.from({ length: 5000 }, () => 20 * lab.random.uniform() - 10);
    const noisy = points.map(x => sinc(x) + 0.4 * lab.random.uniform() - 0.2);
    curve.learn({ x: points, target: noisy, ridge: 1e-6 });
    const grid = Float64Array.from({ length: 401 }, (_, i) => i / 20 - 10);
    const truth = grid.map(sinc);
    const { y: fitted } = curve.predict({ x: grid });

    const { train, test } = digits();
    const net = await lab.compile(model);
    net.learn({ x: train.x, target: oneHot(train), ridge: 0.1 });
    const { y } = net.predict({ x: test.x });

    // As many cells as examples can learn them all by heart, in just one way, and that a wild one.
    const few = take(train, lab.random.permutation(train.length).subarray(0, FEW));
    const shares: { hidden: number; share: number; ridge: string }[] = [];
    for (const hidden of SIZES) {
      const sized = await lab.compile(extremeLearning("f64", 64, hidden, 10));
      for (const ridge of [1e-8, 1]) {
        sized.learn({ x: few.x, target: oneHot(few), ridge });
        const share = accuracy(sized.predict({ x: test.x }).y, test.label);
        shares.push({ hidden, share, ridge: `λ = ${ridge}` });
      }
    }
    return {
      figures: { sinc: rmse(fitted, truth), digits: accuracy(y, test.label) },
      exhibits: [
        {
          title: "sin(x)/x from noise",
          caption: "Dots: 1,000 of the 5,000 points. Dashed: the curve itself. Red: 20 random sigmoids, well weighted.",
          html: plot({
            marks: [
              Plot.dot(noisy.subarray(0, 1000), { x: points.subarray(0, 1000), y: d => d, r: 0.8, fillOpacity: 0.4 }),
              Plot.lineY(truth, { x: grid, stroke: "#4269d0", strokeDasharray: "4" }),
              Plot.lineY(fitted, { x: grid, stroke: "#ff725c", strokeWidth: 2 }),
            ],
          }),
        },
        {
          title: "Double descent",
          caption:
            `Trained on ${FEW} digits only. With ${FEW} cells they are all learned by heart, at the cost of any other; ` +
            "with more cells there are many ways to do so, and the solve finds a tame one. Ridge has no such trouble.",
          html: plot({
            grid: true,
            color: { legend: true },
            x: { label: "hidden cells" },
            y: { label: "test digits named right", domain: [0, 1], tickFormat: "%" },
            marks: [Plot.lineY(shares, { x: "hidden", y: "share", stroke: "ridge", marker: "dot" })],
          }),
        },
        {
          title: "What 48 of the cells look for",
          caption: "Nothing: random weights. They told digits apart all the same.",
          html: images(
            Array.from({ length: 48 * 64 }, (_, i) => net.variables.w.get()[(i % 64) * 512 + Math.floor(i / 64)]),
            { width: 8, height: 8, columns: 16 },
          ),
        },
        mistakes(y, test),
      ],
    };
  },
});
