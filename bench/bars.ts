import type { Bar } from "./measure.ts";

/** What the results are held to. A missed bar is reported; it is no error. */

const atLeast = (limit: number): Bar => ({ sense: "at least", limit });

/** By workload and peer: how many times as long as gradc the peer has to take. */
export const PEER_BARS: Readonly<Record<string, Readonly<Record<string, Bar>>>> = {
  xor: { synaptic: atLeast(1), "tfjs, cpu": atLeast(150), "tfjs, wasm": atLeast(150) },
  mlp: { "jax-js": atLeast(2.5), "tfjs, wasm": atLeast(12) },
  lenet: { "jax-js": atLeast(80) },
  lstm: { "jax-js": atLeast(7) },
  vae: { "jax-js": atLeast(2.8) },
  transformer: { "jax-js": atLeast(2.4) },
  resnet: { "jax-js": atLeast(100) },
  "mlp-1": { "onnxruntime-web": atLeast(1) },
  "mlp-256": { "onnxruntime-web": atLeast(1.35) },
  "lenet-1": { "onnxruntime-web": atLeast(2) },
  "product-512-abT": { "tfjs, wasm": atLeast(10) },
  "product-512-aTb": { "tfjs, wasm": atLeast(10) },
  "product-1024": { "onnxruntime-web": atLeast(1.4), "tfjs, wasm": atLeast(1.4) },
  softmax: { "tfjs, wasm": atLeast(2) },
  chain: { "onnxruntime-web": atLeast(3) },
  conv: { "onnxruntime-web": atLeast(1.3) },
};

/** Workloads by share of their roofline, in per cent. */
export const ROOFLINE_BARS: Readonly<Record<string, Bar>> = {
  mlp: atLeast(70),
  vae: atLeast(70),
  transformer: atLeast(65),
  lstm: atLeast(60),
  resnet: atLeast(55),
  lenet: atLeast(45),
  softmax: atLeast(75),
  chain: atLeast(75),
};

/** Single kernels: products and convolutions by share of the peak, elementwise ones by share of their roofline. */
export const KERNEL_BARS = {
  product: atLeast(85),
  oddProduct: atLeast(70),
  /** Of what lanes that hold no column leave. */
  narrowProduct: atLeast(65),
  convolution: atLeast(60),
  elementwise: atLeast(75),
} as const;

/** Two threads against one: workloads that have to gain, and what anything else may lose (3 %). */
export const THREAD_BARS = {
  gainers: ["mlp", "lenet", "transformer", "product-512", "product-512-abT", "product-512-aTb", "product-1024"],
  gain: atLeast(1.8),
  loss: atLeast(1 / 1.03),
} as const;
