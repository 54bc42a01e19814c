import {
  add,
  conv,
  flatten,
  grad,
  heNormal,
  input,
  maxPool,
  param,
  program,
  relu,
  softmax,
  type Tensor,
  uniformInit,
  type WindowPadding,
} from "../../src/index.ts";
import { crossEntropy, dense, momentum, parameters } from "../../src/nn/index.ts";
import { images, values } from "./data.ts";
import { convFlops, productFlops, trained, type Workload } from "./workload.ts";

const BATCH = 32;
const SIDE = 28;
const biasInit = uniformInit({ low: -0.1, high: 0.1 });

interface Layer {
  readonly name: string;
  readonly filters: number;
  readonly padding: WindowPadding;
}

/** 5×5 convolution, relu, 2×2 pool. */
function stage(x: Tensor<"f32">, { name, filters, padding }: Layer): Tensor<"f32"> {
  const w = param(`${name}.w`, [5, 5, Number(x.shape[3]), filters], heNormal());
  const b = param(`${name}.b`, [filters], biasInit);
  return maxPool(relu(add(conv(x, w, { padding }), b)), 2);
}

/** 28×28×1 → 14×14×6 → 5×5×16 → 120 → 84 → 10 (LeCun et al. 1998, with relu and the larger element of each pool). */
function logits(x: Tensor<"f32">): Tensor<"f32"> {
  const c1 = stage(x, { name: "c1", filters: 6, padding: "same" });
  const c2 = stage(c1, { name: "c2", filters: 16, padding: "valid" });
  const d1 = dense(flatten(c2, 1), 120, { name: "d1", activation: relu, biasInit });
  const d2 = dense(d1, 84, { name: "d2", activation: relu, biasInit });
  return dense(d2, 10, { name: "d3", biasInit });
}

/** Forward flops of each layer; the first comes first. */
const forward = (batch: number): readonly number[] => [
  convFlops(batch * 28 * 28, 25, 1, 6),
  convFlops(batch * 10 * 10, 25, 6, 16),
  productFlops(batch, 400, 120),
  productFlops(batch, 120, 84),
  productFlops(batch, 84, 10),
];

/** Handwritten digits with a small convolutional network. */
export const lenet: Workload = {
  name: "lenet",
  title: "LeNet 28×28, batch 32, momentum",
  kind: "training",
  declare() {
    const x = input("x", [BATCH, SIDE, SIDE, 1]);
    const label = input("label", [BATCH], "i32");
    const loss = crossEntropy(logits(x), label);
    const params = parameters(loss);
    return program("lenet", {
      train: {
        inputs: [x, label],
        outputs: { loss },
        updates: momentum({ learningRate: 0.01 })(params, grad(loss, params)),
      },
    });
  },
  feeds: call => ({ ...images(call, BATCH, SIDE * SIDE) }),
  flops: forward(BATCH)
    .map((flops, i) => trained(flops, i === 0 ? "first" : undefined))
    .reduce((a, b) => a + b),
};

/** The same network for one image. */
export const lenet1: Workload = {
  name: "lenet-1",
  title: "LeNet 28×28, inference, batch 1",
  kind: "inference",
  declare() {
    const x = input("x", [1, SIDE, SIDE, 1]);
    return program("lenet", { predict: { inputs: [x], outputs: { y: softmax(logits(x)) } } });
  },
  feeds: call => ({ x: values(call, SIDE * SIDE) }),
  flops: forward(1).reduce((a, b) => a + b),
};
