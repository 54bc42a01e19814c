// The auto encoder: a network that must give back what it sees through a bottleneck of 8 numbers. Decoder and encoder
// share their weights (tied: one uses the transposes of the other's). G. Hinton and R. Salakhutdinov, Reducing the
// dimensionality of data with neural networks, Science 313 (2006). Trained on digits of 8×8 pixels.
// Reached: 57 % of the error of PCA with as many components, on the test digits. Time: 2 s.
import {
  add,
  dim,
  eigh,
  grad,
  input,
  matmul,
  mean,
  meanSquaredError,
  param,
  program,
  relu,
  sigmoid,
  slice,
  sub,
  type Tensor,
  transpose,
} from "gradc";
import { adam, cosineDecay, parameters } from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import { digits } from "./support/data.ts";
import type { Lab } from "./support/lab.ts";
import { learningCurves } from "./support/learning-curve.ts";
import { curves, images } from "./support/plot.ts";
import { atMost, zooRow } from "./support/row.ts";
import { scatter } from "./support/scatter.ts";

const STEPS = 3000;
const HIDDEN = 128;
const B = dim("B", { max: 1438 });
const N = dim("N", { max: 1438 });

/** The best linear code: x on the eigenvectors of the covariance of `rows` with the `size` largest eigenvalues, and back. */
function principalComponents(rows: Tensor<"f32">, x: Tensor<"f32">, size: number) {
  const centre = mean(rows, 0);
  const deviations = sub(rows, centre);
  const components = slice(eigh(matmul(transpose(deviations), deviations)).vectors, [0, -size]);
  const code = matmul(sub(x, centre), components);
  return { code, picture: add(matmul(code, transpose(components)), centre) };
}

/** 64 – 128 – size – 128 – 64 */
function autoEncoder(size: number) {
  const [w1, b1] = [param("w1", [64, HIDDEN]), param("b1", [HIDDEN])];
  const [w2, b2] = [param("w2", [HIDDEN, size]), param("b2", [size])];
  const [c2, c1] = [param("c2", [HIDDEN]), param("c1", [64])];
  const encode = (x: Tensor<"f32">) => add(matmul(relu(add(matmul(x, w1), b1)), w2), b2);
  const decode = (code: Tensor<"f32">) =>
    sigmoid(add(matmul(relu(add(matmul(code, transpose(w2)), c2)), transpose(w1)), c1));

  const x = input("x", [B, 64]);
  const code = encode(x);
  const picture = decode(code);
  const loss = meanSquaredError(picture, x);
  const params = parameters(loss);
  const optimizer = adam({ learningRate: cosineDecay({ initial: 0.003, steps: STEPS }) });

  const rows = input("rows", [N, 64]);
  const pca = principalComponents(rows, x, size);
  return program("autoEncoder", {
    learn: { inputs: [x], outputs: { loss }, updates: optimizer(params, grad(loss, params)) },
    reconstruct: { inputs: [x], outputs: { code, picture, loss } },
    pca: { inputs: [rows, x], outputs: { ...pca, loss: meanSquaredError(pca.picture, x) } },
  });
}

const model = autoEncoder(8);
export default model;

/** The auto encoder of this row, trained. */
export async function trainedAutoEncoder(lab: Lab, program: typeof model = model) {
  const { train, test } = digits();
  const net = await lab.compile(program);
  const error = () => net.reconstruct({ x: test.x }).loss;
  const curve = learningCurves(lab, train, { steps: STEPS, size: 64 }, ({ x }) => net.learn({ x }).loss, error);
  return { net, curve, ...net.reconstruct({ x: test.x }) };
}

export const row = zooRow({
  number: 8,
  title: "Auto encoder (AE)",
  published:
    "H. Bourlard and Y. Kamp, Biological Cybernetics 59 (1988); G. Hinton and R. Salakhutdinov, Science 313 (2006)",
  about:
    "Pictures of digits must pass through 8 numbers and come out as they were. The best linear way is known: principal " +
    "components. A network that bends space finds a better code, and with a code of 2 it draws a map of the digits " +
    "though nobody told it which is which.",
  chart: network([layer("input", 4), layer("hidden", 2), layer("match input output", 4)]),
  program: model,
  figures: {
    share: {
      what: "digits, code 8: test error of reconstruction, as a share of the error of PCA with 8 components",
      bar: atMost(1),
      reference: "scikit-learn PCA(8): mean squared error 0.0244 (tests/oracle/zoo_autoencoders.py)",
      unit: "%",
    },
  },
  async show(lab) {
    const { train, test } = digits();
    const { net, curve, loss, picture } = await trainedAutoEncoder(lab);
    const pca = net.pca({ rows: train.x, x: test.x });
    const plane = await trainedAutoEncoder(lab, autoEncoder(2));
    const flat = plane.net.pca({ rows: train.x, x: test.x });
    const first = (pictures: Float32Array) => [...pictures.subarray(0, 16 * 64)];
    return {
      figures: { share: loss / pca.loss },
      exhibits: [
        {
          title: "Through 8 numbers and back",
          caption: "Above: test digits. Middle: from the code of the network. Below: from 8 principal components.",
          html: images([...first(test.x), ...first(picture), ...first(pca.picture)], {
            width: 8,
            height: 8,
            columns: 16,
            range: [0, 1],
          }),
        },
        {
          title: "Error of reconstruction",
          caption: `Mean squared error of a pixel; PCA with 8 components has ${pca.loss.toFixed(4)} on the test digits.`,
          html: curves(
            { ...curve, "PCA, test": curve.test.map(() => pca.loss) },
            { every: 100, y: { label: "error", domain: [0, 0.04] } },
          ),
        },
        {
          title: "A map of the digits: code of 2",
          caption: `Each point is a test digit where the encoder puts it; the labels were never seen. Error ${plane.loss.toFixed(4)}.`,
          html: scatter(plane.code, test.label),
        },
        {
          title: "The same by two principal components",
          caption: `The best plane through the pictures. Error ${flat.loss.toFixed(4)}.`,
          html: scatter(flat.code, test.label),
        },
      ],
    };
  },
});
