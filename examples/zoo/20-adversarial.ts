// Generative adversarial networks: a generator makes examples of noise, a discriminator tells them from real ones, and
// each learns from the other: two functions over shared parameters, called in turn, each of which updates one player.
// I. Goodfellow et al., Generative adversarial nets, NeurIPS (2014). DCGAN: A. Radford, L. Metz, S. Chintala, ICLR (2016).
// Trained on eight narrow Gaussians on a ring, on digits of 8×8 pixels (DCGAN), and on one Gaussian on a line.
// Reached: all 8 modes, 87 % of the points within 3 σ of one; a classifier is sure of the digits up to 0.27 nats (0.03 of
// real ones) and finds all ten. Time: 9 s.
import * as g from "gradc";
import { leakyRelu, model, relu, softplus, type Tensor, tanh } from "gradc";
import * as nn from "gradc/nn";
import { dense, inference, type Mode, training } from "gradc/nn";
import type { Game, Rules } from "./support/adversarial.ts";
import { layer, network } from "./support/chart.ts";
import { lineGame } from "./support/curve-case.ts";
import { digitGame } from "./support/digit-game.ts";
import { ringGame } from "./support/ring.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";

type Batch = Tensor<"f32">;
type Player = (x: Batch, mode: Mode) => Batch;

/** A training mode whose running statistics are not this function's to update. */
const passing = (mode: Mode): Mode => ({ ...mode, updates: [] });

function game(name: string, shape: readonly number[], generator: Player, discriminator: Player, rules: Rules) {
  const { latents, batch, steps, rateG, rateD, penalty } = rules;
  const G = model((z: Batch, mode: Mode) => g.scope("G", () => generator(z, mode)));
  const D = model((x: Batch, mode: Mode) => g.scope("D", () => discriminator(x, mode)));
  const randomKey = g.state("key", g.key(1));
  const [judging, making] = [training(randomKey), training(randomKey)];
  const noise = (mode: Mode): Batch => g.normal(mode.key(), [batch, latents]);

  // L_D = −ln σ(D(x)) − ln(1 − σ(D(G(z)))) + γ/2·‖∂D/∂x‖². The last term forbids D to be steep where the data are
  // (L. Mescheder, A. Geiger, S. Nowozin, ICML 2018). It holds a derivative: its gradient is one of second order.
  const x = g.input("x", [batch, ...shape]);
  const [real, fake] = [D(x, judging), D(G(noise(judging), passing(judging)), passing(judging))];
  const steepness = g.grad(real.sum(), x).square().sum().div(batch);
  const surprise = softplus(real.neg()).add(softplus(fake)).mean();
  const lossD = surprise.add(steepness.mul(penalty / 2));

  // L_G = −ln σ(D(G(z)))
  const made = G(noise(making), making);
  const lossG = softplus(D(made, passing(making)).neg()).mean();

  const turn = (name: string, player: Batch, loss: g.Scalar, initial: number, mode: Mode) => {
    const params = nn.parameters(player); // its own alone
    const optimizer = nn.adam({ name, learningRate: nn.cosineDecay({ initial, steps }), beta1: 0.5, beta2: 0.99 });
    return { outputs: { loss }, updates: [...optimizer(params, g.grad(loss, params)), ...mode.updates] };
  };
  const z = g.input("z", [g.dim("N", { max: 2500 }), latents]);
  const places = g.input("places", [g.dim("P", { max: 10_000 }), ...shape]);
  const turns = g.program(name, {
    discriminate: { inputs: [x], ...turn("adamD", real, lossD, rateD, judging) },
    generate: { inputs: [], ...turn("adamG", made, lossG, rateG, making) },
    make: { inputs: [z], outputs: { x: G(z, inference) } },
    judge: { inputs: [places], outputs: { logits: D(places, inference) } },
  });
  return { rules, turns };
}

/** Two hidden layers of so many cells. */
const plain = (cells: number, out: number, activation: (x: Batch) => Batch): Player => {
  const hidden = (x: Batch, name: string): Batch => dense(x, cells, { name, activation });
  return x => dense(hidden(hidden(x, "h1"), "h2"), out, { name: "out" });
};
const ringRules = { latents: 2, batch: 128, steps: 4000, rateG: 2e-3, rateD: 3e-3, penalty: 0.03 };
const ring = game("ring", [2], plain(64, 2, relu), plain(64, 1, relu), ringRules);
const lineRules = { latents: 1, batch: 256, steps: 1600, rateG: 7e-4, rateD: 1e-2, penalty: 0.02 };
const line = game("line", [1], plain(16, 1, tanh), plain(32, 1, relu), lineRules);

const twice = { strides: 2, padding: "same" } as const;
const normed = (x: Batch, name: string, mode: Mode): Batch => nn.batchNorm(x, { name }, mode);
const leaky = (x: Batch): Batch => leakyRelu(x, 0.2);
/** 16 – 2×2×32 – 4×4×16 – 8×8. */
const painter: Player = (z, mode) => {
  const small = dense(z, 128, { name: "seed", bias: false }).reshape([z.shape[0], 2, 2, 32]);
  const maps = relu(normed(small, "norm1", mode));
  const up = nn.transposedConvolution(maps, 16, 4, { name: "up1", bias: false, ...twice });
  const larger = relu(normed(up, "norm2", mode));
  return nn.transposedConvolution(larger, 1, 4, { name: "up2", activation: g.sigmoid, ...twice });
};
/** 8×8 – 4×4×24 – 2×2×48 – 1. */
const critic: Player = (x, mode) => {
  const maps = nn.convolution(x, 24, 4, { name: "down1", activation: leaky, ...twice });
  const down = nn.convolution(maps, 48, 4, { name: "down2", bias: false, ...twice });
  return dense(g.flatten(leaky(normed(down, "norm", mode)), 1), 1, { name: "out" });
};
const digitRules = { latents: 16, batch: 32, steps: 1500, rateG: 3e-3, rateD: 3e-3, penalty: 0.2 };
const dcgan = game("dcgan", [8, 8, 1], painter, critic, digitRules);
export default dcgan.turns;

const MATCH = "match input output";
const CELLS = ["backfed input", "hidden", "hidden", MATCH, "hidden", "hidden", MATCH] as const;

export const row = zooRow({
  number: 20,
  title: "Generative adversarial (GAN), DCGAN",
  published: "I. Goodfellow et al., NeurIPS (2014); A. Radford, L. Metz, S. Chintala, ICLR (2016)",
  about:
    "The generator never sees an example. It only hears from the discriminator how to look more like one, while the " +
    "discriminator learns to tell them apart. Where neither can gain any more, the generator draws what the data are " +
    "drawn from, and the discriminator is left to guess.",
  chart: network(CELLS.map(kind => layer(kind, kind === "hidden" ? 4 : 2))),
  program: dcgan.turns,
  figures: {
    modes: {
      what: "ring of 8 Gaussians, 2,500 points: modes that have at least a quarter of their due of good points",
      bar: atLeast(7),
    },
    good: { what: "the same: points within 3 standard deviations of a mode", bar: atLeast(0.8), unit: "%" },
    entropy: {
      what: "DCGAN, 2,500 digits: entropy of a classifier's answer, mean over the pictures",
      bar: atMost(0.4),
      unit: "nats",
      reference: "real test digits 0.03; a classifier that knows nothing 2.30",
    },
    coverage: {
      what: "DCGAN: entropy of the classifier's mean answer",
      bar: atLeast(2.2),
      unit: "nats",
      reference: "real test digits 2.27; at most 2.30",
    },
    classes: { what: "DCGAN: digits that at least every 40th picture is named", bar: atLeast(9) },
    variety: {
      what: "DCGAN, 359 pictures: mean distance to the nearest other, as a share of what it is for the test digits",
      bar: atLeast(0.8),
      unit: "%",
    },
    density: { what: "one Gaussian: total variation between its density and the generator's", bar: atMost(0.15) },
    doubt: {
      what: "one Gaussian: largest distance of σ(D) from ½, within two deviations of the mean",
      bar: atMost(0.15),
    },
  },
  async show(lab) {
    const play = async <K extends string>({ turns, rules }: typeof dcgan, game: Game<K>) => {
      const net = await lab.compile(turns);
      net.variables.key.set([1, lab.seed]);
      return game(lab, net, rules);
    };
    const played = [await play(line, lineGame), await play(ring, ringGame), await play(dcgan, digitGame)] as const;
    const [{ figures: onLine }, { figures: onRing }, { figures: ofDigits }] = played;
    return { figures: { ...onLine, ...onRing, ...ofDigits }, exhibits: played.flatMap(({ exhibits }) => exhibits) };
  },
});
