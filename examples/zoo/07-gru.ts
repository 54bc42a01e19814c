// The gated recurrent unit: h ← (1 − z)·n + z·h with n = tanh(x·wx + r·(h·wh)), two gates z, r where long short-term
// memory has three and a second memory. K. Cho et al., Learning phrase representations using RNN encoder–decoder for
// statistical machine translation (2014). Trained on the adding problem over 100 steps and on letters, as row 6.
// Reached: an error of 0.0003 (0.167 = guessing) with 77 % of the parameters of row 6; perplexity 6.7 on letters with
// 80 %. Time: 5 s.
import { gru, lstm } from "gradc/nn";
import { type AddingOptions, addingProgram, type Memory, trainAdding } from "./support/adding.ts";
import { addingCurves, learningToAdd, unitsOverTime } from "./support/adding-exhibits.ts";
import { spelling } from "./support/char-exhibits.ts";
import { type CharOptions, reader, trainCharModel } from "./support/char-model.ts";
import { layer, network } from "./support/chart.ts";
import { parametersOf } from "./support/lab.ts";
import { markovPerplexity } from "./support/markov.ts";
import { atMost, type Figure, zooRow } from "./support/row.ts";
import { corpus } from "./support/text.ts";
import { exhibit } from "./support/time.ts";

const UNITS = 16;
const OPTIONS: AddingOptions = { steps: 1000, learningRate: 0.02 };
const LETTERS: CharOptions = { window: 32, batch: 32, steps: 300, learningRate: 0.02, memory: [64] };

// Units begin with memories of 1 to 100 steps (C. Tallec, Y. Ollivier 2018).
const cells = { name: "gru", longest: 100 };

/** The reset gate weighs h·wh, so that a step is one product. */
const resetAfter: Memory = x => gru(x, UNITS, cells).out;
/** The reset gate weighs h, as Cho et al. have it: n = tanh(x·wx + (r·h)·wh). */
const resetBefore: Memory = x => gru(x, UNITS, { ...cells, resetAfter: false }).out;
/** Row 6. */
const longShortTerm: Memory = x => lstm(x, UNITS, { ...cells, name: "lstm" }).out;

const model = addingProgram("gru", resetAfter, OPTIONS);
export default model;

const adding = (how: string): Figure => ({
  what: `adding problem, T = 100, ${how}: mean squared error`,
  bar: atMost(0.01),
});
const oracle = (error: string) => `PyTorch: ${error} (tests/oracle/zoo_recurrent.py)`;

export const row = zooRow({
  number: 7,
  title: "Gated recurrent unit (GRU)",
  published: "K. Cho et al., EMNLP (2014); J. Chung et al., arXiv:1412.3555 (2014)",
  about:
    "The task of row 6: a hundred numbers go by, two of them are marked, and at the end their sum is asked for. A unit has " +
    "one memory, which is also what it tells; one gate says how much of it stays, another how much of it a new value " +
    "depends on. With a quarter fewer parameters it learns as well.",
  chart: network([layer("input", 3), layer("gated memory", 3), layer("gated memory", 3), layer("output", 3)]),
  program: model,
  figures: {
    gru: { ...adding("GRU"), reference: oracle("0.0006") },
    resetBefore: adding("GRU that resets before the product"),
    parameters: {
      what: "parameters, as a share of the LSTM's of row 6 with as many units",
      bar: atMost(0.8),
      unit: "%",
    },
    letters: {
      what: "letters of a text, GRU: perplexity as a share of the Markov chain's (row 12)",
      bar: atMost(1),
      unit: "%",
      reference: oracle("6.81, 57 %"),
    },
  },
  async show(lab) {
    const one = await trainAdding(lab, resetAfter, OPTIONS, "GRU");
    const before = await trainAdding(lab, resetBefore, OPTIONS, "GRU that resets before");
    const other = await trainAdding(lab, longShortTerm, OPTIONS, "LSTM");
    const plays = corpus(lab.data);
    const chain = markovPerplexity(plays);
    const read = reader(plays.letters.length, (x, [initial]) => {
      const { out, carry } = gru(x, 64, { name: "gru", initial });
      return { out, memory: [carry] };
    });
    const letters = await trainCharModel(lab, plays, read, LETTERS);
    return {
      figures: {
        gru: one.error,
        resetBefore: before.error,
        parameters: parametersOf(model) / other.parameters,
        letters: letters.perplexity / chain,
      },
      exhibits: [
        addingCurves({ GRU: one, "reset before": before, LSTM: other }),
        learningToAdd(one, OPTIONS.steps),
        exhibit(
          "Its units",
          "The memories of the 16 units over the same sequence: grey is 0, white the largest.",
          unitsOverTime(one),
        ),
        exhibit("The same of the LSTM", "What its 16 units tell.", unitsOverTime(other)),
        ...spelling("GRU", letters, chain),
      ],
    };
  },
});
