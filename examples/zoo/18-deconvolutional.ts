// The deconvolutional network: the convolutional one run backwards, from class and style to a picture. Maps grow by
// transposed convolution (M. Zeiler, D. Krishnan, G. Taylor, R. Fergus, CVPR 2010; class and style to picture: A. Dosovitskiy,
// J. Springenberg, T. Brox, CVPR 2015), or by interpolation before a plain convolution (A. Odena et al., Distill 2016).
// What a style is, an encoder beside it finds out (a conditional variational auto encoder). Trained on half of 1,438 digits
// (8×8), a judge on the others: it names 99, 98, 98 % of 1,000 pictures as asked for (in this order). Time: 7 s.
import * as g from "gradc";
import { concat, relu, type Tensor } from "gradc";
import * as nn from "gradc/nn";
import { convolution, dense, transposedConvolution } from "gradc/nn";
import { type Artist, exhibition, explained, judged, order, pictures } from "./support/artists.ts";
import { layer, network } from "./support/chart.ts";
import { digits } from "./support/data.ts";
import { halves, trainedJudge } from "./support/digit-judge.ts";
import { learningCurves } from "./support/learning-curve.ts";
import { curves } from "./support/plot.ts";
import { atLeast, zooRow } from "./support/row.ts";
import { exhibit } from "./support/time.ts";

const [STEPS, BATCH, STYLE, NOISE, POINT] = [1500, 32, 4, 0.25, 50];
const rectified = { activation: relu, init: g.heNormal() };
/** Zeros around the maps keep their sizes, but for the strides. */
const layers = { padding: "same", ...rectified } as const;

type Batch = Tensor<"f32">; // [n, …]; maps are [n, height, width, channels]
/** Maps of twice the height and width, with so many channels. */
type Enlarge = (maps: Batch, channels: number, name: string) => Batch;

const variants = {
  transposed: (maps, channels, name) => transposedConvolution(maps, channels, 4, { name, strides: 2, ...layers }),
  nearest: (maps, channels, name) => convolution(g.upsample(maps, 2), channels, 3, { name, ...layers }),
  bilinear: (maps, channels, name) =>
    convolution(g.upsample(maps, 2, { mode: "linear" }), channels, 3, { name, ...layers }),
} satisfies Record<string, Enlarge>;
type Variant = keyof typeof variants;

function deconvolutional(name: Variant) {
  const enlarge: Enlarge = variants[name];

  /** Class and style → 2×2×32 → 4×4×16 → 8×8×12 → 8×8×1, pixels from 0 to 1. */
  const generator = g.model((label: Tensor<"i32">, style: Batch) => {
    const start = dense(concat([g.oneHot(label, 10), style], 1), 2 * 2 * 32, { name: "start", ...rectified });
    const maps = enlarge(enlarge(start.reshape([label.shape[0], 2, 2, 32]), 16, "up1"), 12, "up2");
    return convolution(maps, 1, 3, { name: "out", padding: "same", activation: g.sigmoid });
  });

  /** q(style | picture, class) = N(μ, σ²): 8×8×1 → 4×4×16 → 2×2×32 → μ, ln σ². */
  const encoder = g.model((x: Batch, label: Tensor<"i32">) => {
    const c1 = convolution(x, 16, 3, { name: "c1", strides: 2, ...layers });
    const c2 = convolution(c1, 32, 3, { name: "c2", strides: 2, ...layers });
    const seen = concat([g.flatten(c2, 1), g.oneHot(label, 10)], 1);
    return { mu: dense(seen, STYLE, { name: "mu" }), logVariance: dense(seen, STYLE, { name: "logVariance" }) };
  });

  const [x, label] = [g.input("x", [BATCH, 8, 8, 1]), g.input("label", [BATCH], "i32")];
  const { mu, logVariance } = encoder(x, label);
  const mode = nn.training(g.state("key", g.key(1)));
  const style = mu.add(logVariance.mul(0.5).exp().mul(g.normal(mode.key(), mu.shape)));
  const divergence = logVariance
    .exp()
    .add(mu.square())
    .sub(logVariance)
    .sub(1)
    .sum()
    .mul(0.5 / BATCH);
  // −E[ln p(x | class, style)] + KL(q ‖ N(0, 1)) of a picture; pixels are normal, their deviation is NOISE
  const error = generator(label, style).sub(x).square().sum().div(BATCH);
  const loss = error.div(2 * NOISE ** 2).add(divergence);
  const params = nn.parameters(loss);
  const optimizer = nn.adam({ learningRate: nn.cosineDecay({ initial: 0.008, steps: STEPS }) });

  const N = g.dim("N", { max: 1000 });
  const [pictures, labels] = [g.input("pictures", [N, 8, 8, 1]), g.input("labels", [N], "i32")];
  const styles = g.input("styles", [N, STYLE]);
  const updates = [...optimizer(params, g.grad(loss, params)), ...mode.updates];
  return g.program(name, {
    train: { inputs: [x, label], outputs: { loss }, updates },
    styleOf: { inputs: [pictures, labels], outputs: { styles: encoder(pictures, labels).mu } },
    draw: { inputs: [labels, styles], outputs: { pictures: generator(labels, styles) } },
  });
}

const transposed = deconvolutional("transposed");
export default transposed;

const ORACLE = "tests/oracle/zoo_deconvolutional.py";
const named = (how: string) =>
  ({
    what: `${how}: generated digits that the judge names as the class asked for`,
    bar: atLeast(0.95),
    reference: `4 principal components of each class, named by an SVC: 99.9 % (${ORACLE})`,
    unit: "%",
  }) as const;

export const row = zooRow({
  number: 18,
  title: "Deconvolutional (DN)",
  published: "M. Zeiler et al., CVPR (2010); A. Dosovitskiy, J. Springenberg, T. Brox, CVPR (2015)",
  about:
    "A convolutional network backwards: which digit, and in which style, go in; small maps become larger ones, and a " +
    "picture comes out. The maps grow by transposed convolution, or by interpolation before a plain one. A judge that " +
    "learned to read from other digits names what was drawn.",
  chart: network(
    [layer("input", 2), layer("kernel", 3), layer("convolution", 3), layer("convolution", 4), layer("output", 5)],
    ["full", "near", "near", "near"],
  ),
  program: transposed,
  figures: {
    judge: {
      what: "judge, trained on the other half of the training digits: test digits named right",
      bar: atLeast(0.97),
      reference: `scikit-learn SVC: 98.3 % (${ORACLE})`,
      unit: "%",
    },
    transposed: named("transposed convolution"),
    nearest: named("nearest interpolation"),
    bilinear: named("bilinear interpolation"),
    style: {
      what: "what tells test digits of a class apart: the part that style shows, in the least of the three",
      bar: atLeast(0.4),
      reference: `4 principal components of each class: 53 % (${ORACLE})`,
      unit: "%",
    },
  },
  async show(lab) {
    const { train, test } = digits();
    const [own, others] = halves(train);
    const judge = await trainedJudge(lab, { train: others, test });
    const asked = order(1000, STYLE, lab.random);
    const artists: Record<string, Artist> = {};
    const shares = {} as Record<Variant, number>;
    const [losses, failed]: Record<string, number[]>[] = [{}, {}];
    for (const name of Object.keys(variants) as Variant[]) {
      const net = await lab.compile(deconvolutional(name));
      net.variables.key.set([1, lab.seed]);
      const lesson = { steps: STEPS, size: BATCH, every: POINT, title: name };
      losses[name] = learningCurves(lab, own, lesson, ({ x, label }) => net.train({ x, label }).loss).training;
      const { share, wrong } = judged(net, asked, judge);
      [artists[name], shares[name], failed[name]] = [net, share, wrong];
    }
    const styles = Object.values(artists).map(artist => explained(artist, test, own));
    return {
      figures: { judge: judge.accuracy, ...shares, style: Math.min(...styles) },
      exhibits: [
        ...exhibition(artists, asked, test),
        exhibit("Loss", "Bound on −ln p(picture | class), in nats.", curves(losses, { every: POINT })),
        exhibit("Named wrong", "Of 1,000 pictures by each network.", pictures(Object.values(failed).flat(), 16)),
      ],
    };
  },
});
