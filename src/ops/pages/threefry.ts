import type { OpPages } from "./page.ts";

export const threefry: OpPages = {
  threefry: {
    summary: "Random bits from a key: the two words of the encrypted element index, xored.",
    equation: "y[i] = w₀ ⊕ w₁, (w₀, w₁) = Threefry-2x32(key, (0, i))",
    attributes: [{ name: "shape", type: "size list", meaning: "of the result; i is the row-major element index" }],
    kinks: "none; not differentiable",
    samples: [
      {
        inputs: [{ dtype: "u32", shape: [2], data: [0, 42] }],
        attrs: { shape: [3] },
        outputs: [{ dtype: "u32", shape: [3], data: [2098992034, 2919706841, 2646866425] }],
        source: "JAX 0.10.2, jax_threefry_partitionable",
      },
    ],
  },
  threefryWords: {
    summary: "Encrypts counters under a key: both words, along a new last axis. New keys are made like this.",
    equation: "y[i…, w] = Threefry-2x32(key, (0, n[i…]))[w]",
    attributes: [],
    kinks: "none; not differentiable",
    samples: [
      {
        inputs: [
          { dtype: "u32", shape: [2], data: [0, 42] },
          { dtype: "u32", shape: [2], data: [0, 1] },
        ],
        outputs: [{ dtype: "u32", shape: [2, 2], data: [1832780943, 270669613, 64467757, 2916123636] }],
        source: "JAX 0.10.2: jax.random.split, jax_threefry_partitionable",
      },
    ],
  },
};
