import { add, dim, grad, input, matmul, mean, param, program, relu, softmax, softmaxCrossEntropy } from "gradc";
import { adam } from "gradc/nn";

// Handwritten digits: images of 8×8 (64 values from 0 to 1), a hidden layer of 128, ten classes.
const B = dim("B", { max: 64 });
const x = input("x", [B, 64]);
const label = input("label", [B], "i32");
const learningRate = input("learningRate", [], "f32", { default: 0.001 });

const w1 = param("w1", [64, 128]);
const b1 = param("b1", [128]);
const w2 = param("w2", [128, 10]);
const b2 = param("b2", [10]);

const hidden = relu(add(matmul(x, w1), b1));
const logits = add(matmul(hidden, w2), b2);
const loss = mean(softmaxCrossEntropy(logits, label));

const params = { w1, b1, w2, b2 };
const optimizer = adam({ learningRate });

export default program("digits", {
  train: {
    inputs: [x, label, learningRate],
    outputs: { loss },
    updates: optimizer(params, grad(loss, params)),
  },
  predict: {
    inputs: [x],
    outputs: { probabilities: softmax(logits) },
  },
});
