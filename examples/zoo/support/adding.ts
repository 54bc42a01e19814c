import {
  add,
  grad,
  indexAt,
  input,
  key,
  mean,
  model,
  mul,
  oneHot,
  program,
  randint,
  splitKey,
  square,
  squeeze,
  stack,
  sub,
  sum,
  type Tensor,
  transpose,
  uniform,
} from "gradc";
import { adam, clipByGlobalNorm, dense, oneCycle, parameters } from "gradc/nn";
import { type Lab, parametersOf } from "./lab.ts";

/** Steps of a sequence, and sequences of a batch. */
const [T, BATCH, TESTED] = [100, 16, 250];

/** A recurrent network: from [T, B, 2] to its results at all steps, [T, B, units]. */
export type Memory = (x: Tensor<"f32">) => Tensor<"f32">;

export interface AddingOptions {
  /** Whether the sum must be said at every step, and not just at the last one. */
  readonly always?: boolean;
  readonly steps: number;
  readonly learningRate: number;
}

/**
 * The adding problem (S. Hochreiter, J. Schmidhuber 1997): of a hundred numbers from 0 to 1 two are marked, one in each
 * half, and their sum is asked for. Who always says 1 has a mean squared error of 1/6.
 */
export function addingProgram(name: string, memory: Memory, { always = false, steps, learningRate }: AddingOptions) {
  const seed = input("seed", [], "u32");
  const problem = (sequences: number) => {
    const [k1, k2, k3] = splitKey(key(seed), 3);
    const values = uniform(k1, [T, sequences]);
    const mark = (k: Tensor<"u32">, low: number, high: number): Tensor<"f32"> =>
      transpose(oneHot(randint(k, [sequences], { low, high }), T, "f32"));
    const marks = add(mark(k2, 0, T / 2), mark(k3, T / 2, T));
    return { values, marks, x: stack([values, marks], -1), sum: sum(mul(values, marks), 0) };
  };
  const network = model((x: Tensor<"f32">) => {
    const cells = memory(x);
    return { cells, answers: squeeze(dense(cells, 1, { name: "answer" }), -1) };
  });
  const error = ({ x, sum }: ReturnType<typeof problem>) => {
    const { answers } = network(x);
    return mean(square(sub(always ? answers : indexAt(answers, T - 1), sum)));
  };
  const loss = error(problem(BATCH));
  const params = parameters(loss);
  const optimize = adam({ learningRate: oneCycle({ peak: learningRate, steps }) });
  const one = problem(1);
  return program(name, {
    train: {
      inputs: [seed],
      outputs: { loss },
      updates: optimize(params, clipByGlobalNorm(grad(loss, params), 1)),
    },
    test: { inputs: [seed], outputs: { error: error(problem(TESTED)) } },
    answer: { inputs: [seed], outputs: { values: one.values, marks: one.marks, ...network(one.x) } },
  });
}

/** A sequence, and what a network makes of it after each step. */
export interface Example {
  readonly values: Float32Array;
  readonly marks: Float32Array;
  /** What it would say if the sequence ended there. */
  readonly answers: Float32Array;
  /** The units' results, [T, units]. */
  readonly cells: Float32Array;
}

export interface Added {
  /** Mean squared error over a thousand new sequences. */
  readonly error: number;
  /** How many numbers were learned. */
  readonly parameters: number;
  /** Training loss, means of ten steps. */
  readonly losses: readonly number[];
  /** One new sequence, ten times during training and at its end. */
  readonly examples: readonly Example[];
}

/** Trains a network with new sequences in each step, and tests it with others. */
export async function trainAdding(lab: Lab, memory: Memory, options: AddingOptions, title: string): Promise<Added> {
  const { steps } = options;
  const adding = addingProgram("adding", memory, options);
  const net = await lab.compile(adding);
  const losses = new Array<number>(steps / 10).fill(0);
  const examples: Example[] = [];
  for (const step of lab.steps(steps, title)) {
    if (step % (steps / 10) === 0) examples.push(net.answer({ seed: 0 }));
    const { loss } = net.train({ seed: lab.random.integer(2 ** 32) });
    losses[Math.floor(step / 10)] += loss / 10;
  }
  examples.push(net.answer({ seed: 0 }));
  const errors = Array.from({ length: 1000 / TESTED }, (_, i) => net.test({ seed: i + 1 }).error);
  const error = errors.reduce((sum, e) => sum + e) / errors.length;
  return { error, parameters: parametersOf(adding), losses, examples };
}
