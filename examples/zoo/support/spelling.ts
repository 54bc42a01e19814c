import * as Plot from "@observablehq/plot";
import { grad, input, mean, model, oneHot, program, softmaxCrossEntropy, type Tensor } from "gradc";
import { adam, clipByGlobalNorm, parameters } from "gradc/nn";
import type { Lab } from "./lab.ts";
import { plot } from "./plot.ts";

/** From letters [T, 1, V], 1 where they are, to logits of the letter that is asked for at each step, [T, 1, V]. */
export type Speller = (x: Tensor<"f32">) => Tensor<"f32">;

const END = ".";
const STEPS = 300;
/** Most is learned before the 90th step: every sixth of these is a picture. */
const [WATCHED, BETWEEN] = [90, 6];

/** The letters of a word, and what says that it is over. */
export const alphabetOf = (word: string): string[] => [...new Set(word), END];

/** A network that hears a word, `length` letters of an alphabet of `size`, and learns what to say at each of them. */
export function spellingProgram(name: string, speller: Speller, length: number, size: number) {
  const heard = input("heard", [length], "i32");
  const wanted = input("wanted", [length], "i32");
  const network = model(speller);
  const logits = network(oneHot(heard, size, "f32").expandDims(1)).squeeze(1);
  const loss = mean(softmaxCrossEntropy(logits, wanted));
  const params = parameters(loss);
  const updates = adam({ learningRate: 0.02 })(params, clipByGlobalNorm(grad(loss, params), 1));
  return program(name, {
    learn: { inputs: [heard, wanted], outputs: { loss }, updates },
    say: { inputs: [heard], outputs: { p: logits.softmax(-1), said: logits.argmax(-1) } },
  });
}

export interface Spelled {
  readonly losses: readonly number[];
  /** What it says at last: of a word the next letters, when it hears what it has said itself. */
  readonly said: string;
  /** Pictures of the first steps of training. */
  readonly frames: readonly string[];
}

/**
 * Teaches a network to say each letter of a word after the one before it.
 * @param around it says the very letter at each step, for the network looks at those around it alone
 */
export async function learnToSpell(
  lab: Lab,
  speller: Speller,
  word: string,
  { around = false }: { readonly around?: boolean } = {},
): Promise<Spelled> {
  const alphabet = alphabetOf(word);
  const numbers = (text: string): Int32Array => Int32Array.from(text, letter => alphabet.indexOf(letter));
  const heard = numbers(word);
  const wanted = around ? heard : numbers(word.slice(1) + END);
  const net = await lab.compile(spellingProgram("spelling", speller, word.length, alphabet.length));
  const losses: number[] = [];
  const frames: string[] = [];
  for (const step of lab.steps(STEPS, word)) {
    if (step < WATCHED && step % BETWEEN === 0) frames.push(drawn(word, net.say({ heard }).p, step));
    losses.push(net.learn({ heard, wanted }).loss);
  }
  const { said } = net.say({ heard });
  if (!around) {
    // What is not heard yet changes nothing: such a network looks back alone.
    const own = new Int32Array(word.length).fill(heard[0]);
    for (let t = 0; t < word.length; t++) {
      said[t] = net.say({ heard: own }).said[t];
      if (t + 1 < word.length) own[t + 1] = said[t];
    }
  }
  return { losses, said: Array.from(said, i => alphabet[i]).join(""), frames };
}

/** How likely each letter is held to be the next one, at each letter of a word. */
function drawn(word: string, p: Float32Array, step: number): string {
  const alphabet = alphabetOf(word);
  const cells = Array.from(p, (p, i) => ({
    t: Math.floor(i / alphabet.length),
    letter: alphabet[i % alphabet.length],
    p,
  }));
  return plot({
    width: 300,
    padding: 0,
    x: { domain: [...word].map((_, t) => t), tickFormat: t => word[t], label: `heard; after ${step} updates` },
    y: { domain: alphabet, label: "said" },
    color: { scheme: "greys", domain: [0, 1] },
    marks: [Plot.cell(cells, { x: "t", y: "letter", fill: "p" })],
  });
}

/** At how many places two words differ. */
export const wrong = (said: string, wanted: string): number =>
  [...wanted].filter((letter, i) => letter !== said[i]).length;
