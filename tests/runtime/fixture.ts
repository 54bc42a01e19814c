import type { Manifest } from "../../src/runtime/manifest.ts";
import type { Executable } from "../../src/runtime/net.ts";

/** train: loss = Σ x·scale + Σ label; predict: y = 2x. One parameter, one state, and a reset that writes the seed. */
export const manifest: Manifest = {
  name: "toy",
  bytes: 4096,
  seed: 16,
  functions: [
    {
      name: "train",
      dims: [{ name: "B", max: 8 }],
      steps: [[0, 0]],
      inputs: [
        { name: "x", dtype: "f32", shape: ["B", 4], offset: 128 },
        { name: "label", dtype: "i32", shape: ["B"], offset: 256, below: 10 },
        { name: "scale", dtype: "f32", shape: [], offset: 288, default: 0.5 },
      ],
      outputs: [{ name: "loss", dtype: "f32", shape: [], offset: 304 }],
    },
    {
      name: "predict",
      dims: [{ name: "B", max: 8 }],
      steps: [[0, 0]],
      inputs: [
        { name: "x", dtype: "f32", shape: ["B", 4], offset: 128 },
        { name: "mask", dtype: "bool", shape: ["B"], offset: 320 },
      ],
      outputs: [
        { name: "y", dtype: "f32", shape: ["B", 4], offset: 336 },
        { name: "rows", dtype: "u32", shape: [], offset: 480 },
      ],
    },
    {
      name: "draw",
      dims: [{ name: "N", max: 4 }],
      steps: [[0, -1]],
      inputs: [],
      outputs: [{ name: "out", dtype: "i32", shape: [["+", ["*", "N", 2], 1]], offset: 512 }],
    },
  ],
  variables: [
    { name: "w", dtype: "f32", shape: [2, 3], offset: 32, role: "param" },
    { name: "w.m", dtype: "f64", shape: [2], offset: 64, role: "state" },
    { name: "seen", dtype: "bool", shape: [3], offset: 80, role: "state" },
    { name: "steps", dtype: "u32", shape: [], offset: 96, role: "state" },
  ],
};

export function executable(): Executable {
  const memory = new ArrayBuffer(manifest.bytes);
  const f = new Float32Array(memory);
  const i = new Int32Array(memory);
  const b = new Uint8Array(memory);
  return {
    memory,
    functions: {
      train(rows) {
        let loss = 0;
        for (let k = 0; k < rows * 4; k++) loss += f[128 / 4 + k] * f[288 / 4];
        for (let k = 0; k < rows; k++) loss += i[256 / 4 + k];
        f[304 / 4] = loss;
        i[96 / 4]++;
      },
      predict(rows) {
        for (let k = 0; k < rows * 4; k++) f[336 / 4 + k] = b[320 + (k >> 2)] ? 2 * f[128 / 4 + k] : 0;
        i[480 / 4] = rows;
      },
      draw(n) {
        for (let k = 0; k < 2 * n + 1; k++) i[512 / 4 + k] = k;
      },
      reset() {
        for (let k = 0; k < 6; k++) f[32 / 4 + k] = i[16 / 4] + k;
        i[96 / 4] = 0;
      },
    },
  };
}
