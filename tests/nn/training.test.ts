import { describe, expect, it } from "vitest";
import {
  compileSync,
  dim,
  evaluate,
  grad,
  input,
  key,
  model,
  program,
  relu,
  softmax,
  state,
  type Tensor,
} from "../../src/index.ts";
import { adam, batchNorm, crossEntropy, dense, dropout, inference, type Mode, training } from "../../src/nn/index.ts";

const B = dim("B", { max: 8 });
const x = input("x", [B, 4]);
const label = input("label", [B], "i32");

const network = model((v: Tensor<"f32">, mode: Mode) => {
  const hidden = relu(batchNorm(dense(v, 6, { name: "hidden" }), { name: "norm" }, mode));
  return dense(dropout(hidden, 0.25, mode), 3, { name: "out" });
});

const mode = training(state("key", key(5)));
const loss = crossEntropy(network(x, mode), label);
const probabilities = softmax(network(x, inference));

const { graph } = program("names", { train: { inputs: [x, label], outputs: { loss }, updates: mode.updates } });
const parameters = graph.variables.filter(v => v.role === "param").map(v => v.value);

const net = program("small", {
  train: {
    inputs: [x, label],
    outputs: { loss },
    updates: [...adam({ learningRate: 0.05 })(parameters as never, grad(loss, parameters)), ...mode.updates],
  },
  predict: { inputs: [x], outputs: { probabilities } },
});

const data = { x: Array.from({ length: 32 }, (_, i) => Math.sin(i * i)), label: [0, 1, 2, 0, 1, 2, 0, 1] };

describe("a network with dropout and batch normalisation", () => {
  for (const target of ["interpret", "js", "wasm"] as const) {
    it(`trains compiled to ${target} as reference evaluation says`, () => {
      using instance = compileSync(net, { target });
      const losses = [instance.train(data).loss];
      expect(Math.abs(losses[0] - evaluate(loss, data))).toBeLessThan(1e-5);
      const keyBefore = Array.from(instance.variables.key.get());
      // The next call draws from another key: reference evaluation on the variables as they are now agrees.
      const feeds = Object.fromEntries(
        graph.variables
          .map(v => [v.name, instance.variables[v.name].get()])
          .filter(([name]) => !isRunning(String(name))),
      );
      const second = evaluate(loss, { ...data, ...feeds });
      losses.push(instance.train(data).loss);
      expect(Math.abs(losses[1] - second)).toBeLessThan(1e-5);
      expect(Array.from(instance.variables.key.get())).not.toEqual(keyBefore);
      for (let step = 0; step < 150; step++) losses.push(instance.train(data).loss);
      const tail = losses.slice(-20).reduce((s, l) => s + l, 0) / 20;
      expect(tail).toBeLessThan(losses[0] / 2);
      const one = instance.predict({ x: data.x }).probabilities;
      expect(instance.predict({ x: data.x }).probabilities).toEqual(one);
      const mean = instance.variables["norm.mean"].get();
      expect(mean.some(m => m !== 0)).toBe(true);
    });
  }
});

/** The loss of training does not read the running statistics. */
const isRunning = (name: string): boolean => name === "norm.mean" || name === "norm.variance";
