// The deep feed-forward network: several layers of piecewise linear units, whose slopes do not vanish as those of
// sigmoids do, and what keeps so many weights from learning the examples by heart: dropout, weight decay, early stopping.
// V. Nair and G. Hinton (rectified linear units, 2010), A. Maas et al. (leaky, 2013), K. Jarrett et al. (absolute value,
// 2009), K. He et al. (parametric, 2015), I. Goodfellow et al. (maxout, 2013), N. Srivastava et al. (dropout, 2014).
// Trained on digits of 8×8 pixels: three hidden layers of each kind of unit, and eight with skip connections.
// Reached: 97 to 98 % of the test digits with each. Time: 6 s for all.

import type { Tensor } from "gradc";
import * as g from "gradc";
import { adamW, crossEntropy, dense, dropout, inference, type Mode, parameters, training } from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import { accuracy, digits } from "./support/data.ts";
import { compared, learnedSlopes, whenToStop } from "./support/deep.ts";
import { trainUntilBest, withValidation } from "./support/early-stopping.ts";
import { channelsFirst } from "./support/image.ts";
import type { Lab } from "./support/lab.ts";
import { mistakes } from "./support/mistakes.ts";
import { images } from "./support/plot.ts";
import { atLeast, zooRow } from "./support/row.ts";

const [WIDTH, PIECES, SLOPE] = [128, 2, 0.25];
const STOPPING = { size: 64, epochs: 60, patience: 15 };
const B = g.dim("B", { max: 400 });

type Values = Tensor<"f32">; // [B, units]
type Layer = (x: Values, units: number, name: string) => Values;

/** x·w + b, with w of the variance 2 / inputs that units with a kink need (He et al. 2015). */
const affine: Layer = (x, units, name) => dense(x, units, { name, init: g.heNormal() });

const LAYERS = {
  relu: (...layer) => affine(...layer).relu(), // max(z, 0)
  leaky: (...layer) => g.leakyRelu(affine(...layer), 0.1), // z where z > 0, else 0.1·z
  absolute: (...layer) => affine(...layer).abs(), // |z|
  // z where z > 0, else a·z: each unit learns its a.
  parametric: (x, units, name) =>
    g.prelu(affine(x, units, name), g.param(`${name}.slope`, [units], g.constantInit(SLOPE))),
  // max_k (x·w_k + b_k): each unit learns its activation, as the largest of some lines.
  maxout: (x, units, name) =>
    affine(x, units * PIECES, name)
      .reshape([...x.shape.slice(0, -1), units, PIECES])
      .max(-1),
} satisfies Record<string, Layer>;
type Kind = keyof typeof LAYERS;

/** A network of hidden layers of one kind; its training with dropout after each, and weights that decay. */
function deepNetwork(kind: Kind, options: { depth?: number; width?: number; skips?: boolean; free?: boolean } = {}) {
  const { depth = 3, width = WIDTH, skips = false, free = false } = options;
  const logits = g.model((x: Values, mode: Mode) => {
    let h = x;
    for (let i = 1; i <= depth; i++) {
      const y = dropout(LAYERS[kind](h, width, `hidden${i}`), free ? 0 : 0.3, mode);
      h = skips && i > 1 ? h.add(y) : y; // the layer learns what is to be added to what comes in
    }
    return dense(h, 10, { name: "out" });
  });
  const [x, label] = [g.input("x", [B, 64]), g.input("label", [B], "i32")];
  const mode = training(g.state("key", g.key(1)));
  const loss = crossEntropy(logits(x, mode), label);
  const params = parameters(loss);
  const optimizer = adamW({ learningRate: 0.002, weightDecay: free ? 0 : 0.1, decays: name => name.endsWith(".w") });
  const y = logits(x, inference);
  return g.program(`deep-${kind}`, {
    train: {
      inputs: [x, label],
      outputs: { loss },
      updates: [...optimizer(params, g.grad(loss, params)), ...mode.updates],
    },
    test: { inputs: [x, label], outputs: { y, loss: crossEntropy(y, label) } },
  });
}

const main = deepNetwork("relu");
export default main;

const NETWORKS = {
  relu: main,
  leaky: deepNetwork("leaky"),
  absolute: deepNetwork("absolute"),
  parametric: deepNetwork("parametric"),
  maxout: deepNetwork("maxout"),
  skips: deepNetwork("relu", { depth: 8, width: 96, skips: true }),
};

async function learned(lab: Lab, title: string, network: typeof main) {
  const data = withValidation(digits(), 0.1, lab.random);
  const net = await lab.compile(network);
  const curve = trainUntilBest(lab, net, data, { ...STOPPING, title });
  const { y } = net.test({ x: data.test.x, label: data.test.label });
  return { net, curve, y, share: accuracy(y, data.test.label) };
}

type Learned = Awaited<ReturnType<typeof learned>>;

const share = (what: string, least: number, reference: string) => ({
  what: `digits, ${what}: test images named right`,
  bar: atLeast(least),
  unit: "%" as const,
  reference: `${reference} (tests/oracle/zoo_deep.py)`,
});

export const row = zooRow({
  number: 4,
  title: "Deep feed forward (DFF)",
  published: "V. Nair & G. Hinton, ICML (2010); N. Srivastava et al., Journal of Machine Learning Research 15 (2014)",
  about:
    "Layers of units with a kink: each bends space once more. A hundred thousand weights could learn a thousand digits by " +
    "heart; dropping units at random, letting weights decay, and stopping when digits that were set aside are named " +
    "worse keep them from it.",
  chart: network([layer("input", 3), layer("hidden", 4), layer("hidden", 4), layer("hidden", 4), layer("output", 2)]),
  program: main,
  figures: {
    relu: share("ReLU, dropout, weight decay, early stopping", 0.97, "scikit-learn MLPClassifier 96.9 %"),
    leaky: share("leaky ReLU", 0.96, "PyTorch 97.8 %"),
    absolute: share("absolute value", 0.96, "PyTorch 97.8 %"),
    parametric: share("parametric ReLU", 0.96, "PyTorch 97.2 %"),
    maxout: share("maxout of two", 0.96, "PyTorch 98.0 %"),
    skips: share("eight layers with skip connections", 0.96, "PyTorch 97.5 %"),
  },
  async show(lab) {
    const all = {} as Record<keyof typeof NETWORKS, Learned>;
    for (const [name, network] of Object.entries(NETWORKS)) {
      all[name as keyof typeof NETWORKS] = await learned(lab, name, network);
    }
    const { relu, leaky, absolute, parametric, maxout, skips } = all;
    const free = await learned(lab, "free", deepNetwork("relu", { free: true }));
    const slopes = (i: number) => parametric.net.variables[`hidden${i}.slope`].get();
    const filters = channelsFirst(relu.net.variables["hidden1.w"].get(), WIDTH);
    return {
      figures: {
        relu: relu.share,
        leaky: leaky.share,
        absolute: absolute.share,
        parametric: parametric.share,
        maxout: maxout.share,
        skips: skips.share,
      },
      exhibits: [
        whenToStop(relu, free),
        compared(all),
        learnedSlopes({ "first layer": slopes(1), second: slopes(2), third: slopes(3) }, SLOPE),
        {
          title: "What units of the first layer look for",
          html: images(filters, { width: 8, height: 8, columns: 24 }),
        },
        mistakes(relu.y, digits().test),
      ],
    };
  },
});
