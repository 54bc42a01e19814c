import {
  arange,
  binaryCrossEntropyWithLogits,
  dim,
  grad,
  input,
  mean,
  meanSquaredError,
  program,
  type Scalar,
} from "gradc";
import { adam, clipByGlobalNorm, dense, gru, oneCycle, parameters, rnn } from "gradc/nn";
import type { Lab } from "./lab.ts";
import { text } from "./plot.ts";
import { curvePlot, sumText } from "./sequence-plots.ts";
import { average, BATCH, drawings, parities, rightRows, sums } from "./sequences.ts";
import { exhibit } from "./time.ts";

/** Updates by Adam along one cycle of the learning rate. */
export function learn(loss: Scalar<"f32">, peak: number, steps: number) {
  const params = parameters(loss);
  return adam({ learningRate: oneCycle({ peak, steps }) })(params, clipByGlobalNorm(grad(loss, params), 1));
}

/** Steps of training: drawing, parity, addition. */
const [DRAW, COUNT, ADD] = [600, 1000, 400];

/** Steps of a curve, and numbers that say what it is like. */
const [TURN, WHAT] = [32, 7];

/** 1 → N: what a curve is like, heard once or at every step, becomes the curve. */
export async function drawing(lab: Lab, everyStep: boolean) {
  const [what, curve] = [input("what", [BATCH, WHAT]), input("curve", [TURN, BATCH, 2])];
  const first = what.expandDims(0);
  const heard = everyStep ? first.broadcastTo([TURN, BATCH, WHAT]) : first.pad([[0, TURN - 1], 0, 0]);
  const drawn = dense(gru(heard, 48, { name: "hand" }).out, 2, { name: "pen" });
  const loss = meanSquaredError(drawn, curve);
  const hand = program(everyStep ? "everyStep" : "once", {
    train: { inputs: [what, curve], outputs: { loss }, updates: learn(loss, 0.02, DRAW) },
    draw: { inputs: [what, curve], outputs: { drawn, loss } },
  });
  const net = await lab.compile(hand);
  for (const _ of lab.steps(DRAW, "drawing")) net.train({ ...drawings(lab.random, TURN) });
  const errors = Array.from({ length: 16 }, () => net.draw({ ...drawings(lab.random, TURN) }).loss);
  const sample = drawings(lab.random, TURN);
  return {
    error: Math.sqrt(errors.reduce((sum, error) => sum + error) / errors.length),
    exhibit: exhibit(
      `1 → N: curves heard ${everyStep ? "at every step" : "once"}`,
      "Dots are what the network draws of curves that it did not see before; lines are what they should be.",
      curvePlot(sample.curve, net.draw({ ...sample }).drawn, 6),
    ),
  };
}

/**
 * N → 1: is the number of set bits odd? Rows have several lengths: the mask lets the state rest at the end of each.
 * @param longest of rows in training; those of the test are twice as long
 */
export async function parity(lab: Lab, longest: number) {
  const N = dim("N", { max: 2 * longest });
  const [bits, length, odd] = [input("bits", [N, BATCH, 1]), input("length", [BATCH], "i32"), input("odd", [BATCH])];
  const there = arange(N).expandDims(1).lt(length);
  const logit = dense(gru(bits, 8, { name: "reader", mask: there }).carry, 1, { name: "answer" }).squeeze(-1);
  const loss = mean(binaryCrossEntropyWithLogits(logit, odd));
  const reader = program("parity", {
    train: { inputs: [bits, length, odd], outputs: { loss }, updates: learn(loss, 0.03, COUNT) },
    answer: { inputs: [bits, length], outputs: { odd: logit.sigmoid() } },
  });
  const net = await lab.compile(reader);
  for (const _ of lab.steps(COUNT, "counting")) net.train({ ...parities(lab.random, longest) });
  return average(32, () => {
    const { bits, length, odd } = parities(lab.random, 2 * longest, true);
    const answers = net.answer({ bits, length }).odd;
    return Array.from(odd, (wanted, i) => Math.round(answers[i]) === wanted);
  });
}

/**
 * N → N: the digits of two binary numbers, last ones first, become those of their sum.
 * @param length of numbers in training; those of the test are twice as long
 */
export async function addition(lab: Lab, length: number) {
  const N = dim("N", { max: 2 * length });
  const [digits, sum] = [input("digits", [N, BATCH, 2]), input("sum", [N, BATCH])];
  const logits = dense(rnn(digits, 12, { name: "adder" }).out, 1, { name: "digit" }).squeeze(-1);
  const loss = mean(binaryCrossEntropyWithLogits(logits, sum));
  const adder = program("addition", {
    train: { inputs: [digits, sum], outputs: { loss }, updates: learn(loss, 0.03, ADD) },
    add: { inputs: [digits], outputs: { sum: logits.sigmoid() } },
  });
  const net = await lab.compile(adder);
  for (const _ of lab.steps(ADD, "adding")) net.train({ ...sums(lab.random, length) });
  const last = new Int32Array(BATCH).fill(2 * length - 1);
  const right = average(32, () => {
    const { digits, sum } = sums(lab.random, 2 * length);
    return rightRows(net.add({ digits }).sum, sum, last);
  });
  const sample = sums(lab.random, 2 * length);
  const found = net.add({ digits: sample.digits }).sum;
  const html = text(sumText(sample.digits, found, 3));
  return { right, exhibit: exhibit(`N → N: sums of ${2 * length} digits`, `It was trained with ${length}.`, html) };
}
