import type { Batch } from "./digits-data.ts";
import { loadTfjs } from "./peers/tfjs-load.ts";

export type Weights = Readonly<Record<"w1" | "b1" | "w2" | "b2", Float32Array>>;

/**
 * examples/digits.ts written for tfjs: 64-128-10, relu, softmax cross entropy, Adam with the same constants (tfjs's own
 * epsilon is 1e-7; ours is given).
 * @returns a training step that gives its loss
 */
export async function tfjsDigits(weights: Weights): Promise<(batch: Batch) => number> {
  const tf = await loadTfjs();
  await tf.setBackend("cpu");
  const w1 = tf.variable(tf.tensor(weights.w1, [64, 128]));
  const b1 = tf.variable(tf.tensor(weights.b1));
  const w2 = tf.variable(tf.tensor(weights.w2, [128, 10]));
  const b2 = tf.variable(tf.tensor(weights.b2));
  const adam = tf.train.adam(0.001, 0.9, 0.999, 1e-8);
  return ({ x, label }) => {
    let loss = Number.NaN;
    tf.tidy(() => {
      const images = tf.tensor(x, [label.length, 64]);
      const targets = tf.oneHot(tf.tensor(label, [label.length], "int32"), 10);
      const cost = adam.minimize(() => {
        const hidden = tf.relu(tf.add(tf.matMul(images, w1), b1));
        return tf.losses.softmaxCrossEntropy(targets, tf.add(tf.matMul(hidden, w2), b2));
      }, true);
      loss = cost.dataSync()[0];
    });
    return loss;
  };
}
