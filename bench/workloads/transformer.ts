import {
  add,
  einsum,
  gelu,
  grad,
  input,
  matmul,
  mean,
  meanSquaredError,
  mul,
  onesInit,
  param,
  program,
  reshape,
  rsqrt,
  softmax,
  sub,
  type Tensor,
  variance,
  zerosInit,
} from "../../src/index.ts";
import { adam, dense, parameters } from "../../src/nn/index.ts";
import { values } from "./data.ts";
import { productFlops, trained, type Workload } from "./workload.ts";

const [BATCH, TOKENS, WIDTH, HEADS, HIDDEN] = [8, 64, 128, 4, 512] as const;
const DEPTH = WIDTH / HEADS;

/** scale·(x − mean)/√(variance + ε) + shift over the last axis (Ba et al. 2016). */
function layerNorm(x: Tensor<"f32">, name: string): Tensor<"f32"> {
  const scale = param(`${name}.scale`, [WIDTH], onesInit());
  const shift = param(`${name}.shift`, [WIDTH], zerosInit());
  const spread = variance(x, -1, { keepDims: true });
  const normal = mul(sub(x, mean(x, -1, { keepDims: true })), rsqrt(add(spread, 1e-5)));
  return add(mul(normal, scale), shift);
}

/** softmax(q·kᵀ/√d)·v in each of the heads (Vaswani et al. 2017). */
function attention(x: Tensor<"f32">): Tensor<"f32"> {
  const heads = (name: string): Tensor<"f32"> =>
    reshape(matmul(x, param(name, [WIDTH, WIDTH])), [BATCH, TOKENS, HEADS, DEPTH]);
  const [q, k, v] = [heads("q"), heads("k"), heads("v")];
  const scores = mul(einsum("bqhd,bkhd->bhqk", q, k), 1 / Math.sqrt(DEPTH));
  const mixed = einsum("bhqk,bkhd->bqhd", softmax(scores), v);
  return matmul(reshape(mixed, [BATCH, TOKENS, WIDTH]), param("o", [WIDTH, WIDTH]));
}

function feedForward(x: Tensor<"f32">): Tensor<"f32"> {
  const activation = (h: Tensor<"f32">): Tensor<"f32"> => gelu(h, { approximate: true });
  return dense(dense(x, HIDDEN, { name: "up", activation }), WIDTH, { name: "down" });
}

/** One block of a transformer with normalisation in front of its two branches. */
export const transformer: Workload = {
  name: "transformer",
  title: "transformer block d 128, 4 heads, 64 tokens, batch 8, Adam",
  kind: "training",
  declare() {
    const x = input("x", [BATCH, TOKENS, WIDTH]);
    const target = input("target", [BATCH, TOKENS, WIDTH]);

    const h = add(x, attention(layerNorm(x, "norm1")));
    const y = add(h, feedForward(layerNorm(h, "norm2")));
    const loss = meanSquaredError(y, target);

    const params = parameters(loss);
    return program("transformer", {
      train: { inputs: [x, target], outputs: { loss }, updates: adam()(params, grad(loss, params)) },
    });
  },
  feeds: call => ({
    x: values(call, BATCH * TOKENS * WIDTH),
    target: values(call + 1000, BATCH * TOKENS * WIDTH),
  }),
  flops:
    4 * trained(productFlops(BATCH * TOKENS, WIDTH, WIDTH)) +
    2 * trained(BATCH * HEADS * productFlops(TOKENS, DEPTH, TOKENS)) +
    2 * trained(productFlops(BATCH * TOKENS, WIDTH, HIDDEN)),
};
