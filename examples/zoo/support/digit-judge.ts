import * as g from "gradc";
import * as nn from "gradc/nn";
import { convolution, crossEntropy, dense, dropout, inference, type Mode, oneCycle, training } from "gradc/nn";
import { accuracy, type Split, type Table, take } from "./data.ts";
import { type ImageClassifier, largest, learn, logitsOf } from "./image-classifier.ts";
import type { Lab } from "./lab.ts";

const [BATCH, EPOCHS] = [32, 30];

/** 8×8 → 4×4×16 → 2×2×32 → 64 → 10. */
const classify = g.model((x: g.Tensor<"f32">, mode: Mode) => {
  const activation = g.relu;
  const init = g.heNormal();
  const stage = (maps: g.Tensor<"f32">, filters: number, name: string) =>
    g.maxPool(convolution(maps, filters, 3, { name, padding: "same", activation, init }), 2);
  const maps = dropout(g.flatten(stage(stage(x, 16, "c1"), 32, "c2"), 1), 0.3, mode);
  return dense(dense(maps, 64, { name: "f", activation, init }), 10, { name: "out" });
});

/** A program that learns to name digits of 8×8 pixels from so many of them. */
function digitClassifier(examples: number) {
  const [x, label] = [g.input("x", [BATCH, 8, 8, 1]), g.input("label", [BATCH], "i32")];
  const mode = training(g.state("key", g.key(1)));
  const loss = crossEntropy(classify(x, mode), label);
  const params = nn.parameters(loss);
  const steps = EPOCHS * Math.floor(examples / BATCH);
  const optimizer = nn.adamW({ learningRate: oneCycle({ peak: 0.005, steps }), weightDecay: 0.05 });
  const updates = [...optimizer(params, g.grad(loss, params)), ...mode.updates];
  const images = g.input("images", [g.dim("N", { max: 400 }), 8, 8, 1]);
  return g.program("judge", {
    train: { inputs: [x, label], outputs: { loss }, updates },
    predict: { inputs: [images], outputs: { logits: classify(images, inference) } },
  });
}

/** Who names pictures of digits that another network made. */
export interface Judge {
  /** The share of the test digits that it names right. */
  readonly accuracy: number;
  /** What each picture is, ten probabilities for each. */
  probabilities(pictures: ArrayLike<number>): number[][];
  /** The digit that each picture is taken for. */
  names(pictures: ArrayLike<number>): number[];
}

/** A judge that learned from the training digits of `split`, and was seeded on its own. */
export async function trainedJudge(lab: Lab, { train, test }: Split): Promise<Judge> {
  const net: ImageClassifier = await lab.compile(digitClassifier(train.length), { seed: lab.seed + 1000 });
  learn(net, train, lab.random, { epochs: lab.steps(EPOCHS, "the judge"), batch: BATCH, shift: 0.5 });
  const scores = (pictures: ArrayLike<number>): number[] => {
    const [x, length] = [Float32Array.from(pictures), pictures.length / 64];
    return logitsOf(net, { x, label: new Int32Array(length), width: 64, length });
  };
  return {
    accuracy: accuracy(scores(test.x), test.label),
    names: pictures => largest(scores(pictures), 10),
    probabilities: pictures => softmaxes(scores(pictures), 10),
  };
}

function softmaxes(scores: readonly number[], classes: number): number[][] {
  return Array.from({ length: scores.length / classes }, (_, i) => {
    const own = scores.slice(classes * i, classes * (i + 1));
    const powers = own.map(v => Math.exp(v - Math.max(...own)));
    const total = powers.reduce((a, b) => a + b);
    return powers.map(power => power / total);
  });
}

/** Every second example of a table, and the others: one half for whoever draws, one for the judge. */
export function halves(table: Table): readonly [Table, Table] {
  const rows = Array.from(table.label.keys());
  return [
    take(
      table,
      rows.filter(i => i % 2 === 0),
    ),
    take(
      table,
      rows.filter(i => i % 2 === 1),
    ),
  ];
}
