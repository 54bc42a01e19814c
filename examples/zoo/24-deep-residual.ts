// The deep residual network: every two layers learn what is to be added to what comes in, so that signals and gradients
// have a way through hundreds of layers. The plain network is the same without the additions.
// K. He, X. Zhang, S. Ren, J. Sun, Deep residual learning for image recognition, CVPR 2016 (architecture of section 4.2).
// Trained on digits of 8×8 pixels for 400 steps, with 20 and with 56 layers.
// Reached: 97 % of the test digits with 56 layers, where the plain network names a third right; 300 layers compile in
// little more than a second, their gradients are finite. Time: 9 s, and as much for compiling.

import type { Tensor } from "gradc";
import * as g from "gradc";
import * as nn from "gradc/nn";
import { convolution, dense, inference, type Mode } from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import { digits, take } from "./support/data.ts";
import { gradientSizes, gradientsByLayer, gradientsOf, timesOfDepths, trained } from "./support/depth.ts";
import { learn, logitsOf, tested } from "./support/image-classifier.ts";
import { mistakes } from "./support/mistakes.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";

const [CHANNELS, BATCH, EPOCHS] = [4, 32, 9];
const STEPS = EPOCHS * Math.floor(1438 / BATCH);

type Maps = Tensor<"f32">; // [n, height, width, channels]

/** Maps of mean 0 and variance 1, over the batch or without asking any other example, then scaled and shifted. */
type Norm = (maps: Maps, name: string, mode: Mode) => Maps;
const NORMS = {
  batch: (maps, name, mode) => nn.batchNorm(maps, { name }, mode),
  group: (maps, name) => nn.groupNorm(maps, 2, { name }),
  instance: (maps, name) => nn.instanceNorm(maps, { name }),
  rms: (maps, name) => nn.rmsNorm(maps, { name }),
} satisfies Record<string, Norm>;

/** x itself; where the block halves the maps, every other pixel of them, and zeros as further channels. */
const shortcut = (x: Maps, halves: boolean): Maps =>
  halves ? g.slice(x, [0, 0, 0, 0], [...x.shape], [1, 2, 2, 1]).pad([0, 0, 0, [0, x.shape[3] as number]]) : x;

type Convolved = (x: Maps, channels: number, name: string, strides?: number) => Maps;

/** relu(F(x) + x) with F of two convolutions; the plain one is relu(F(x)). */
function block(x: Maps, channels: number, name: string, skips: boolean, convolved: Convolved): Maps {
  const halves = x.shape[3] !== channels;
  const inner = convolved(x, channels, `${name}.first`, halves ? 2 : 1).relu();
  const y = convolved(inner, channels, `${name}.second`);
  return (skips ? y.add(shortcut(x, halves)) : y).relu();
}

/** A convolution; blocks in three stages, 8×8×4, 4×4×8 and 2×2×16; the mean of each map; a dense layer. */
export function deepNetwork(depth: number, skips: boolean, norm: Norm = NORMS.batch) {
  const blocks = (depth - 2) / 2;
  const logits = g.model((images: Maps, mode: Mode) => {
    /** norm(conv(x)), windows of 3×3, zeros around x. */
    const convolved: Convolved = (x, channels, name, strides = 1) => {
      const y = convolution(x, channels, 3, { name, strides, padding: "same", bias: false, init: g.heNormal() });
      return norm(y, `${name}.norm`, mode);
    };
    let x = convolved(images, CHANNELS, "first").relu();
    for (let i = 0; i < blocks; i++) {
      const stage = Math.floor((3 * i) / blocks);
      x = block(x, CHANNELS * 2 ** stage, `block${i}`, skips, convolved);
    }
    return dense(g.mean(x, [1, 2]), 10, { name: "out" });
  });
  const [x, label] = [g.input("x", [BATCH, 8, 8, 1]), g.input("label", [BATCH], "i32")];
  const mode = nn.training(g.state("key", g.key(1)));
  const loss = nn.crossEntropy(logits(x, mode), label);
  const params = nn.parameters(loss);
  const optimizer = nn.momentum({ learningRate: nn.cosineDecay({ initial: 0.03, steps: STEPS }) });
  const updates = [...optimizer(params, g.grad(loss, params)), ...mode.updates];
  const images = g.input("images", [g.dim("N", { max: 400 }), 8, 8, 1]);
  return g.program(`${skips ? "residual" : "plain"}${depth}`, {
    train: { inputs: [x, label], outputs: { loss }, updates },
    predict: { inputs: [images], outputs: { logits: logits(images, inference) } },
  });
}

const main = deepNetwork(56, true);
export default main;

const NETWORKS = {
  "residual, 56 layers": main,
  "plain, 56 layers": deepNetwork(56, false),
  "residual, 20 layers": deepNetwork(20, true),
  "plain, 20 layers": deepNetwork(20, false),
  "residual, 20 layers, group norm": deepNetwork(20, true, NORMS.group),
  "residual, 20 layers, instance norm": deepNetwork(20, true, NORMS.instance),
  "residual, 20 layers, RMS norm": deepNetwork(20, true, NORMS.rms),
};
const DEPTHS = [20, 56, 140, 300];
const ONLY = { only: ["train"] };
const KINDS = ["input", "convolution", "convolution", "convolution", "convolution", "convolution", "output"] as const;

export const row = zooRow({
  number: 24,
  title: "Deep residual (DRN)",
  published: "K. He, X. Zhang, S. Ren, J. Sun, CVPR (2016)",
  about:
    "A layer that is not needed is hard to learn: the identity is a special function among many. Here it is what layers do " +
    "that have learned nothing, for they add to what comes in. Plain networks of that depth do not even fit the training digits.",
  chart: network(KINDS.map((kind, i) => layer(kind, 4, i % 2 === 1 && i < 5 ? { skips: [i + 2] } : {}))),
  program: main,
  figures: {
    gain: {
      what: "56 layers, after the same steps: test digits named right, residual − plain",
      bar: atLeast(0.01),
      unit: "%",
    },
    loss: { what: "56 layers: training loss of the residual net ÷ that of the plain one", bar: atMost(1) },
    finite: { what: "300 layers: share of the gradient's entries that are finite", bar: atLeast(1) },
    compile: { what: "300 layers, forward, backward and update: seconds to compile", bar: atMost(2), time: true },
    linear: { what: "compile time of a layer, of 300 ÷ of 56", bar: atMost(1.5), time: true },
  },
  async show(lab) {
    const split = digits();
    const first = take(split.train, [...Array(BATCH).keys()]);
    const losses: Record<string, readonly number[]> = {};
    const slopes: Record<string, readonly number[]> = {};
    const shares: number[] = [];
    const logits: number[][] = [];
    for (const [name, program] of Object.entries(NETWORKS)) {
      const net = await lab.compile(program);
      slopes[name] = gradientSizes(net, first);
      net.reset(lab.seed);
      losses[name] = learn(net, split.train, lab.random, { epochs: lab.steps(EPOCHS, name), batch: BATCH });
      shares.push(tested(net, split));
      logits.push(logitsOf(net, split.test));
    }
    const deepest = await lab.compile(deepNetwork(300, true), ONLY);
    const gradient = gradientsOf(deepest, first).flatMap(values => Array.from(values));
    const seconds: number[] = [];
    for (const depth of DEPTHS) seconds.push(await lab.secondsToCompile(deepNetwork(depth, true), ONLY));
    const [residual, plain] = Object.values(losses).map(curve => curve.at(-1) ?? Number.NaN);
    return {
      figures: {
        gain: shares[0] - shares[1],
        loss: residual / plain,
        finite: gradient.filter(Number.isFinite).length / gradient.length,
        compile: seconds[3],
        linear: seconds[3] / 300 / (seconds[1] / 56),
      },
      exhibits: [
        trained(losses, shares),
        gradientsByLayer(slopes),
        timesOfDepths(DEPTHS, seconds),
        mistakes(logits[0], split.test),
      ],
    };
  },
});
