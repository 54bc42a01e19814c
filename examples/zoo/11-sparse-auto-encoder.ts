// The sparse auto encoder: more hidden units than inputs, but each may be active only 5 % of the time, so that a picture
// is put together from a few parts. B. Olshausen and D. Field, Emergence of simple-cell receptive field properties by
// learning a sparse code for natural images, Nature 381 (1996); with the penalty of A. Ng, Sparse autoencoder (2011).
// Trained on digits of 8×8 pixels. Reached: mean activation 0.053, a third of the error of row 8. Time: 1 s.
import {
  constantInit,
  dim,
  div,
  grad,
  input,
  mean,
  meanSquaredError,
  model,
  mul,
  named,
  program,
  sigmoid,
  sub,
  type Tensor,
} from "gradc";
import { adamW, cosineDecay, dense, parameters } from "gradc/nn";
import { trainedAutoEncoder } from "./08-auto-encoder.ts";
import { layer, network } from "./support/chart.ts";
import { digits } from "./support/data.ts";
import { learningCurves } from "./support/learning-curve.ts";
import { curves, film, images, text } from "./support/plot.ts";
import { atMost, zooRow } from "./support/row.ts";

const STEPS = 2000;
const UNITS = 196;
const SPARSITY = 0.05; // ρ
const WEIGHT = 0.005; // of the penalty

/** KL(ρ ‖ ρ̂) of coins that fall with probability ρ and ρ̂, summed over the units. */
const divergence = (rho: number, average: Tensor<"f32">) =>
  div(rho, average)
    .log()
    .mul(rho)
    .add(
      div(1 - rho, sub(1, average))
        .log()
        .mul(1 - rho),
    )
    .sum();

const x = input("x", [dim("B", { max: 1438 }), 64]);
const h = input("h", [dim("N", { max: 1438 }), UNITS]);

// Units begin at the activation that they are to have.
const biasInit = constantInit(Math.log(SPARSITY / (1 - SPARSITY)));
const hidden = dense(x, UNITS, { name: "hidden", activation: sigmoid, biasInit });
const decode = model((h: Tensor<"f32">) => dense(h, 64, { name: "out", activation: sigmoid }));

const picture = decode(hidden);
const error = meanSquaredError(picture, x);
const averages = named("averages", mean(hidden, 0)); // of each unit over the batch: ρ̂
const loss = error.add(mul(WEIGHT, divergence(SPARSITY, averages)));
const params = parameters(loss);
// Without decay, large outgoing weights would let units whisper: all would be active a little for every picture.
const learningRate = cosineDecay({ initial: 0.01, steps: STEPS });
const optimizer = adamW({ learningRate, weightDecay: 0.5, decays: name => name === "out.w" });

const sparse = program("sparseAutoEncoder", {
  learn: { inputs: [x], outputs: { error, averages }, updates: optimizer(params, grad(loss, params)) },
  encode: { inputs: [x], outputs: { hidden, picture, error, averages } },
  decode: { inputs: [h], outputs: { picture: decode(h) } },
});
export default sparse;

export const row = zooRow({
  number: 11,
  title: "Sparse auto encoder (SAE)",
  published: "B. Olshausen and D. Field, Nature 381 (1996); M. Ranzato and others, NIPS (2006)",
  about:
    "Three times as many hidden units as pixels: without more, such a network would just copy. A penalty on the average " +
    "activation of each unit over the batch forces them to be silent most of the time, and each finds a part that is " +
    "worth speaking up for.",
  chart: network([layer("input", 2), layer("hidden", 5), layer("match input output", 2)]),
  program: sparse,
  figures: {
    activation: { what: "test digits: distance of the mean activation from 0.05", bar: atMost(0.02) },
    units: { what: "the same distance for each unit of its own, in the mean", bar: atMost(0.02) },
    share: {
      what: "test digits: error of reconstruction, as a share of the error of row 8",
      bar: atMost(1),
      reference: "scikit-learn, dictionary of 196 atoms, 10 used: MSE 0.0041 (tests/oracle/zoo_autoencoders.py)",
      unit: "%",
    },
  },
  async show(lab) {
    const { train, test } = digits();
    const net = await lab.compile(sparse);
    const measure = () => net.encode({ x: test.x }).error;
    const curve = learningCurves(lab, train, { steps: STEPS, size: 64 }, ({ x }) => net.learn({ x }).error, measure);
    const { hidden, error, averages } = net.encode({ x: test.x });
    const average = (values: Float32Array) => values.reduce((total, value) => total + value, 0) / values.length;
    const dense = await trainedAutoEncoder(lab);

    const look = { width: 8, height: 8, columns: 16, range: [0, 1] } as const;
    const shown = test.x.subarray(0, 16 * 64);
    const codes = Array.from({ length: 16 }, (_, i) => hidden.subarray(i * UNITS, (i + 1) * UNITS));
    const falling = (values: Float32Array) => values.toSorted().reverse();
    /** The first digits, put together from their `count` strongest units. */
    const assembled = (count: number) =>
      net.decode({ h: codes.flatMap(own => [...own.map(v => (v >= falling(own)[count - 1] ? v : 0))]) }).picture;
    return {
      figures: {
        activation: Math.abs(average(averages) - SPARSITY),
        units: average(averages.map(value => Math.abs(value - SPARSITY))),
        share: error / dense.loss,
      },
      exhibits: [
        {
          title: "What each hidden unit adds to a picture",
          caption: "The outgoing weights of the 196 units: light where a unit brightens, dark where it darkens.",
          html: images(net.variables["out.w"].get(), { ...look, columns: 28, range: [-3, 3] }),
        },
        {
          title: "Digits put together",
          caption: "Above: test digits. Below: decoded from their strongest units alone, one unit more in each frame.",
          html: film(
            [...Array(40).keys(), UNITS].map(n => images([...shown, ...assembled(n)], look) + text(`${n} units`)),
          ),
        },
        {
          title: "Few units speak",
          caption: "Activations of the units, strongest first: for one digit, and in the mean over all test digits.",
          html: curves({ "one digit": falling(codes[0]), mean: falling(averages) }, { x: { label: "unit" } }),
        },
        {
          title: "Error of reconstruction",
          caption: `Mean squared error of a pixel; row 8, with a code of 8 numbers, has ${dense.loss.toFixed(4)}.`,
          html: curves(curve, { every: 100, y: { label: "error", domain: [0, 0.04] } }),
        },
      ],
    };
  },
});
