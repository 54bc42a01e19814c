import * as g from "gradc";
import { adam, dense, parameters } from "gradc/nn";

type Values = g.Tensor<"f32">;
const B = g.dim("B", { max: 1024 });

/** One network for digits with ten units: independent Bernoulli variables, one class of ten, or ten real numbers. */
function classifier(name: string, loss: (logits: Values, label: g.Tensor<"i32">) => g.Scalar<"f32">) {
  const image = g.input("image", [B, 64]);
  const label = g.input("label", [B], "i32");
  const logits = dense(g.relu(dense(image, 48, { name: "hidden" })), 10, { name: "out" });
  const cost = loss(logits, label);
  const updates = adam({ learningRate: 0.005 })(parameters(cost), g.grad(cost, parameters(cost)));
  return g.program(name, {
    train: { inputs: [image, label], outputs: { cost }, updates },
    predict: { inputs: [image], outputs: { logits } },
  });
}

const oneOfTen = (label: g.Tensor<"i32">): Values => g.oneHot(label, 10);
export const CLASSIFIERS = {
  softmax: classifier("softmax", (z, label) => g.mean(g.softmaxCrossEntropy(z, label))),
  bernoulli: classifier("bernoulli", (z, label) => g.mean(g.binaryCrossEntropyWithLogits(z, oneOfTen(label)))),
  linear: classifier("linear", (z, label) => g.meanSquaredError(z, oneOfTen(label))),
};

/** As the textbook writes the losses: the rewrites of the compiler make them stable. */
const z = g.input("z", [5]);
const t = g.input("t", [5]);
const p = g.sigmoid(z);
const naive = g.neg(g.add(g.mul(t, g.log(p)), g.mul(g.sub(1, t), g.log(g.sub(1, p)))));
const powers = g.exp(z);
const surprise = g.neg(g.log(g.indexAt(g.div(powers, g.sum(powers)), 0))).sum();
const byLogits = g.binaryCrossEntropyWithLogits(z, t);
export const extremes = g.program("extremes", {
  losses: {
    inputs: [z, t],
    outputs: {
      bernoulli: byLogits,
      bernoulliSlope: g.grad(byLogits.sum(), z),
      textbook: naive,
      softmax: surprise,
      softmaxSlope: g.grad(surprise, z),
    },
  },
});
