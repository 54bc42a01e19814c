// Recurrent networks: what a layer made of the step before comes back to it. J. Elman, Finding structure in time (1990):
// h ← tanh(x·wx + h·wh + b); M. Jordan, Serial order (1986): y ← tanh(x·wx + y·wh + b)·wy + c, the output; both directions:
// M. Schuster, K. Paliwal (1997); gradients cut off after a few steps: R. Williams, J. Peng (1990).
// Trained to spell «namaskar», and on letters of Shakespeare's plays, 32 steps back through time.
// Reached: the word exact by all; on other letters of the plays perplexity 6.9 (Elman), 7.5 (Jordan), 7.2 (deep), where
// the Markov chain of row 12 has 12; 4.0 where a letter is asked for between its neighbours. Time: 8 s.
import { orthogonalInit, type Tensor } from "gradc";
import { bidirectional, deep, dense, embedding, jordan, rnn } from "gradc/nn";
import { type CharModel, type CharOptions, reader, trainCharModel } from "./support/char-model.ts";
import { layer, network } from "./support/chart.ts";
import { around, trainGaps } from "./support/gaps.ts";
import { lossesOf } from "./support/learning-curve.ts";
import { markovPerplexity } from "./support/markov.ts";
import { curves, film, text } from "./support/plot.ts";
import { atMost, type Figure, zooRow } from "./support/row.ts";
import { alphabetOf, learnToSpell, type Speller, spellingProgram, wrong } from "./support/spelling.ts";
import { corpus } from "./support/text.ts";
import { exhibit } from "./support/time.ts";

type Values = Tensor<"f32">;

const WORD = "namaskar";
const NEXT = `${WORD.slice(1)}.`;
const V = alphabetOf(WORD).length;
const LETTERS: CharOptions = { window: 32, batch: 32, steps: 300, learningRate: 0.01 };
const recurrentInit = orthogonalInit(); // ‖h·wh‖ = ‖h‖: memories are long at first

// Of a word, logits of the letter at each step that is asked for.
const answer = (h: Values): Values => dense(h, V, { name: "answer" });
const elman: Speller = x => answer(rnn(x, 12, { name: "rnn" }).out);
const fedBack: Speller = x => jordan(x, 12, V, { name: "jordan" }).out;
const stacked: Speller = x => answer(deep(x, 2, { name: "rnn" }, (v, part) => rnn(v, 12, part)).out);
const bothWays: Speller = x => answer(around(bidirectional(x, { name: "rnn" }, (v, way) => rnn(v, 12, way)).out));

// Of a text, the same. The memory after a window of letters is what the next one begins with; gradients end there.
const charElman = (letters: number): CharModel =>
  reader(letters, (x, [initial]) => {
    const { out, carry } = rnn(x, 128, { name: "rnn", recurrentInit, initial });
    return { out, memory: [carry] };
  });
const charJordan =
  (letters: number): CharModel =>
  (read, [initial]) => {
    const x = embedding(read, letters, 32, { name: "letters" });
    const { out, carry } = jordan(x, 128, letters, { name: "jordan", initial });
    return { logits: out, memory: [carry] };
  };
const charDeep = (letters: number): CharModel =>
  reader(letters, (x, initial) => {
    const { out, carry } = deep(x, 2, { name: "rnn" }, (v, part, i) =>
      rnn(v, 64, { ...part, recurrentInit, initial: initial[i] }),
    );
    return { out, memory: carry };
  });
const charBoth = (x: Values): Values =>
  bidirectional(x, { name: "rnn" }, (v, way) => rnn(v, 64, { ...way, recurrentInit })).out;

const model = spellingProgram("rnn", elman, WORD.length, V);
export default model;

const spelling = (how: string, which = "letters wrong where it goes on from the first by itself"): Figure => ({
  what: `«${WORD}», ${how}: ${which}`,
  bar: atMost(0),
});
const reading = (how: string): Figure => ({
  what: `letters of a text, ${how}: perplexity as a share of the Markov chain's (row 12)`,
  bar: atMost(1),
  unit: "%",
});

export const row = zooRow({
  number: 5,
  title: "Recurrent (RNN)",
  published: "M. Jordan, UCSD report 8604 (1986); J. Elman, Cognitive Science 14 (1990)",
  about:
    "Three of the letters of «namaskar» are a, and each time another letter follows: only a network that remembers can " +
    "spell it. The same networks read Shakespeare's plays and expect the next letter, better than counts of pairs do.",
  chart: network([layer("input", 3), layer("recurrent", 3), layer("recurrent", 3), layer("output", 3)]),
  program: model,
  figures: {
    elman: spelling("Elman"),
    jordan: spelling("Jordan"),
    deep: spelling("deep"),
    both: spelling("bidirectional", "letters wrong, each between its neighbours"),
    elmanText: { ...reading("Elman"), reference: "PyTorch: 7.05, 59 % (tests/oracle/zoo_recurrent.py)" },
    jordanText: reading("Jordan"),
    deepText: reading("deep"),
    bothText: reading("bidirectional, each between its neighbours"),
  },
  async show(lab) {
    const words = {
      Elman: await learnToSpell(lab, elman, WORD),
      Jordan: await learnToSpell(lab, fedBack, WORD),
      deep: await learnToSpell(lab, stacked, WORD),
      bidirectional: await learnToSpell(lab, bothWays, WORD, { around: true }),
    };
    const plays = corpus(lab.data);
    const n = plays.letters.length;
    const chain = markovPerplexity(plays);
    const train = (read: CharModel, title: string, memory: readonly number[]) =>
      trainCharModel(lab, plays, read, { ...LETTERS, memory }, title);
    const texts = {
      Elman: await train(charElman(n), "Elman", [128]),
      Jordan: await train(charJordan(n), "Jordan", [n]),
      deep: await train(charDeep(n), "deep", [64, 64]),
      bidirectional: await trainGaps(lab, plays, charBoth, LETTERS, "bidirectional"),
    };
    const { Elman, Jordan, deep, bidirectional } = texts;
    return {
      figures: {
        elman: wrong(words.Elman.said, NEXT),
        jordan: wrong(words.Jordan.said, NEXT),
        deep: wrong(words.deep.said, NEXT),
        both: wrong(words.bidirectional.said, WORD),
        elmanText: Elman.perplexity / chain,
        jordanText: Jordan.perplexity / chain,
        deepText: deep.perplexity / chain,
        bothText: bidirectional.perplexity / chain,
      },
      exhibits: [
        exhibit(
          `Learning to spell «${WORD}»`,
          "Elman, in the first steps of training. The darker, the likelier it holds a letter to come next.",
          film(words.Elman.frames),
        ),
        exhibit("Loss of the word", "In nats a letter.", curves(lossesOf(words))),
        exhibit(
          "Learning to read",
          "Cross-entropy of the next letter, or of one between its neighbours, in nats.",
          curves(
            { ...lossesOf(texts), "Markov chain": Elman.losses.map(() => Math.log(chain)) },
            { width: 640, y: { label: "nats a letter" } },
          ),
        ),
        exhibit(
          "Between its neighbours",
          "Above: the text. Below: what the bidirectional network takes each letter for, which it does not see itself.",
          text(bidirectional.pieces.slice(0, 8).join("\n")),
        ),
        ...Object.entries({ Elman, Jordan, deep }).map(([name, { sample, perplexity }]) =>
          exhibit(`Written by ${name}`, `Perplexity on the test text ${perplexity.toFixed(2)}.`, text(sample)),
        ),
      ],
    };
  },
});
