import {
  arange,
  categorical,
  concat,
  foldIn,
  grad,
  indexAt,
  input,
  key,
  mean,
  model,
  program,
  reshape,
  scan,
  set,
  slice,
  softmaxCrossEntropy,
  state,
  type Tensor,
  zeros,
} from "gradc";
import { adam, clipByGlobalNorm, dense, embedding, lstm, oneCycle, parameters } from "gradc/nn";
import { type Lab, parametersOf } from "./lab.ts";
import { type Corpus, decode } from "./text.ts";

/** What a network makes of the letters it reads. */
export interface Reading {
  /** [T, B, V]: of the letter that follows each. */
  readonly logits: Tensor<"f32">;
  /** What a recurrent network carries on after the last letter, [B, width] each. */
  readonly memory?: readonly Tensor<"f32">[];
}

/**
 * A network that reads letters and expects the next one, which it must not look at.
 * @param letters i32 [T, B]: B texts side by side
 * @param memory what it returned for the letters before; zeros at the beginning
 */
export type CharModel = (letters: Tensor<"i32">, memory: readonly Tensor<"f32">[]) => Reading;

export interface CharOptions {
  /** Letters T that training reads at once: as far as gradients flow (truncated backpropagation through time). */
  readonly window: number;
  /** Texts B side by side. */
  readonly batch: number;
  /** Updates of Adam, along one cycle of the learning rate. */
  readonly steps: number;
  /** The highest learning rate. */
  readonly learningRate: number;
  /** Widths of a recurrent network's memory. Without any, `window` letters are all that it ever sees. */
  readonly memory?: readonly number[];
}

export interface CharResult {
  /** e to the mean of −ln p(letter) over the test part of the corpus. */
  readonly perplexity: number;
  /** How many numbers were learned. */
  readonly parameters: number;
  /** Training loss of each step, in nats a letter. */
  readonly losses: readonly number[];
  /** How the network goes on after the first window of the test part. */
  readonly sample: string;
  /** What was learned, as a file of net.save. */
  readonly weights: Uint8Array;
}

/** How many letters a trained network writes. */
const LENGTH = 400;

/** How a text is cut up for the test: recurrent networks read long parts, the others windows that overlap by half. */
const testWindow = (corpus: Corpus, { window, batch, memory }: CharOptions): number =>
  memory ? Math.floor(corpus.test.length / batch) - 1 : window;

/** Functions that train a network on stretches of a text, test it on others, and let it write. */
export function charProgram(name: string, corpus: Corpus, read: CharModel, options: CharOptions) {
  const { window, batch, steps, learningRate, memory: widths = [] } = options;
  const network = model(read);
  const blank = (texts: number): Tensor<"f32">[] => widths.map(width => zeros([texts, width]));
  const costs = (text: Tensor<"i32">, memory: readonly Tensor<"f32">[]) => {
    const [length, texts] = text.shape as readonly number[];
    const reading = network(slice(text, [0, 0], [length - 1, texts]), memory);
    return { ...reading, cost: softmaxCrossEntropy(reading.logits, slice(text, [1, 0], [length, texts])) };
  };

  const text = input("text", [window + 1, batch], "i32");
  const remembered = blank(batch).map((zero, i) => state(`memory${i}`, zero));
  const training = costs(text, remembered);
  const loss = mean(training.cost);
  const params = parameters(loss);
  const optimize = adam({ learningRate: oneCycle({ peak: learningRate, steps }) });

  const unseen = input("unseen", [testWindow(corpus, options) + 1, batch], "i32");

  // What it has written is what it reads next: the last letter, or the last window of letters.
  const seed = input("seed", [], "u32");
  const prompt = input("prompt", [window, 1], "i32");
  const last = widths.length > 0 ? window - 1 : 0;
  const context = window - last;
  const { memory: begin = [] } = last > 0 ? network(slice(prompt, [0, 0], [last, 1]), blank(1)) : {};
  const { out: written } = scan(
    ({ letters, memory }, i) => {
      const { logits, memory: next = [] } = network(letters, memory);
      const letter = categorical(foldIn(key(seed), i), indexAt(logits, context - 1));
      const seen = concat([slice(letters, [1, 0], [context, 1]), reshape(letter, [1, 1])]);
      return { carry: { letters: seen, memory: next }, out: letter };
    },
    { letters: slice(prompt, [last, 0], [window, 1]), memory: begin },
    arange(LENGTH, "u32"),
  );
  return program(name, {
    train: {
      inputs: [text],
      outputs: { loss },
      updates: [
        ...optimize(params, clipByGlobalNorm(grad(loss, params), 1)),
        ...remembered.map((old, i) => set(old, training.memory?.[i] ?? old)),
      ],
    },
    test: { inputs: [unseen], outputs: { cost: costs(unseen, blank(batch)).cost } },
    write: { inputs: [prompt, seed], outputs: { written } },
  });
}

/** Trains a network on the first nine tenths of a corpus, tests it on the rest and lets it write. */
export async function trainCharModel(
  lab: Lab,
  corpus: Corpus,
  read: CharModel,
  options: CharOptions,
  title = "letters",
): Promise<CharResult> {
  const { window, batch, steps, memory } = options;
  const letters = charProgram("letters", corpus, read, options);
  const net = await lab.compile(letters);
  const losses: number[] = [];
  for (const step of lab.steps(steps, title)) {
    const { loss } = net.train({
      text: stretches(corpus.train, evenly(corpus.train, batch, step * window), window + 1),
    });
    losses.push(loss);
  }

  const length = testWindow(corpus, options);
  const stride = memory ? length : length >> 1;
  const starts = memory
    ? evenly(corpus.test, batch, 0)
    : Array.from({ length: Math.floor((corpus.test.length - 1 - length) / stride) + 1 }, (_, i) => i * stride);
  let [total, count] = [0, 0];
  for (let i = 0; i + batch <= starts.length; i += batch) {
    const { cost } = net.test({ unseen: stretches(corpus.test, starts.slice(i, i + batch), length + 1) });
    // What the window before has covered is there to be looked back at.
    for (const c of cost.subarray((length - stride) * batch)) {
      total += c;
      count++;
    }
  }
  return {
    perplexity: Math.exp(total / count),
    parameters: parametersOf(letters),
    losses,
    sample: decode(corpus, net.write({ prompt: corpus.test.slice(0, window), seed: lab.seed }).written),
    weights: net.save({ only: "params" }),
  };
}

/** The means of `points` equal parts of a curve. */
export const means = (curve: readonly number[], points: number): number[] =>
  Array.from({ length: points }, (_, i) => {
    const part = curve.slice(Math.round((i * curve.length) / points), Math.round(((i + 1) * curve.length) / points));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });

/** Where `count` equal parts of a text begin, or the places `offset` behind. */
export const evenly = (text: Int32Array, count: number, offset: number): number[] =>
  Array.from({ length: count }, (_, b) => b * Math.floor(text.length / count) + offset);

/** The `length` letters from each start on, side by side: [length, starts]. The text goes round. */
export function stretches(text: Int32Array, starts: readonly number[], length: number): Int32Array {
  const all = new Int32Array(length * starts.length);
  for (let t = 0; t < length; t++) {
    starts.forEach((start, b) => {
      all[t * starts.length + b] = text[(start + t) % text.length];
    });
  }
  return all;
}

/** Results of recurrent layers at every step, [T, B, units], and the memory after the last one. */
export interface Remembered {
  readonly out: Tensor<"f32">;
  readonly memory: readonly Tensor<"f32">[];
}

/** Recurrent layers between a table of letters and what is made of the next one. */
export const reader =
  (letters: number, layers: (x: Tensor<"f32">, memory: readonly Tensor<"f32">[]) => Remembered): CharModel =>
  (text, before) => {
    const { out, memory } = layers(embedding(text, letters, 32, { name: "letters" }), before);
    return { logits: dense(out, letters, { name: "next" }), memory };
  };

/** A layer of long short-term memory that reads. */
export const charLstm = (letters: number, units: number): CharModel =>
  reader(letters, (x, [h, c]) => {
    const { out, carry } = lstm(x, units, { name: "lstm", initial: { h, c } });
    return { out, memory: [carry.h, carry.c] };
  });
