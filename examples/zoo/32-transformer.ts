// The transformer: every letter asks all letters before it, and takes what those have to say that answer. A block is
// attention in several heads and two dense layers with GELU, each added to what was there, each after layer normalisation.
// A. Vaswani et al., Attention is all you need, arXiv:1706.03762 (2017); normalisation first: R. Xiong et al. (2020); first
// preferences for near letters: O. Press et al. (ALiBi, 2022). Trained on 614,400 letters of Shakespeare's plays.
// Reached: perplexity 6.9, where an LSTM of as many parameters has 7.3 after as many letters. Time: 4 s.
import * as g from "gradc";
import { arange, einsum, input, param, program, type Tensor, where } from "gradc";
import { adam, dense, embedding, layerNorm, multiHeadAttention, parameters } from "gradc/nn";
import { attentionMaps, attentionPlots, byDistance } from "./support/attention.ts";
import { charLstm, means, trainCharModel } from "./support/char-model.ts";
import { layer, network } from "./support/chart.ts";
import { curves, film, text } from "./support/plot.ts";
import { atMost, zooRow } from "./support/row.ts";
import { corpus, decode } from "./support/text.ts";
import { exhibit } from "./support/time.ts";

const [READ, POINTS] = [614_400, 60];
const [WINDOW, BLOCKS, HEADS, WIDTH, HIDDEN] = [32, 2, 5, 20, 30];

type Values = Tensor<"f32">;

/** Head h begins with scores that fall by 2^(−4h/5) with every letter further back; then it learns them. */
const near = g.constant(
  Array.from({ length: HEADS * WINDOW }, (_, i) => -(2 ** ((-4 * Math.floor(i / WINDOW)) / HEADS)) * (i % WINDOW)),
  [HEADS, WINDOW],
);

/** How far key j is from query i, and what that is worth to every head. */
function distances(T: number, name: string) {
  const distance = arange(T).expandDims(1).sub(arange(T)); // i − j
  return { distance, worth: param(`${name}.distance`, [HEADS, WINDOW], () => near).gather(distance.maximum(0), 1) };
}

type Attention = (x: Values, name: string) => { readonly weights?: Values; readonly found: Values };

/** softmax(q·kᵀ/√d + what the distance is worth)·v in every head; x is [B, T, WIDTH]. */
const attention: Attention = (x, name) => {
  const [B, T] = x.shape as readonly number[];
  const inHeads = (what: string): Values =>
    dense(x, WIDTH, { name: `${name}.${what}` }).reshape([B, T, HEADS, WIDTH / HEADS]);
  const [q, k, v] = ["query", "key", "value"].map(inHeads);
  const { distance, worth } = distances(T, name);
  const scores = g.div(einsum("bihd,bjhd->bhij", q, k), Math.sqrt(WIDTH / HEADS)).add(worth);
  const weights: Values = where(distance.ge(0), scores, -1e9).softmax(); // the causal mask: nobody sees what comes
  const found = einsum("bhij,bjhd->bihd", weights, v).reshape([B, T, WIDTH]);
  return { weights, found: dense(found, WIDTH, { name: `${name}.out`, init: g.zerosInit() }) };
};

/** The same as a layer of gradc/nn. */
const layered: Attention = (x, name) => {
  const { worth } = distances(x.shape[1] as number, name);
  return { found: multiHeadAttention(x, x, x, { name, heads: HEADS, mask: worth, causal: true }) };
};

/** From letters, i32 [T, B], to what is expected after each, and to where each head of each block looked. */
function transformer(letters: Tensor<"i32">, count: number, attend = attention) {
  const seen: Values[] = [];
  let x: Values = embedding(letters.transpose(), count, WIDTH, { name: "letters", init: g.normalInit({ stdev: 0.5 }) });
  for (let i = 0; i < BLOCKS; i++) {
    const name = (what: string) => ({ name: `block${i}.${what}` });
    const { weights, found } = attend(layerNorm(x, name("before")), `block${i}`);
    x = x.add(found);
    const hidden = dense(layerNorm(x, name("between")), HIDDEN, { ...name("hidden"), activation: h => g.gelu(h) });
    x = x.add(dense(hidden, WIDTH, { ...name("mix"), init: g.zerosInit() }));
    if (weights) seen.push(weights);
  }
  const logits = dense(layerNorm(x, { name: "after" }), count, { name: "next" });
  return { logits: logits.transpose([1, 0, 2]), seen };
}

/** Reads one window. */
function reader(count: number) {
  const [letters, next] = [input("letters", [WINDOW, 1], "i32"), input("next", [WINDOW, 1], "i32")];
  const read = g.model((attend: Attention) => transformer(letters, count, attend));
  const { logits, seen } = read(attention);
  const loss = g.mean(g.softmaxCrossEntropy(logits, next));
  const params = parameters(loss);
  return program("transformer", {
    train: { inputs: [letters, next], outputs: { loss }, updates: adam()(params, g.grad(loss, params)) },
    look: { inputs: [letters], outputs: { logits, layered: read(layered).logits, first: seen[0], second: seen[1] } },
  });
}
const model = reader(62);
export default model;

const UNITS = 24;
const OPTIONS = { window: WINDOW, batch: 16, steps: READ / WINDOW / 16, learningRate: 0.04 };
/** As many letters in smaller batches, which an LSTM likes better; the best of six rates from 0.01 to 0.05. */
const LSTM = { window: WINDOW, batch: 8, steps: READ / WINDOW / 8, learningRate: 0.025, memory: [UNITS, UNITS] };

export const row = zooRow({
  number: 32,
  title: "Transformer",
  published: "A. Vaswani et al., Attention is all you need, arXiv:1706.03762 (2017)",
  about:
    "What comes next depends on letters that stand here and there before: attention lets every letter find those that " +
    "matter to it, in one step, however far they are. The first block learns where to look, the second works on what the " +
    "first has found. An LSTM must carry all of that along in its memory.",
  chart: network([layer("input", 4), layer("convolution", 4), layer("hidden", 3), layer("output", 4)]),
  program: model,
  figures: {
    perplexity: { what: "letters of a text: perplexity, as a share of the LSTM's", bar: atMost(1), unit: "%" },
    layer: { what: "the same by multiHeadAttention of gradc/nn: largest difference of a logit", bar: atMost(1e-4) },
    size: { what: "parameters, as a share of the LSTM's", bar: atMost(1), unit: "%" },
  },
  async show(lab) {
    const plays = corpus(lab.data);
    const { test } = plays;
    const count = plays.letters.length;
    const reads = (letters: Tensor<"i32">) => transformer(letters, count);
    const trained = await trainCharModel(lab, plays, reads, OPTIONS, "the transformer reads");
    const lstm = await trainCharModel(lab, plays, charLstm(count, UNITS), LSTM, "the LSTM reads");
    const net = await lab.compile(reader(count));
    net.restore(trained.weights, { strict: false });
    const window = test.subarray(0, WINDOW);
    const { logits, layered, first, second } = net.look({ letters: window });
    const layer = logits.reduce((most, v, i) => Math.max(most, Math.abs(v - layered[i])), 0);
    return {
      figures: { perplexity: trained.perplexity / lstm.perplexity, layer, size: trained.parameters / lstm.parameters },
      exhibits: [
        exhibit(
          "Loss by thousands of letters read",
          `In nats a letter. Perplexity on other letters: ${trained.perplexity.toFixed(2)} and ${lstm.perplexity.toFixed(2)}.`,
          curves(
            { transformer: means(trained.losses, POINTS), LSTM: means(lstm.losses, POINTS) },
            { every: READ / POINTS / 1000, x: { label: "thousand letters" }, y: { domain: [1.6, 3.4], label: "loss" } },
          ),
        ),
        exhibit(
          "Where the heads look",
          "Each picture is a head; a row is a letter of the text, and white is where it looks: on the diagonal at itself, " +
            "left of it at what was before. Above: the first block; below: the second.",
          attentionMaps([...first, ...second], WINDOW, HEADS),
        ),
        exhibit(
          "The second block, head after head",
          "Letters from top to bottom look at letters from left to right.",
          film(attentionPlots(second, decode(plays, window))),
        ),
        exhibit(
          "How far back the heads look",
          "Mean attention to a letter so many places before.",
          curves(byDistance([...first, ...second], WINDOW, HEADS), { x: { label: "letters before" } }),
        ),
        exhibit("Written by the transformer", "After the first letters of the test text.", text(trained.sample)),
        exhibit("Written by the LSTM", "After the same letters.", text(lstm.sample)),
      ],
    };
  },
});
