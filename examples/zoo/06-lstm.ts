// Long short-term memory: cells c ← σ(f)·c + σ(i)·tanh(g), whose gates i, f, o learn when to take in, to keep and to
// tell. S. Hochreiter, J. Schmidhuber, Neural Computation 9 (1997); forget gates and peepholes: F. Gers (2000, 2002);
// both directions: A. Graves, J. Schmidhuber (2005). Trained on the adding problem over 100 steps, and on letters.
// Reached: an error of 0.0007 (0.167 = guessing) where a plain network of as many parameters stays at 0.167; both
// directions know the sum at every step; perplexity 7.1 on letters, where the Markov chain of row 12 has 12. Time: 7 s.
import { orthogonalInit } from "gradc";
import { bidirectional, lstm, rnn } from "gradc/nn";
import { type AddingOptions, addingProgram, type Memory, trainAdding } from "./support/adding.ts";
import { addingCurves, compared, learningToAdd, unitsOverTime } from "./support/adding-exhibits.ts";
import { spelling } from "./support/char-exhibits.ts";
import { type CharOptions, charLstm, trainCharModel } from "./support/char-model.ts";
import { layer, network } from "./support/chart.ts";
import type { Lab } from "./support/lab.ts";
import { markovPerplexity } from "./support/markov.ts";
import { memoryOf } from "./support/module-memory.ts";
import { atLeast, atMost, type Figure, zooRow } from "./support/row.ts";
import { type Corpus, corpus } from "./support/text.ts";
import { exhibit } from "./support/time.ts";

const UNITS = 16;
const OPTIONS: AddingOptions = { steps: 1000, learningRate: 0.02 };
const ALWAYS: AddingOptions = { ...OPTIONS, always: true };
const LETTERS: CharOptions = { window: 32, batch: 32, steps: 300, learningRate: 0.02, memory: [64, 64] };

// Gates begin with memories of 1 to 100 steps (C. Tallec, Y. Ollivier 2018).
const cells = { name: "lstm", longest: 100 };

const kept: Memory = x => lstm(x, UNITS, cells).out;
/** Backwards through a hundred steps: every tenth memory is kept, all else is computed again. */
const checkpointed: Memory = x => lstm(x, UNITS, { ...cells, checkpoint: true }).out;
/** The gates see the memory: σ(i + pi·c), σ(f + pf·c), σ(o + po·c). */
const peepholes: Memory = x => lstm(x, UNITS, { ...cells, peepholes: true }).out;
/** One layer reads forwards, one backwards. */
const bothWays: Memory = x => bidirectional(x, { name: "lstm" }, (v, way) => lstm(v, UNITS, { ...cells, ...way })).out;
/** h ← tanh(x·wx + h·wh + b), with as many parameters. */
const plain: Memory = x => rnn(x, 33, { name: "rnn", recurrentInit: orthogonalInit() }).out;

const model = addingProgram("lstm", checkpointed, OPTIONS);
export default model;

/** The network of this row that reads letters, trained. */
export const trainedOnLetters = (lab: Lab, plays: Corpus) =>
  trainCharModel(lab, plays, charLstm(plays.letters.length, 64), LETTERS);

/** The largest difference between losses of the first 20 steps with checkpoints and without, and their memories. */
async function checkpoints(lab: Lab) {
  const other = addingProgram("kept", kept, OPTIONS);
  const [a, b] = [await lab.compile(model), await lab.compile(other)];
  const differences = Array.from({ length: 20 }, (_, seed) =>
    Math.abs(a.train({ seed }).loss - b.train({ seed }).loss),
  );
  const memory = (await memoryOf(model, "train")) / (await memoryOf(other, "train"));
  return { difference: Math.max(...differences), memory };
}

const adding = (how: string): Figure => ({
  what: `adding problem, T = 100, ${how}: mean squared error`,
  bar: atMost(0.01),
});
const oracle = (error: string) => `PyTorch: ${error} (tests/oracle/zoo_recurrent.py)`;

export const row = zooRow({
  number: 6,
  title: "Long short-term memory (LSTM)",
  published: "S. Hochreiter, J. Schmidhuber, Neural Computation 9 (1997); F. Gers, J. Schmidhuber (2000)",
  about:
    "A sequence of a hundred numbers goes by, two of them are marked, and at the end their sum is asked for. Gradients " +
    "must find their way over up to a hundred steps: through a plain network they fade, through memories that gates keep " +
    "shut they do not. The same cells learn to spell from Shakespeare's plays.",
  chart: network([layer("input", 3), layer("memory", 3), layer("memory", 3), layer("output", 3)]),
  program: model,
  figures: {
    lstm: { ...adding("LSTM"), reference: oracle("0.0013") },
    peepholes: adding("LSTM with peepholes"),
    bothWays: adding("BiLSTM that says the sum at every step"),
    plain: { ...adding("plain RNN"), bar: atLeast(0.1), reference: oracle("0.157") },
    memory: {
      what: "memory of the training step with checkpoints, as a share of that without",
      bar: atMost(1 / 3),
      unit: "%",
    },
    difference: { what: "largest difference between losses with checkpoints and without", bar: atMost(1e-5) },
    letters: {
      what: "letters of a text: perplexity as a share of the Markov chain's (row 12)",
      bar: atMost(1),
      unit: "%",
      reference: oracle("7.33, 61 %"),
    },
  },
  async show(lab) {
    const one = await trainAdding(lab, checkpointed, OPTIONS, "LSTM");
    const seeing = await trainAdding(lab, peepholes, OPTIONS, "LSTM with peepholes");
    const simple = await trainAdding(lab, plain, OPTIONS, "plain RNN");
    const both = await trainAdding(lab, bothWays, ALWAYS, "BiLSTM");
    const forwards = await trainAdding(lab, kept, ALWAYS, "LSTM, asked at every step");
    const { difference, memory } = await checkpoints(lab);
    const plays = corpus(lab.data);
    const chain = markovPerplexity(plays);
    const reader = await trainedOnLetters(lab, plays);
    return {
      figures: {
        lstm: one.error,
        peepholes: seeing.error,
        bothWays: both.error,
        plain: simple.error,
        memory,
        difference,
        letters: reader.perplexity / chain,
      },
      exhibits: [
        addingCurves({ LSTM: one, "with peepholes": seeing, "plain RNN": simple }),
        learningToAdd(one, OPTIONS.steps),
        exhibit(
          "Its units",
          "Results of the 16 units over the same sequence: grey is 0, white the largest.",
          unitsOverTime(one),
        ),
        exhibit(
          "Both directions know what comes",
          `Asked at every step for the sum at the end: errors ${both.error.toFixed(4)} and ${forwards.error.toFixed(4)}. ` +
            "One direction has to guess until it has seen both numbers.",
          compared({ BiLSTM: both, LSTM: forwards }),
        ),
        ...spelling("LSTM", reader, chain),
      ],
    };
  },
});
