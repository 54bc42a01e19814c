import { grad, type Input, input, program, relu, softmax, type Tensor, uniformInit } from "../../src/index.ts";
import { adam, crossEntropy, dense, parameters } from "../../src/nn/index.ts";
import { images, values } from "./data.ts";
import { productFlops, trained, type Workload } from "./workload.ts";

const BATCH = 64;
const SIZES = [784, 256, 128, 10] as const;

const layers = SIZES.slice(1).map((units, i) => [SIZES[i], units] as const);
const biasInit = uniformInit({ low: -0.1, high: 0.1 });

/** 784-256-128-10 with relu. */
function logits(x: Tensor<"f32">): Tensor<"f32"> {
  const h1 = dense(x, SIZES[1], { name: "l1", activation: relu, biasInit });
  const h2 = dense(h1, SIZES[2], { name: "l2", activation: relu, biasInit });
  return dense(h2, SIZES[3], { name: "l3", biasInit });
}

/** Handwritten digits with a plain network. */
export const mlp: Workload = {
  name: "mlp",
  title: "MLP 784-256-128-10, batch 64, Adam",
  kind: "training",
  declare() {
    const x = input("x", [BATCH, SIZES[0]]);
    const label = input("label", [BATCH], "i32");
    const loss = crossEntropy(logits(x), label);
    const params = parameters(loss);
    return program("mlp", {
      train: { inputs: [x, label], outputs: { loss }, updates: adam()(params, grad(loss, params)) },
    });
  },
  feeds: call => ({ ...images(call, BATCH, SIZES[0]) }),
  flops: layers
    .map(([features, units], i) => trained(productFlops(BATCH, features, units), i === 0 ? "first" : undefined))
    .reduce((a, b) => a + b),
};

/** The same network, from images to probabilities. */
const inference = (batch: number): Workload => ({
  name: `mlp-${batch}`,
  title: `MLP 784-256-128-10, inference, batch ${batch}`,
  kind: "inference",
  declare() {
    const x: Input<"x", "f32"> = input("x", [batch, SIZES[0]]);
    return program("mlp", { predict: { inputs: [x], outputs: { y: softmax(logits(x)) } } });
  },
  feeds: call => ({ x: values(call, batch * SIZES[0]) }),
  flops: layers.map(([features, units]) => productFlops(batch, features, units)).reduce((a, b) => a + b),
});

export const mlp1 = inference(1);
export const mlp256 = inference(256);
