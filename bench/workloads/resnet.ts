import {
  add,
  conv,
  grad,
  heNormal,
  input,
  key,
  mean,
  param,
  program,
  relu,
  state,
  type Tensor,
} from "../../src/index.ts";
import { batchNorm, crossEntropy, dense, type Mode, momentum, parameters, training } from "../../src/nn/index.ts";
import { images } from "./data.ts";
import { convFlops, productFlops, trained, type Workload } from "./workload.ts";

const BATCH = 16;
const SIDE = 32;

interface Convolution {
  readonly name: string;
  readonly filters: number;
  readonly window: number;
  readonly strides: number;
}

function convolution(x: Tensor<"f32">, { name, filters, window, strides }: Convolution): Tensor<"f32"> {
  const w = param(`${name}.w`, [window, window, Number(x.shape[3]), filters], heNormal());
  return conv(x, w, { strides, padding: "same" });
}

/** relu(norm(conv(relu(norm(conv(x))))) + x), where x is projected if its size changes (He et al. 2016). */
function block(x: Tensor<"f32">, name: string, filters: number, strides: number, mode: Mode): Tensor<"f32"> {
  const first = convolution(x, { name: `${name}.c1`, filters, window: 3, strides });
  const inner = relu(batchNorm(first, { name: `${name}.n1` }, mode));
  const second = convolution(inner, { name: `${name}.c2`, filters, window: 3, strides: 1 });
  const residual = batchNorm(second, { name: `${name}.n2` }, mode);
  const shortcut = strides === 1 ? x : convolution(x, { name: `${name}.shortcut`, filters, window: 1, strides });
  return relu(add(residual, shortcut));
}

/** Eight layers on the longest way: a convolution, three blocks of two with 16, 32 and 64 channels, a dense layer. */
export const resnet: Workload = {
  name: "resnet",
  title: "ResNet 8 layers 32×32, batch 16, momentum",
  kind: "training",
  declare() {
    const x = input("x", [BATCH, SIDE, SIDE, 3]);
    const label = input("label", [BATCH], "i32");
    const mode = training(state("key", key(1)));

    const stem = convolution(x, { name: "stem", filters: 16, window: 3, strides: 1 });
    const b0 = relu(batchNorm(stem, { name: "norm" }, mode));
    const b1 = block(b0, "b1", 16, 1, mode);
    const b2 = block(b1, "b2", 32, 2, mode);
    const b3 = block(b2, "b3", 64, 2, mode);
    const logits = dense(mean(b3, [1, 2]), 10, { name: "out" });
    const loss = crossEntropy(logits, label);

    const params = parameters(loss);
    return program("resnet", {
      train: {
        inputs: [x, label],
        outputs: { loss },
        updates: [...momentum({ learningRate: 0.01 })(params, grad(loss, params)), ...mode.updates],
      },
    });
  },
  feeds: call => ({ ...images(call, BATCH, SIDE * SIDE * 3) }),
  flops:
    trained(convFlops(BATCH * 32 * 32, 9, 3, 16), "first") +
    2 * trained(convFlops(BATCH * 32 * 32, 9, 16, 16)) +
    trained(convFlops(BATCH * 16 * 16, 9, 16, 32) + convFlops(BATCH * 16 * 16, 9, 32, 32)) +
    trained(convFlops(BATCH * 16 * 16, 1, 16, 32)) +
    trained(convFlops(BATCH * 8 * 8, 9, 32, 64) + convFlops(BATCH * 8 * 8, 9, 64, 64)) +
    trained(convFlops(BATCH * 8 * 8, 1, 32, 64)) +
    trained(productFlops(BATCH, 64, 10)),
};
