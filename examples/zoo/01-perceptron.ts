// The perceptron: one cell with a step function, and a rule that moves its weights after every mistake.
// F. Rosenblatt, The perceptron: a probabilistic model for information storage and organization in the brain,
// Psychological Review 65 (1958). Trained on Fisher's irises, setosa against the rest (150 flowers, 4 lengths).
// Reached: no mistake after 4 epochs, with updates below Novikoff's bound. Time: milliseconds.
import { add, cast, dot, ge, input, mul, named, param, program, set, sub, zerosInit } from "gradc";
import { layer, network } from "./support/chart.ts";
import { iris } from "./support/data.ts";
import { curves } from "./support/plot.ts";
import { atMost, zooRow } from "./support/row.ts";

const EPOCHS = 20;

const x = input("x", [4]);
const target = input("target", []); // 1: setosa, 0: another one

const w = param("w", [4], zerosInit());
const b = param("b", [], zerosInit());

const output = named("output", cast(ge(add(dot(x, w), b), 0), "f32"));
const error = sub(target, output); // −1, 0 or 1: only mistakes teach

const model = program("perceptron", {
  learn: {
    inputs: [x, target],
    outputs: { error },
    updates: [set(w, add(w, mul(error, x))), set(b, add(b, error))],
  },
  predict: { inputs: [x], outputs: { output } },
});
export default model;

export const row = zooRow({
  number: 1,
  title: "Perceptron (P)",
  published: "F. Rosenblatt, Psychological Review 65 (1958); the bound: A. Novikoff (1962)",
  about:
    "A single cell learns to tell Iris setosa from two other irises. There is no gradient: the step function has none. " +
    "The rule adds a flower to the weights, or takes it away, whenever the cell was wrong.",
  chart: network([layer("input", 4), layer("output", 1)]),
  program: model,
  figures: {
    errors: { what: "iris, setosa or not: mistakes in the last of 20 epochs", bar: atMost(0) },
    bound: { what: "updates, as a share of Novikoff's bound (R/γ)²", bar: atMost(1) },
  },
  async show(lab) {
    const flowers = iris();
    const rows = Array.from({ length: flowers.length }, (_, i) => flowers.x.subarray(4 * i, 4 * i + 4));
    const net = await lab.compile(model);
    const mistakes: number[] = [];
    for (const _ of lab.steps(EPOCHS)) {
      let wrong = 0;
      for (const i of lab.random.permutation(rows.length)) {
        const { error } = net.learn({ x: rows[i], target: flowers.label[i] === 0 ? 1 : 0 });
        wrong += Math.abs(error);
      }
      mistakes.push(wrong);
    }
    // The bound holds for every direction that separates, so for the one found: R the longest row, γ the least margin.
    const weights = [...net.variables.w.get(), ...net.variables.b.get()];
    const inner = (u: readonly number[], v: readonly number[]): number => u.reduce((sum, ui, i) => sum + ui * v[i], 0);
    const augmented = rows.map(row => [...row, 1]);
    const margins = augmented.map((row, i) => inner(row, weights) * (flowers.label[i] === 0 ? 1 : -1));
    const gamma = Math.min(...margins) / Math.sqrt(inner(weights, weights));
    const radius = Math.max(...augmented.map(row => Math.sqrt(inner(row, row))));
    const updates = mistakes.reduce((sum, n) => sum + n, 0);
    return {
      figures: { errors: mistakes[EPOCHS - 1], bound: gamma > 0 ? updates / (radius / gamma) ** 2 : Infinity },
      exhibits: [
        {
          title: "Mistakes in each epoch",
          caption: `${updates} updates in all; the bound allows ${Math.floor((radius / gamma) ** 2)}.`,
          html: curves({ mistakes }),
        },
      ],
    };
  },
});
