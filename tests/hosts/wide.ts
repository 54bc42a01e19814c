import { dim, grad, input, program, relu, softmax } from "../../src/index.ts";
import { crossEntropy, dense, parameters, sgd } from "../../src/nn/index.ts";

/** A network with enough work for several threads. */
const B = dim("B", { max: 128 });
const x = input("x", [B, 256]);
const label = input("label", [B], "i32");
const hidden = dense(x, 256, { name: "l1", activation: relu });
const logits = dense(hidden, 10, { name: "l2" });
const loss = crossEntropy(logits, label);
const params = parameters(loss);

export default program("wide", {
  train: { inputs: [x, label], outputs: { loss }, updates: sgd({ learningRate: 0.1 })(params, grad(loss, params)) },
  predict: { inputs: [x], outputs: { probabilities: softmax(logits) } },
});
