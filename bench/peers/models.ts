import type { Model, Ops, Optimizer, PeerModel, Tensors } from "./ops.ts";

/** The workloads as the peers compute them. Weights have the names that they have in bench/workloads. */

const adam: Optimizer = { kind: "adam", rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const momentum: Optimizer = { kind: "momentum", rate: 0.01, keep: 0.9 };

type Activation = "relu" | "sigmoid";

/** A dense layer by the name of its weights. */
const layer = <A>(ops: Ops<A>, w: Tensors<A>, x: A, name: string, activation?: Activation): A =>
  ops.dense(x, w[`${name}.w`], w[`${name}.b`], activation);

const xor: Model = (ops, w, { x, target }) => {
  const y = layer(ops, w, layer(ops, w, x, "hidden", "sigmoid"), "out", "sigmoid");
  return ops.mean(ops.square(ops.sub(y, target)));
};

const mlpLogits = <A>(ops: Ops<A>, w: Tensors<A>, x: A): A =>
  layer(ops, w, layer(ops, w, layer(ops, w, x, "l1", "relu"), "l2", "relu"), "l3");

const mlp: Model = (ops, w, { x, label }) => ops.crossEntropy(mlpLogits(ops, w, x), label, 10);
const mlpPrediction: Model = (ops, w, { x }) => ops.softmax(mlpLogits(ops, w, x));

const lenetLogits = <A>(ops: Ops<A>, w: Tensors<A>, x: A, batch: number): A => {
  const stage = (image: A, name: string, padding: "same" | "valid"): A => {
    const y = ops.conv(image, w[`${name}.w`], { strides: 1, padding });
    return ops.maxPool(ops.relu(ops.add(y, ops.perChannel(w[`${name}.b`]))));
  };
  const flat = ops.reshape(stage(stage(x, "c1", "same"), "c2", "valid"), [batch, 400]);
  return layer(ops, w, layer(ops, w, layer(ops, w, flat, "d1", "relu"), "d2", "relu"), "d3");
};

const lenet: Model = (ops, w, { x, label }) => ops.crossEntropy(lenetLogits(ops, w, x, 32), label, 10);
const lenetPrediction: Model = (ops, w, { x }) => ops.softmax(lenetLogits(ops, w, x, 1));

const lstm: Model = (ops, w, { symbol, next }) => {
  let [h, c] = [ops.zeros([16, 128]), ops.zeros([16, 128])];
  const states = ops.split(ops.add(ops.rows(w.wx, symbol), w.b), 32, 0).map(x => {
    const [i, f, g, o] = ops.split(ops.add(x, ops.matmul(h, w.wh)), 4, 1);
    c = ops.add(ops.mul(ops.sigmoid(f), c), ops.mul(ops.sigmoid(i), ops.tanh(g)));
    h = ops.mul(ops.sigmoid(o), ops.tanh(c));
    return h;
  });
  return ops.crossEntropy(layer(ops, w, ops.concat(states, 0), "out"), next, 64);
};

const vae: Model = (ops, w, { x, noise }) => {
  const encoded = layer(ops, w, x, "encoder", "relu");
  const mean = layer(ops, w, encoded, "mean");
  const logVariance = layer(ops, w, encoded, "logVariance");
  const z = ops.add(mean, ops.mul(ops.exp(ops.mul(logVariance, 0.5)), noise));
  const logits = layer(ops, w, layer(ops, w, z, "decoder", "relu"), "pixels");
  const reconstruction = ops.sum(ops.sub(ops.softplus(logits), ops.mul(x, logits)));
  const divergence = ops.sum(ops.sub(ops.add(1, logVariance), ops.add(ops.square(mean), ops.exp(logVariance))));
  return ops.mul(ops.sub(reconstruction, ops.mul(divergence, 0.5)), 1 / 64);
};

/** (x − mean)/√(variance + ε) over some axes. */
function normal<A>(ops: Ops<A>, x: A, axes: readonly number[]): A {
  const centered = ops.sub(x, ops.mean(x, axes, "keep"));
  const variance = ops.mean(ops.square(centered), axes, "keep");
  return ops.mul(centered, ops.rsqrt(ops.add(variance, 1e-5)));
}

const transformer: Model = (ops, w, { x, target }) => {
  const norm = <A>(o: Ops<A>, weights: Tensors<A>, value: A, name: string): A =>
    o.add(o.mul(normal(o, value, [2]), weights[`${name}.scale`]), weights[`${name}.shift`]);
  const before = norm(ops, w, x, "norm1");
  const tokens = ops.reshape(before, [512, 128]);
  const [q, k, v] = ["q", "k", "v"].map(name =>
    ops.transpose(ops.reshape(ops.matmul(tokens, w[name]), [8, 64, 4, 32]), [0, 2, 1, 3]),
  );
  const scores = ops.softmax(ops.mul(ops.matmul(q, k, "right"), 1 / Math.sqrt(32)));
  const mixed = ops.reshape(ops.transpose(ops.matmul(scores, v), [0, 2, 1, 3]), [512, 128]);
  const h = ops.add(x, ops.reshape(ops.matmul(mixed, w.o), [8, 64, 128]));
  const inner = ops.reshape(norm(ops, w, h, "norm2"), [512, 128]);
  const down = layer(ops, w, ops.gelu(layer(ops, w, inner, "up")), "down");
  const y = ops.add(h, ops.reshape(down, [8, 64, 128]));
  return ops.mean(ops.square(ops.sub(y, target)));
};

const resnet: Model = (ops, w, { x, label }) => {
  const channelsLast = ops.layout === "channelsLast";
  const batchNorm = <A>(o: Ops<A>, weights: Tensors<A>, value: A, name: string): A => {
    const scaled = o.mul(
      normal(o, value, channelsLast ? [0, 1, 2] : [0, 2, 3]),
      o.perChannel(weights[`${name}.scale`]),
    );
    return o.add(scaled, o.perChannel(weights[`${name}.shift`]));
  };
  const conv = (image: typeof x, name: string, strides: number): typeof x =>
    ops.conv(image, w[`${name}.w`], { strides, padding: "same" });
  const block = (image: typeof x, name: string, strides: number): typeof x => {
    const inner = ops.relu(batchNorm(ops, w, conv(image, `${name}.c1`, strides), `${name}.n1`));
    const residual = batchNorm(ops, w, conv(inner, `${name}.c2`, 1), `${name}.n2`);
    return ops.relu(ops.add(residual, strides === 1 ? image : conv(image, `${name}.shortcut`, strides)));
  };
  const b0 = ops.relu(batchNorm(ops, w, conv(x, "stem", 1), "norm"));
  const b3 = block(block(block(b0, "b1", 1), "b2", 2), "b3", 2);
  const pooled = ops.mean(b3, channelsLast ? [1, 2] : [2, 3]);
  return ops.crossEntropy(layer(ops, w, pooled, "out"), label, 10);
};

const product =
  (transposed?: "left" | "right"): Model =>
  (ops, _, { a, b }) =>
    ops.matmul(a, b, transposed);
const softmax: Model = (ops, _, { x }) => ops.softmax(x);

const chain: Model = (ops, _, { x }) => {
  const bend = ops.tanh(ops.add(ops.mul(x, 1.1), 0.3));
  const root = ops.sqrt(ops.abs(ops.sub(ops.mul(bend, x), 0.2)));
  return ops.maximum(ops.div(x, ops.add(ops.exp(ops.mul(root, -0.7)), 1)), -0.2);
};

const conv: Model = (ops, w, { x }) => ops.conv(x, w.w, { strides: 1, padding: "same" });

const square = (n: number) => ({ a: [n, n], b: [n, n] });
const flattened = { "d1.w": [5, 5, 16] } as const;

const PEER_MODELS: Readonly<Record<string, PeerModel>> = {
  xor: { model: xor, optimizer: { kind: "sgd", rate: 0.25 }, shapes: { x: [4, 2], target: [4, 1] } },
  mlp: { model: mlp, optimizer: adam, shapes: { x: [64, 784], label: [64] } },
  lenet: { model: lenet, optimizer: momentum, shapes: { x: [32, 28, 28, 1], label: [32] }, flattened },
  lstm: { model: lstm, optimizer: adam, shapes: { symbol: [512], next: [512] } },
  vae: { model: vae, optimizer: adam, shapes: { x: [64, 784], noise: [64, 20] } },
  transformer: { model: transformer, optimizer: adam, shapes: { x: [8, 64, 128], target: [8, 64, 128] } },
  resnet: { model: resnet, optimizer: momentum, shapes: { x: [16, 32, 32, 3], label: [16] } },
  "mlp-1": { model: mlpPrediction, shapes: { x: [1, 784] } },
  "mlp-256": { model: mlpPrediction, shapes: { x: [256, 784] } },
  "lenet-1": { model: lenetPrediction, shapes: { x: [1, 28, 28, 1] }, flattened },
  "product-512": { model: product(), shapes: square(512) },
  "product-512-abT": { model: product("right"), shapes: square(512) },
  "product-512-aTb": { model: product("left"), shapes: square(512) },
  "product-1024": { model: product(), shapes: square(1024) },
  softmax: { model: softmax, shapes: { x: [4096, 512] } },
  chain: { model: chain, shapes: { x: [1_000_000] } },
  conv: { model: conv, shapes: { x: [1, 56, 56, 64] }, image: [1, 56, 56, 64] },
};

/** @throws Error where no peer knows the workload */
export function modelOf({ name }: { readonly name: string }): PeerModel {
  if (!Object.hasOwn(PEER_MODELS, name)) throw new Error(`no model of ${name} for peers`);
  return PEER_MODELS[name];
}
