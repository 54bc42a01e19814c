import {
  grad,
  input,
  matmul,
  meanSquaredError,
  mul,
  param,
  program,
  reshape,
  set,
  sigmoid,
  sub,
  transpose,
  vjp,
} from "../../src/index.ts";
import { dense, parameters, sgd } from "../../src/nn/index.ts";
import { productFlops, trained, type Workload } from "./workload.ts";

const RATE = 0.25;

/** The network with its training step for some of the cases at once. */
function declare(batch: number) {
  const x = input("x", [batch, 2]);
  const target = input("target", [batch, 1]);

  const hidden = dense(x, 8, { name: "hidden", activation: sigmoid });
  const y = dense(hidden, 1, { name: "out", activation: sigmoid });
  const loss = meanSquaredError(y, target);

  const params = parameters(loss);
  return program("xor", {
    train: { inputs: [x, target], outputs: { loss }, updates: sgd({ learningRate: RATE })(params, grad(loss, params)) },
  });
}

/** Exclusive or, learnt from its four cases at once. */
export const xor: Workload = {
  name: "xor",
  title: "xor MLP 2-8-1, 4 samples, SGD",
  kind: "training",
  declare: () => declare(4),
  feeds: () => ({ x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), target: Float32Array.of(0, 1, 1, 0) }),
  flops: trained(productFlops(4, 2, 8), "first") + trained(productFlops(4, 8, 1)),
};

/** The four cases, for libraries that update after every sample. */
export const CASES = [0, 1, 2, 3].map(at => {
  const { x, target } = xor.feeds(0);
  return { x: x.slice(2 * at, 2 * at + 2), target: target.slice(at, at + 1) };
});

/** One case at a time. */
export const declareOneByOne = () => declare(1);

/** What stands before (target − y) where one case's squared error is descended: with the 2 of its derivative. */
export const SQUARES_RATE = 2 * RATE;

/**
 * One case at a time as synaptic learns it: it descends the cross entropy, whose derivative at the last layer is
 * y − target, and carries that back through the last layer's weights as they are after their update.
 */
export function declareLikeSynaptic() {
  const x = input("x", [1, 2]);
  const target = input("target", [1, 1]);
  const hidden = dense(x, 8, { name: "hidden", activation: sigmoid });
  const below = parameters(hidden);
  const w = param("out.w", [8, 1]);
  const b = param("out.b", [1]);
  const y = sigmoid(matmul(hidden, w).add(b));

  const delta = sub(y, target);
  const after = sub(w, mul(matmul(transpose(hidden), delta), RATE));
  const updates = sgd({ learningRate: RATE })(below, vjp(hidden, below, matmul(delta, transpose(after))));
  updates.push(set(w, after), set(b, sub(b, mul(reshape(delta, [1]), RATE))));
  const loss = meanSquaredError(y, target);
  return program("xor", { train: { inputs: [x, target], outputs: { loss }, updates } });
}

/** What stands before (target − y) there. */
export const ENTROPY_RATE = RATE;
