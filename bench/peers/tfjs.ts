import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { Contender, Library, Start } from "./contender.ts";
import { modelOf } from "./models.ts";
import { type HostTensor, Layout, type Ops, type Optimizer } from "./ops.ts";
import { type Backend, loadTfjs, type Tfjs } from "./tfjs-load.ts";

/** The operations as users of tfjs write them. */
const opsOf = (tf: Tfjs, backend: Backend): Ops<Tensor> => ({
  layout: "channelsLast",
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  abs: tf.abs,
  exp: tf.exp,
  square: tf.square,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  relu: tf.relu,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  softplus: tf.softplus,
  softmax: tf.softmax,
  gelu: x => {
    const cube = tf.mul(tf.mul(x, x), x);
    const inner = tf.mul(tf.add(x, tf.mul(cube, 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  },
  matmul: (x, y, transposed) => tf.matMul(x, y, transposed === "left", transposed === "right"),
  dense: (a, b, bias, activation) => tf.fused.matMul({ a, b, bias, activation }),
  conv: (x, w, { strides, padding }) => tf.conv2d(x, w, strides, padding),
  maxPool: x => tf.maxPool(x, 2, 2, "valid"),
  perChannel: x => x,
  reshape: tf.reshape,
  transpose: tf.transpose,
  zeros: tf.zeros,
  split: tf.split,
  concat: tf.concat,
  // The WebAssembly backend lacks the gradient of gather: there, rows are a product with unit vectors.
  rows: (table, indices) =>
    backend === "cpu" ? tf.gather(table, indices) : tf.matMul(tf.oneHot(indices, table.shape[0]), table),
  sum: tf.sum,
  mean: (x, axes, keep) => tf.mean(x, axes, keep !== undefined),
  crossEntropy: (logits, labels, classes) => tf.losses.softmaxCrossEntropy(tf.oneHot(labels, classes), logits),
});

function optimizerOf(tf: Tfjs, o: Optimizer) {
  if (o.kind === "sgd") return tf.train.sgd(o.rate);
  if (o.kind === "momentum") return tf.train.momentum(o.rate, o.keep);
  return tf.train.adam(o.rate, o.beta1, o.beta2, o.epsilon);
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, f: (value: T, name: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));
}

/** tfjs on one of its backends. */
export const tfjs = (backend: Backend): Library => ({
  name: `tfjs, ${backend}`,
  async start({ workload, weights, feeds }: Start): Promise<Contender> {
    const tf = await loadTfjs();
    await tf.setBackend(backend);
    const ops = opsOf(tf, backend);
    const peer = modelOf(workload);
    const layout = new Layout(peer, ops);
    const made = ({ values, shape }: HostTensor): Tensor =>
      tf.tensor(values, shape, values instanceof Int32Array ? "int32" : "float32");
    const variables = mapValues(weights, w => tf.variable(made(w)));
    const given = feeds.map(f => layout.inputs(f));
    const name = `tfjs, ${backend}`;
    // Both backends live in one tfjs.
    const enter = (): void => void tf.setBackend(backend);

    if (peer.optimizer) {
      const optimizer = optimizerOf(tf, peer.optimizer);
      const list: readonly Variable[] = Object.values(variables);
      const step = (feed: number): number => {
        let loss = Number.NaN;
        tf.tidy(() => {
          const inputs = mapValues(given[feed], made);
          const cost = optimizer.minimize(() => peer.model<Tensor>(ops, variables, inputs), true, list);
          [loss] = cost.dataSync();
        });
        return loss;
      };
      return { name, enter, run: feed => void step(feed), result: async feed => [step(feed)] };
    }
    const resident = given.map(g => mapValues(g, made));
    const evaluate = (feed: number, read: boolean): Float32Array => {
      let output = new Float32Array(0);
      tf.tidy(() => {
        const y = peer.model<Tensor>(ops, variables, resident[feed]);
        if (read) output = y.dataSync().slice();
      });
      return output;
    };
    return {
      name,
      enter,
      run: () => void evaluate(0, false),
      result: async feed => layout.output(evaluate(feed, true)),
    };
  },
});
