// Recurrent networks take sequences and give sequences in several shapes: from one to many, from many to one, from many to
// as many, and, with an encoder and a decoder, to another number. I. Sutskever, O. Vinyals, Q. Le, arXiv:1409.3215 (2014);
// K. Cho et al., arXiv:1406.1078 (2014); attention: D. Bahdanau, K. Cho, Y. Bengio, arXiv:1409.0473 (2014), which knows
// where it looked before: J. Chorowski et al., arXiv:1506.07503 (2015). Trained on curves, bits, sums, and on sequences of
// 1 to 8 symbols that are to be written in reverse.
// Reached: 98 % of the reversed sequences are exact; with attention all of a thousand, at twice the length. Time: 9 s.
import {
  arange,
  concat,
  dim,
  einsum,
  fill,
  input,
  model,
  program,
  scan,
  softmaxCrossEntropy,
  stack,
  type Tensor,
  where,
} from "gradc";
import { dense, embedding, gru, gruCell } from "gradc/nn";
import { layer, network } from "./support/chart.ts";
import type { Lab } from "./support/lab.ts";
import { atLeast, atMost, zooRow } from "./support/row.ts";
import { reversalExhibits } from "./support/sequence-plots.ts";
import { average, BATCH, MARK, reversals, rightRows } from "./support/sequences.ts";
import { addition, drawing, learn, parity } from "./support/shapes.ts";

type Values = Tensor<"f32">;
type Symbols = Tensor<"i32">;

/** Training hears up to so many symbols. */
const LONGEST = 8;
const steps = (attends: boolean): number => (attends ? 800 : 1600);

/** What the decoder remembers, and where it looks: [BATCH, N]. */
type Writer = { readonly state: Values; readonly gaze: Values };

/** N → M: hears symbols between two marks, writes them in reverse, and a mark when it is done. */
function reversal(attends: boolean) {
  const [N, M] = [dim("N", { max: 2 * LONGEST + 2 }), dim("M", { max: 2 * LONGEST + 1 })];
  const [heard, length] = [input("heard", [N, BATCH], "i32"), input("length", [BATCH], "i32")];
  const wanted = input("wanted", [M, BATCH], "i32");
  const units = attends ? 32 : 64;
  const embed = (symbols: Symbols, name: string): Values => embedding(symbols, MARK + 1, 16, { name });

  const place = arange(N).expandDims(1);
  const there = place.le(length.add(1));
  const encoder = gru(embed(heard, "heard"), units, { name: "encoder", mask: there });
  const notes = encoder.out.transpose([1, 0, 2]);
  const keys = dense(notes, 32, { name: "notes" });
  const begin: Writer = { state: encoder.carry, gaze: place.eq(length.add(1)).transpose().cast("f32") };

  /** softmax(v·tanh(W·state + V·notes + U·(gaze at the place and beside it))) */
  const look = ({ state, gaze }: Writer): Values => {
    const beside = stack([gaze.roll(-1, 1), gaze, gaze.roll(1, 1)], -1);
    const match = keys
      .add(dense(state, 32, { name: "state" }).expandDims(1))
      .add(dense(beside, 32, { name: "beside" }));
    const scores = dense(match.tanh(), 1, { name: "score" }).squeeze(-1);
    return where(there.transpose(), scores, -1e9).softmax();
  };
  const cell = gruCell(attends ? 16 + units : 16, units, { name: "decoder" });
  const write = model((before: Writer, last: Symbols) => {
    const gaze = attends ? look(before) : before.gaze;
    const seen = attends ? [einsum("bn,bnu->bu", gaze, notes)] : [];
    const { carry: state } = cell.advance(before.state, cell.project(concat([embed(last, "written"), ...seen], -1)));
    return { carry: { state, gaze }, out: dense(concat([state, ...seen], -1), MARK + 1, { name: "say" }) };
  });

  // In training it reads what it should have written; afterwards, what it has written.
  const mark = fill(MARK, [1, BATCH], "i32");
  const taught = scan(write, begin, concat([mark, wanted]).slice([0, 0], [-1, BATCH]));
  const counted = arange(M).expandDims(1).le(length).cast("f32");
  const loss = softmaxCrossEntropy(taught.out, wanted).mul(counted).sum().div(counted.sum());
  const { out } = scan(
    ({ writer, last }) => {
      const { carry, out } = write(writer, last);
      const symbol = out.argmax(-1);
      return { carry: { writer: carry, last: symbol }, out: { symbol, gaze: carry.gaze } };
    },
    { writer: begin, last: mark.squeeze(0) },
    arange(N),
  );
  return program(attends ? "attention" : "reversal", {
    train: { inputs: [heard, length, wanted], outputs: { loss }, updates: learn(loss, 0.02, steps(attends)) },
    write: { inputs: [heard, length], outputs: { written: out.symbol, gaze: out.gaze } },
  });
}

const attentive = reversal(true);
export default attentive;

async function reversed(lab: Lab, attends: boolean) {
  const net = await lab.compile(reversal(attends));
  const losses: number[] = [];
  for (const _ of lab.steps(steps(attends))) losses.push(net.train({ ...reversals(lab.random, LONGEST) }).loss);
  const exact = (longest: number, times: number, only = true): number =>
    average(times, () => {
      const { heard, length, wanted } = reversals(lab.random, longest, only);
      return rightRows(net.write({ heard, length }).written, wanted, length);
    });
  const byLength = Array.from({ length: 2 * LONGEST }, (_, i) => 100 * exact(i + 1, 8));
  const { heard, length } = reversals(lab.random, 2 * LONGEST, true);
  return { losses, exact, byLength, heard, ...net.write({ heard, length }) };
}

export const row = zooRow({
  number: 28,
  title: "Sequence shapes",
  published: "I. Sutskever et al., arXiv:1409.3215 (2014); D. Bahdanau et al., arXiv:1409.0473 (2014)",
  about:
    "One to many: a curve is drawn from a description. Many to one: bits are counted. Many to as many: numbers are added. " +
    "Many to another number: an encoder hears symbols, a decoder writes them in reverse. All that it knows of them must " +
    "fit in one state; with attention it looks back at each, so that it can write sequences twice as long as it knows.",
  chart: network([layer("input", 3), layer("recurrent", 3), layer("recurrent", 3), layer("output", 3)]),
  program: attentive,
  figures: {
    reversal: { what: "N → M: up to 8 symbols written in reverse, exactly", bar: atLeast(0.95), unit: "%" },
    attention: { what: "N → M with attention: 16 symbols, trained with up to 8", bar: atLeast(0.99), unit: "%" },
    once: { what: "1 → N, heard once: root mean square error of new curves", bar: atMost(0.05) },
    everyStep: { what: "1 → N, heard at every step: the same", bar: atMost(0.05) },
    parity: {
      what: "N → 1: rows of 16 bits whose parity is named right, trained with 1 to 8",
      bar: atLeast(0.99),
      unit: "%",
    },
    addition: { what: "N → N: sums of 16 digits, exact, trained with 8", bar: atLeast(0.99), unit: "%" },
  },
  async show(lab) {
    const [once, everyStep] = [await drawing(lab, false), await drawing(lab, true)];
    const [odd, sum] = [await parity(lab, LONGEST), await addition(lab, LONGEST)];
    const [plain, attending] = [await reversed(lab, false), await reversed(lab, true)];
    return {
      figures: {
        reversal: plain.exact(LONGEST, 32, false),
        attention: attending.exact(2 * LONGEST, 32),
        once: once.error,
        everyStep: everyStep.error,
        parity: odd,
        addition: sum.right,
      },
      exhibits: [...reversalExhibits(plain, attending), once.exhibit, everyStep.exhibit, sum.exhibit],
    };
  },
});
