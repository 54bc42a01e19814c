import { concat, grad, input, mean, model, program, softmaxCrossEntropy, type Tensor } from "gradc";
import { adam, clipByGlobalNorm, dense, embedding, oneCycle, parameters } from "gradc/nn";
import { type CharOptions, evenly, stretches } from "./char-model.ts";
import type { Lab } from "./lab.ts";
import { type Corpus, decode } from "./text.ts";

/** Layers of both directions, their results side by side: [T, B, F] → [T, B, 2·units]. */
export type BothWays = (x: Tensor<"f32">) => Tensor<"f32">;

/** What is known of each step from those before and from those after it: each direction up to the step's neighbour. */
export function around(both: Tensor<"f32">): Tensor<"f32"> {
  const [before, after] = both.split(2, -1);
  const last = Number(both.shape[0]) - 1;
  return concat([before.slice([0], [last]).pad([[1, 0], 0, 0]), after.slice([1]).pad([[0, 1], 0, 0])], -1);
}

/** Each letter of a text from those around it. */
export function gapProgram(letters: number, layers: BothWays, { window, batch, steps, learningRate }: CharOptions) {
  const text = input("text", [window, batch], "i32");
  const network = model((read: Tensor<"i32">) => {
    const x = embedding(read, letters, 32, { name: "letters" });
    return dense(around(layers(x)), letters, { name: "gap" });
  });
  const logits = network(text);
  const cost = softmaxCrossEntropy(logits, text);
  const loss = mean(cost);
  const params = parameters(loss);
  const optimize = adam({ learningRate: oneCycle({ peak: learningRate, steps }) });
  return program("gaps", {
    train: { inputs: [text], outputs: { loss }, updates: optimize(params, clipByGlobalNorm(grad(loss, params), 1)) },
    test: { inputs: [text], outputs: { cost, guess: logits.argmax(-1) } },
  });
}

export interface GapResult {
  /** e to the mean of −ln p(letter) over the test part of the corpus. */
  readonly perplexity: number;
  readonly losses: readonly number[];
  /** Pieces of the test part and, below them, what the network takes each letter for, which it does not see. */
  readonly pieces: readonly string[];
}

/** Trains and tests in windows: beyond them nothing is seen. */
export async function trainGaps(
  lab: Lab,
  corpus: Corpus,
  layers: BothWays,
  options: CharOptions,
  title: string,
): Promise<GapResult> {
  const { window, batch, steps } = options;
  const net = await lab.compile(gapProgram(corpus.letters.length, layers, options));
  const losses: number[] = [];
  for (const step of lab.steps(steps, title)) {
    const text = stretches(corpus.train, evenly(corpus.train, batch, step * window), window);
    losses.push(net.train({ text }).loss);
  }
  const rounds = Math.floor(corpus.test.length / (window * batch));
  const pieces: string[] = [];
  let total = 0;
  for (let i = 0; i < rounds; i++) {
    const starts = Array.from({ length: batch }, (_, b) => (i * batch + b) * window);
    const text = stretches(corpus.test, starts, window);
    const { cost, guess } = net.test({ text });
    for (const c of cost) total += c;
    const first = (all: Int32Array): string =>
      decode(
        corpus,
        all.filter((_, at) => at % batch === 0),
      ).replace(/\n/g, "↵");
    pieces.push(`${first(text)}\n${first(guess)}\n`);
  }
  return { perplexity: Math.exp(total / (rounds * window * batch)), losses, pieces };
}
