import { grad, input, meanSquaredError, program, sigmoid } from "../../src/index.ts";
import { dense, parameters, sgd } from "../../src/nn/index.ts";
import { productFlops, trained, type Workload } from "./workload.ts";

const BATCH = 4;

/** Exclusive or, learnt from its four cases at once. */
export const xor: Workload = {
  name: "xor",
  title: "xor MLP 2-8-1, 4 samples, SGD",
  kind: "training",
  declare() {
    const x = input("x", [BATCH, 2]);
    const target = input("target", [BATCH, 1]);

    const hidden = dense(x, 8, { name: "hidden", activation: sigmoid });
    const y = dense(hidden, 1, { name: "out", activation: sigmoid });
    const loss = meanSquaredError(y, target);

    const params = parameters(loss);
    return program("xor", {
      train: {
        inputs: [x, target],
        outputs: { loss },
        updates: sgd({ learningRate: 0.5 })(params, grad(loss, params)),
      },
    });
  },
  feeds: () => ({ x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), target: Float32Array.of(0, 1, 1, 0) }),
  flops: trained(productFlops(BATCH, 2, 8), "first") + trained(productFlops(BATCH, 8, 1)),
};
