import { compileSync } from "../../src/index.ts";
import { CASES, declareLikeSynaptic, declareOneByOne, ENTROPY_RATE, SQUARES_RATE } from "../workloads/xor.ts";
import type { Contender, Library, Start } from "./contender.ts";
import type { HostTensor } from "./ops.ts";

/** Libraries that update after every sample. One call is a round through the four cases of exclusive or. */

/** The mean of the squared errors, each before the update that it causes. */
const meanOf = (losses: readonly number[]): number[] => [losses.reduce((a, b) => a + b) / losses.length];

/** Row-major weights [inputs, units] as each unit's list. */
const columns = ({ values, shape: [inputs, units] }: HostTensor): number[][] =>
  Array.from({ length: units }, (_, unit) => Array.from({ length: inputs }, (_, i) => values[i * units + unit]));

/** gradc in the same way: what the others are checked against. */
const gradcOneByOne = (name: string, declare: typeof declareOneByOne): Library => ({
  name,
  async start({ weights }: Start): Promise<Contender> {
    const net = compileSync(declare(), { target: "wasm" });
    for (const [variable, { values }] of Object.entries(weights)) net.variables[variable].set(values);
    return {
      name,
      run() {
        for (const sample of CASES) net.train(sample);
      },
      result: async () => meanOf(CASES.map(sample => Number(net.train(sample).loss))),
    };
  },
});

const gradcLikeBrain = gradcOneByOne("gradc, one by one", declareOneByOne);
const gradcLikeSynaptic = gradcOneByOne("gradc, one by one like synaptic", declareLikeSynaptic);

/** See declareLikeSynaptic. */
export const synaptic: Library = {
  name: "synaptic",
  like: gradcLikeSynaptic,
  async start({ weights }: Start): Promise<Contender> {
    const { Architect } = (await import("synaptic")).default;
    const network = new Architect.Perceptron(2, 8, 1);
    const set = (layer: (typeof network.layers)["output"], name: string): void => {
      const incoming = columns(weights[`${name}.w`]);
      for (const [unit, neuron] of layer.list.entries()) {
        neuron.bias = weights[`${name}.b`].values[unit];
        Object.values(neuron.connections.inputs).forEach((connection, i) => {
          connection.weight = incoming[unit][i];
        });
      }
    };
    set(network.layers.hidden[0], "hidden");
    set(network.layers.output, "out");
    const cases = CASES.map(({ x, target }) => ({ x: Array.from(x), target: Array.from(target) }));
    const learn = ({ x, target }: (typeof cases)[number]): number => {
      const [y] = network.activate(x);
      network.propagate(ENTROPY_RATE, target);
      return (y - target[0]) ** 2;
    };
    return {
      name: "synaptic",
      run() {
        for (const sample of cases) learn(sample);
      },
      result: async () => meanOf(cases.map(learn)),
    };
  },
};

/** Descends the squares. */
export const brainJs: Library = {
  name: "brain.js",
  like: gradcLikeBrain,
  async start({ weights }: Start): Promise<Contender> {
    const { NeuralNetwork } = (await import("brain.js")).default;
    const network = new NeuralNetwork({
      inputSize: 2,
      hiddenLayers: [8],
      outputSize: 1,
      activation: "sigmoid",
      learningRate: SQUARES_RATE,
      momentum: 1e-9, // It must not be 0.
    });
    network.initialize();
    for (const [layer, name] of [undefined, "hidden", "out"].entries()) {
      if (!name) continue;
      columns(weights[`${name}.w`]).forEach((incoming, unit) => {
        network.weights[layer][unit].set(incoming);
      });
      network.biases[layer].set(weights[`${name}.b`].values);
    }
    const cases = CASES.map(({ x, target }) => ({
      input: Float32Array.from(x),
      output: Float32Array.from(target),
    }));
    return {
      name: "brain.js",
      run() {
        for (const sample of cases) network.trainPattern(sample);
      },
      result: async () =>
        meanOf(
          cases.map(sample => {
            network.trainPattern(sample);
            return (network.outputs[2][0] - sample.output[0]) ** 2;
          }),
        ),
    };
  },
};
