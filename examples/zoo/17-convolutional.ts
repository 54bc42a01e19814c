// The deep convolutional network: filters that look at a small window of the image, the same ones everywhere, between
// poolings that make the maps smaller; dense layers name what is left.
// Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998).
// LeNet is trained on 8,000 MNIST images (28×28), moved by up to a pixel; smaller networks for UCI digits (8×8) compare
// what may halve the maps: max, average, L2 and cross-map pooling, strides; and dilated windows.
// Reached: 99 % of 2,000 MNIST images, 99 % of 359 digits with each of the six. Time: 11 s.
import * as g from "gradc";
import { maxPool, relu, type Tensor } from "gradc";
import * as nn from "gradc/nn";
import { type ConvolutionOptions, convolution, dense, type Mode } from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import { digits, mnist10k, take } from "./support/data.ts";
import { channelsFirst } from "./support/image.ts";
import { largest, learn, logitsOf, POINT, tested } from "./support/image-classifier.ts";
import { curves, images } from "./support/plot.ts";
import { atLeast, zooRow } from "./support/row.ts";

const BATCH = 32;
const init = g.heNormal();
const activation = relu;

type Maps = Tensor<"f32">; // [n, height, width, channels]
type Stage = (x: Maps, name: string, filters: number, mode: Mode) => Maps;
/** Logits, and the maps after the first and the second stage. */
type Network = (x: Maps, mode: Mode) => { first: Maps; second: Maps; logits: Tensor<"f32"> };

/** relu(norm(conv(x))) with windows of 3×3; zeros around x keep its size. */
const convolved = (dilation: ConvolutionOptions["dilation"], ...[x, name, filters, mode]: Parameters<Stage>): Maps => {
  const y = convolution(x, filters, 3, { name, padding: "same", dilation, bias: false, init });
  return relu(nn.batchNorm(y, { name: `${name}.norm` }, mode));
};

const variants = {
  max: (...x) => maxPool(convolved(1, ...x), 2),
  average: (...x) => g.averagePool(convolved(1, ...x), 2),
  l2: (...x) => g.l2Pool(convolved(1, ...x), 2),
  // Each map also answers where its neighbour does.
  crossMap: (...x) => maxPool(maxPool(convolved(1, ...x), 2, { over: "channels", strides: 1, padding: "same" }), 2),
  // No pooling: a second convolution takes steps of two.
  strides: (...[x, name, filters, mode]) =>
    convolution(convolved(1, x, name, filters, mode), filters, 2, { name: `${name}.half`, strides: 2, init }),
  // Small maps are seen through windows of 5×5, every other pixel of them.
  dilation: (x, ...rest) => maxPool(convolved(Number(x.shape[1]) < 8 ? 2 : 1, x, ...rest), 2),
} satisfies Record<string, Stage>;

/** 8×8 → 4×4×24 → 2×2×48 → 64 → 10. */
const small =
  (stage: Stage): Network =>
  (x, mode) => {
    const first = stage(x, "c1", 24, mode);
    const second = stage(first, "c2", 48, mode);
    const f = dense(nn.dropout(g.flatten(second, 1), 0.4, mode), 64, { name: "f", activation, init });
    return { first, second, logits: dense(f, 10, { name: "out" }) };
  };

/** 28×28 → 12×12×6 → 4×4×16 → 120 → 84 → 10. */
const lenet: Network = x => {
  const first = maxPool(convolution(x, 6, 5, { name: "c1", activation, init }), 2);
  const second = maxPool(convolution(first, 16, 5, { name: "c2", activation, init }), 2);
  const f1 = dense(g.flatten(second, 1), 120, { name: "f1", activation });
  const f2 = dense(f1, 84, { name: "f2", activation });
  return { first, second, logits: dense(f2, 10, { name: "out" }) };
};

/** A program that learns to name images of side×side pixels. */
function classifier(name: string, network: Network, side: number, steps: number) {
  const net = g.model(network);
  const [x, label] = [g.input("x", [BATCH, side, side, 1]), g.input("label", [BATCH], "i32")];
  const mode = nn.training(g.state("key", g.key(1)));
  const loss = nn.crossEntropy(net(x, mode).logits, label);
  const params = nn.parameters(loss);
  const optimizer = nn.adamW({ learningRate: nn.oneCycle({ peak: 0.008, steps }), weightDecay: 0.1 });
  const updates = [...optimizer(params, g.grad(loss, params)), ...mode.updates];
  const images = g.input("images", [g.dim("N", { max: 400 }), side, side, 1]);
  return g.program(name, {
    train: { inputs: [x, label], outputs: { loss }, updates },
    predict: { inputs: [images], outputs: net(images, nn.inference) },
  });
}

const EPOCHS = { mnist: 5, digits: 15 };
const lenetProgram = classifier("lenet", lenet, 28, EPOCHS.mnist * Math.floor(8000 / BATCH));
export default lenetProgram;

const share = (what: string) => ({ what: `${what}: test images named right`, bar: atLeast(0.985), unit: "%" }) as const;
const CELLS = ["input", "kernel", "convolution", "convolution", "hidden", "output"] as const;

export const row = zooRow({
  number: 17,
  title: "Deep convolutional (DCN)",
  published: "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Proceedings of the IEEE 86 (1998)",
  about:
    "Filters slide over the image: the same few weights look everywhere, so that a digit may stand anywhere. Pooling makes " +
    "the maps of what was found smaller, and dense layers name the digit. LeNet reads MNIST; smaller networks on 8×8 " +
    "digits differ only in what halves their maps.",
  chart: network(
    CELLS.map((kind, i) => layer(kind, 5 - Math.ceil(i / 2))),
    ["near", "near", "near"],
  ),
  program: lenetProgram,
  figures: {
    mnist: { ...share("MNIST, 8,000 to train, 2,000 to test"), needs: "mnist10k" },
    max: share("digits, max pooling"),
    average: share("digits, average pooling"),
    l2: share("digits, L2 pooling"),
    crossMap: share("digits, cross-map pooling"),
    strides: share("digits, strides"),
    dilation: share("digits, dilated windows"),
  },
  async show(lab) {
    const split = digits();
    const shares = {} as Record<keyof typeof variants, number>;
    const losses: Record<string, readonly number[]> = {};
    for (const [name, stage] of Object.entries<Stage>(variants)) {
      const steps = EPOCHS.digits * Math.floor(split.train.length / BATCH);
      const net = await lab.compile(classifier(name, small(stage), 8, steps));
      const lesson = { epochs: lab.steps(EPOCHS.digits, name), batch: BATCH, shift: 0.5 };
      losses[name] = learn(net, split.train, lab.random, lesson);
      shares[name as keyof typeof variants] = tested(net, split);
    }
    const exhibits = [{ title: "Six ways to halve the maps", html: curves(losses, { every: POINT }) }];
    const data = mnist10k(lab.data);
    if (!data) return { figures: { mnist: undefined, ...shares }, exhibits };
    const net = await lab.compile(lenetProgram);
    const lesson = { epochs: lab.steps(EPOCHS.mnist), batch: BATCH, shift: 1 };
    const loss = learn(net, data.train, lab.random, lesson);
    const found = largest(logitsOf(net, data.test), 10);
    const wrong = found.flatMap((digit, i) => (digit === data.test.label[i] ? [] : [i])).slice(0, 16);
    const pictures = (rows: number[], columns: number): string =>
      images(take(data.test, rows).x, { width: 28, height: 28, columns, range: [0, 1] });
    const maps = (values: ArrayLike<number>, count: number, side: number, columns: number): string =>
      images(channelsFirst(values, count), { width: side, height: side, columns, scale: 8 });
    const { first, second } = net.predict({ images: take(data.test, [0]).x });
    exhibits.push(
      { title: "LeNet on MNIST", html: curves({ loss }, { every: POINT }) },
      { title: "Its filters: windows of 5×5", html: maps(net.variables["c1.w"].get(), 6, 5, 6) },
      {
        title: "A digit, its 6 maps after the first pooling, and the 16 after the second",
        html: [pictures([0], 1), maps(first, 6, 12, 6), maps(second, 16, 4, 16)].join("<br>"),
      },
      {
        title: `Mistakes: ${wrong.map(i => `${data.test.label[i]} for ${found[i]}`).join(", ")}`,
        html: pictures(wrong, 8),
      },
    );
    return { figures: { mnist: tested(net, data), ...shares }, exhibits };
  },
});
