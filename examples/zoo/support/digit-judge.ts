import { dim, flatten, grad, heNormal, input, key, maxPool, model, program, relu, state, type Tensor } from "gradc";
import {
  adamW,
  batchNorm,
  convolution,
  crossEntropy,
  dense,
  dropout,
  inference,
  type Mode,
  oneCycle,
  parameters,
  training,
} from "gradc/nn";
import type { Split } from "./data.ts";
import { learn, logitsOf } from "./image-classifier.ts";
import type { Lab } from "./lab.ts";

const [BATCH, EPOCHS, DIGITS] = [32, 12, 10];
const init = heNormal();

/** relu(norm(conv(x))), of which every other pixel stays. */
const stage = (x: Tensor<"f32">, filters: number, name: string, mode: Mode): Tensor<"f32"> => {
  const y = convolution(x, filters, 3, { name, padding: "same", bias: false, init });
  return maxPool(relu(batchNorm(y, { name: `${name}.norm` }, mode)), 2);
};

/** 8×8 → 4×4×24 → 2×2×48 → 64 → 10. */
const network = model((x: Tensor<"f32">, mode: Mode) => {
  const maps = flatten(stage(stage(x, 24, "c1", mode), 48, "c2", mode), 1);
  const hidden = dense(dropout(maps, 0.4, mode), 64, { name: "f", activation: relu, init });
  return dense(hidden, DIGITS, { name: "out" });
});

function classifier(steps: number) {
  const [x, label] = [input("x", [BATCH, 8, 8, 1]), input("label", [BATCH], "i32")];
  const mode = training(state("key", key(1)));
  const loss = crossEntropy(network(x, mode), label);
  const params = parameters(loss);
  const optimizer = adamW({ learningRate: oneCycle({ peak: 0.008, steps }), weightDecay: 0.1 });
  const images = input("images", [dim("N", { max: 400 }), 8, 8, 1]);
  return program("judge", {
    train: {
      inputs: [x, label],
      outputs: { loss },
      updates: [...optimizer(params, grad(loss, params)), ...mode.updates],
    },
    predict: { inputs: [images], outputs: { logits: network(images, inference) } },
  });
}

/** What a classifier says of many pictures. Entropies in nats. */
export interface Judgement {
  /** H(label | picture), the mean over all pictures: 0 where each is one digit for sure. */
  readonly entropy: number;
  /** H(label) over all pictures: ln 10 where all digits are as frequent. */
  readonly coverage: number;
  /** How many of the pictures are named 0, 1, …, 9. */
  readonly shares: readonly number[];
  /** Their names. */
  readonly labels: readonly number[];
}

const entropyOf = (p: readonly number[]): number => p.reduce((h, q) => h - (q > 0 ? q * Math.log(q) : 0), 0);

/** Trains a convolutional network to name digits of 8×8 pixels, and returns what it says of other pictures. */
export async function digitJudge(lab: Lab, { train }: Split): Promise<(pictures: Float32Array) => Judgement> {
  const net = await lab.compile(classifier(EPOCHS * Math.floor(train.length / BATCH)));
  learn(net, train, lab.random, { epochs: lab.steps(EPOCHS, "training the judge"), batch: BATCH, shift: 0.5 });
  return x => {
    const length = x.length / 64;
    const logits = logitsOf(net, { x: Float32Array.from(x), label: new Int32Array(length), width: 64, length });
    const rows = Array.from({ length }, (_, i) => {
      const own = logits.slice(DIGITS * i, DIGITS * (i + 1));
      const powers = own.map(v => Math.exp(v - Math.max(...own)));
      const total = powers.reduce((a, b) => a + b);
      return powers.map(power => power / total);
    });
    const mean = (of: (row: number[]) => number): number => rows.reduce((sum, row) => sum + of(row), 0) / length;
    const each = Array.from({ length: DIGITS }, (_, digit) => digit);
    const labels = rows.map(row => row.indexOf(Math.max(...row)));
    return {
      entropy: mean(entropyOf),
      coverage: entropyOf(each.map(digit => mean(row => row[digit]))),
      shares: each.map(digit => labels.filter(label => label === digit).length / length),
      labels,
    };
  };
}
