import {
  add,
  averagePool,
  binaryCrossEntropyWithLogits,
  conv,
  dim,
  div,
  einsum,
  exp,
  flatten,
  gather,
  gelu,
  grad,
  input,
  key,
  matmul,
  maxPool,
  mean,
  meanSquaredError,
  mul,
  normal,
  type Program,
  param,
  program,
  relu,
  rsqrt,
  type Scalar,
  scan,
  set,
  sigmoid,
  softmax,
  split,
  splitKey,
  square,
  state,
  sub,
  sum,
  type Tensor,
  tanh,
  type Update,
  variance,
  zeros,
} from "../../src/index.ts";
import {
  adam,
  batchNorm,
  crossEntropy,
  dense,
  dropout,
  momentum,
  type Optimizer,
  parameters,
  sgd,
  training,
} from "../../src/nn/index.ts";

const B = dim("B", { max: 6 });

/** The updates of all parameters under a loss. */
function updates(loss: Scalar<"f32">, optimizer: Optimizer): Update[] {
  const params = parameters(loss);
  return optimizer(params, grad(loss, params));
}

function convolutional(): Program {
  const x = input("x", [B, 8, 8, 1]);
  const label = input("label", [B], "i32");
  const c1 = maxPool(relu(add(conv(x, param("c1", [3, 3, 1, 5]), { padding: "same" }), param("b1", [5]))), 2);
  const c2 = averagePool(relu(conv(c1, param("c2", [3, 3, 5, 6]), { padding: 1, strides: 1 })), 2);
  const logits = dense(flatten(c2, 1), 4, { name: "out" });
  const loss = crossEntropy(logits, label);
  return program("convolutional", {
    train: { inputs: [x, label], outputs: { loss }, updates: updates(loss, momentum({ learningRate: 0.05 })) },
  });
}

/** A long short-term memory over symbols. */
function recurrent(): Program {
  const symbol = input("symbol", [7, B], "i32");
  const next = input("next", [7, B], "i32");
  const wh = param("wh", [6, 24]);
  const { out } = scan(
    ({ h, c }: { readonly h: Tensor<"f32">; readonly c: Tensor<"f32"> }, x: Tensor<"f32">) => {
      const [i, f, g, o] = split(add(x, matmul(h, wh)), 4, 1);
      const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
      const after = mul(sigmoid(o), tanh(cell));
      return { carry: { h: after, c: cell }, out: after };
    },
    { h: zeros([B, 6]), c: zeros([B, 6]) },
    gather(param("wx", [9, 24]), symbol),
  );
  const loss = crossEntropy(dense(out, 9, { name: "out" }), next);
  return program("recurrent", {
    train: { inputs: [symbol, next], outputs: { loss }, updates: updates(loss, adam({ learningRate: 0.02 })) },
  });
}

/** Batch normalisation, dropout and a random key that is state. */
function stochastic(): Program {
  const x = input("x", [B, 10]);
  const y = input("y", [B, 2]);
  const mode = training(state("key", key(3)));
  const hidden = relu(batchNorm(dense(x, 12, { name: "hidden" }), { name: "norm" }, mode));
  const loss = meanSquaredError(dense(dropout(hidden, 0.3, mode), 2, { name: "out" }), y);
  return program("stochastic", {
    train: {
      inputs: [x, y],
      outputs: { loss },
      updates: [...updates(loss, sgd({ learningRate: 0.05 })), ...mode.updates],
    },
  });
}

/** A variational autoencoder that draws its own noise. */
function variational(): Program {
  const x = input("x", [5, 12]);
  const noiseKey = state("noiseKey", key(8));
  const [next, now] = splitKey(noiseKey);
  const hidden = relu(dense(x, 9, { name: "encoder" }));
  const middle = dense(hidden, 3, { name: "mean" });
  const logVariance = dense(hidden, 3, { name: "logVariance" });
  const z = add(middle, mul(exp(mul(logVariance, 0.5)), normal(now, [5, 3])));
  const logits = dense(relu(dense(z, 9, { name: "decoder" })), 12, { name: "pixels" });
  const divergence = mul(sum(sub(add(1, logVariance), add(square(middle), exp(logVariance)))), -0.5);
  const loss = div(add(sum(binaryCrossEntropyWithLogits(logits, x)), divergence), 5);
  return program("variational", {
    train: {
      inputs: [x],
      outputs: { loss },
      updates: [...updates(loss, adam({ learningRate: 0.01 })), set(noiseKey, next)],
    },
  });
}

/** A block of a transformer with two heads. */
function attentive(): Program {
  const x = input("x", [B, 5, 8]);
  const y = input("y", [B, 5, 8]);
  const normed = (v: Tensor<"f32">, name: string): Tensor<"f32"> =>
    mul(
      mul(sub(v, mean(v, -1, { keepDims: true })), rsqrt(add(variance(v, -1, { keepDims: true }), 1e-5))),
      param(name, [8]),
    );
  const heads = (name: string): Tensor<"f32"> =>
    einsum("bti,ihd->bthd", normed(x, `${name}.norm`), param(name, [8, 2, 4]));
  const scores = softmax(mul(einsum("bqhd,bkhd->bhqk", heads("q"), heads("k")), 0.5));
  const mixed = einsum("bhqk,bkhd,hdi->bqi", scores, heads("v"), param("o", [2, 4, 8]));
  const h = add(x, mixed);
  const loss = meanSquaredError(add(h, dense(gelu(dense(h, 16, { name: "up" })), 8, { name: "down" })), y);
  return program("attentive", {
    train: { inputs: [x, y], outputs: { loss }, updates: updates(loss, adam({ learningRate: 0.01 })) },
  });
}

/** One small network of each kind, each with a function `train` that returns a loss. */
export const NETWORKS: Readonly<Record<string, () => Program>> = {
  convolutional,
  recurrent,
  stochastic,
  variational,
  attentive,
};
