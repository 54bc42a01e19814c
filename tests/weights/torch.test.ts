import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as g from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import { convertWeights, torch, type WeightFile } from "../../src/weights/index.ts";
import recorded from "../oracle/torch/models.json" with { type: "json" };

const file = (name: string): Uint8Array => readFileSync(new URL(`../oracle/torch/${name}`, import.meta.url));

type Values = ArrayLike<number>;
type Recorded = {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly cotangent: readonly number[];
  readonly dx: readonly number[];
};

function near(actual: Values, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  expected.forEach((e, i) => {
    expect(Math.abs(actual[i] - e), `${what}, element ${i}`).toBeLessThan(1e-5);
  });
}

/** Values and the gradient for x of a network with weights of PyTorch, on every target. */
function reproduces(
  { x, y, cotangent, dx }: Recorded,
  weights: Uint8Array,
  declare: (input: g.Tensor<"f32">) => { y: g.Tensor<"f32">; given?: Record<string, g.Tensor<"f32">> },
  shape: readonly number[],
  more: Readonly<Record<string, readonly number[]>> = {},
): void {
  const input = g.input("x", shape);
  const { y: output, given = {} } = declare(input);
  const to = g.input("cotangent", output.shape);
  const gradients = g.vjp(output, { x: input, ...given }, to);
  const p = g.program("p", { f: { inputs: [input, to], outputs: { y: output, ...(gradients as object) } } });
  for (const target of ["interpret", "js", "wasm"] as const) {
    const net = g.compileSync(p, { target });
    net.restore(weights);
    const result = net.f({ x, cotangent }) as unknown as Record<string, Values>;
    near(result.y, y, `${target} y`);
    near(result.x, dx, `${target} dx`);
    for (const name in more) near(result[name], more[name], `${target} ${name}`);
  }
}

describe("networks of PyTorch compute here what they compute there", () => {
  const mlp = (x: g.Tensor<"f32">) => ({
    y: nn.dense(nn.dense(x, 8, { name: "hidden", activation: g.tanh }), 3, { name: "out" }),
  });
  const layers = (f: WeightFile) => ({ hidden: torch.dense(f, "fc1"), out: torch.dense(f, "fc2") });

  it("a network of dense layers", () => {
    reproduces(recorded.mlp, convertWeights(file("mlp.safetensors"), layers), mlp, [4, 6]);
  });

  it("one in bfloat16 and float16", () => {
    reproduces(recorded.half, convertWeights(file("half.safetensors"), layers), mlp, [4, 6]);
  });

  it("a convolutional one, with groups, transposed convolution, running statistics and a flattened picture", () => {
    const weights = convertWeights(file("cnn.safetensors"), f => ({
      first: torch.conv(f, "features.0"),
      norm: torch.batchNorm(f, "features.3"),
      second: torch.conv(f, "features.4"),
      up: torch.conv(f, "up"),
      out: torch.dense(f, "classifier", { picture: [4, 6, 4] }),
    }));
    const declare = (x: g.Tensor<"f32">) => {
      const picture = g.transpose(x, [0, 2, 3, 1]);
      const bias = (name: string, n: number) => g.param(name, [n]);
      const first = g.conv(picture, g.param("first.w", [3, 3, 2, 4]), { padding: "same" });
      const pooled = g.maxPool(g.relu(g.add(first, bias("first.b", 4))), 2);
      const normed = nn.batchNorm(pooled, { name: "norm" }, nn.inference);
      const second = g.conv(normed, g.param("second.w", [1, 2, 2, 6]), { groups: 2 });
      const up = g.convTranspose(g.add(second, bias("second.b", 6)), g.param("up.w", [2, 2, 2, 6]), {
        strides: 2,
        groups: 2,
      });
      return { y: nn.dense(g.flatten(g.relu(up), 1), 5, { name: "out" }) };
    };
    reproduces(recorded.cnn, weights, declare, [2, 2, 6, 6]);
  });

  it("attention, with its projections in one tensor and apart", () => {
    const weights = convertWeights(file("attention.safetensors"), f => ({
      own: torch.attention(f, "own"),
      other: torch.attention(f, "other"),
      norm: torch.norm(f, "norm"),
    }));
    const attend = (name: string, queries: g.Tensor<"f32">, memory: g.Tensor<"f32">): g.Tensor<"f32"> => {
      const heads = (what: string, x: g.Tensor<"f32">) =>
        g.reshape(nn.dense(x, 4, { name: `${name}.${what}` }), [2, 3, 2, 2]);
      const scores = g.einsum("nqhd,nkhd->nhqk", heads("query", queries), heads("key", memory));
      const shares = g.softmax(g.mul(scores, Math.SQRT1_2), -1);
      const mixed = g.einsum("nhqk,nkhd->nqhd", shares, heads("value", memory));
      return nn.dense(g.reshape(mixed, [2, 3, 4]), 4, { name: `${name}.out` });
    };
    const declare = (x: g.Tensor<"f32">) => {
      const z = g.add(x, attend("own", x, x));
      const spread = g.rsqrt(g.add(g.variance(z, -1, { keepDims: true }), 1e-5));
      const normed = g.mul(g.sub(z, g.mean(z, -1, { keepDims: true })), spread);
      const y = g.add(g.mul(normed, g.param("norm.scale", [4])), g.param("norm.shift", [4])) as g.Tensor<"f32">;
      return { y: attend("other", y, g.slice(x, [0, 0, 0], [2, 3, 3]) as g.Tensor<"f32">) };
    };
    reproduces(recorded.attention, weights, declare, [2, 3, 4]);
  });

  it("a recurrent one: LSTM of two layers and two directions, GRU, Elman", () => {
    const weights = convertWeights(file("recurrent.safetensors"), f => {
      const layer = (i: number) => ({
        forward: torch.lstm(f, "lstm", { layer: i }),
        backward: torch.lstm(f, "lstm", { layer: i, reverse: true }),
      });
      return { words: { 0: layer(0), 1: layer(1) }, gru: torch.gru(f, "gru"), rnn: torch.rnn(f, "rnn") };
    });
    const { dLstmHidden, dGruHidden } = recorded.recurrent;
    const turned = (values: readonly number[], rows: number) =>
      Array.from(values, (_, i) => values[(i % rows) * (values.length / rows) + Math.floor(i / rows)]);
    const declare = (x: g.Tensor<"f32">) => {
      const words = nn.deep(x, 2, { name: "words" }, (v, part) =>
        nn.bidirectional(v, part, (u, way) => nn.lstm(u, 4, way)),
      );
      const y = nn.rnn(nn.gru(words.out, 4, { name: "gru" }).out, 3, { name: "rnn" }).out;
      const own = nn.parameters(y);
      return { y, given: { lstm: own["words.0.forward.wh"], gru: own["gru.wh"] } as Record<string, g.Tensor<"f32">> };
    };
    const more = { lstm: turned(dLstmHidden, 16), gru: turned(dGruHidden, 12) };
    reproduces(recorded.recurrent, weights, declare, [5, 2, 3], more);
  });
});
