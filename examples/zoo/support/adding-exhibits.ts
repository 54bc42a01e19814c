import * as Plot from "@observablehq/plot";
import type { Added, Example } from "./adding.ts";
import { lossesOf } from "./learning-curve.ts";
import { curves, film, images, plot } from "./plot.ts";
import type { Exhibit } from "./row.ts";
import { exhibit, turned } from "./time.ts";

/** Losses of networks that learn to add, means of ten steps each. */
export const addingCurves = (trained: Readonly<Record<string, Added>>): Exhibit =>
  exhibit(
    "Learning to add",
    "Squared error of batches, means of ten. Who always says 1 has an error of 1/6.",
    curves(lossesOf(trained), {
      every: 10,
      width: 640,
      y: { type: "log", label: "error" },
    }),
  );

/** What networks say after each step of a sequence, beside the sum of the marked numbers so far. */
function answers({ values, marks }: Example, said: Readonly<Record<string, ArrayLike<number>>>, title: string): string {
  let total = 0;
  const sum = values.map((value, t) => {
    total += value * marks[t];
    return total;
  });
  const lines = Object.entries({ "sum so far": sum, ...said });
  const points = lines.flatMap(([name, y]) => Array.from(y, (value, step) => ({ name, step, value })));
  const marked = [...marks.keys()].filter(t => marks[t] > 0).map(step => ({ step, value: values[step] }));
  return plot({
    x: { label: title },
    y: { domain: [-0.3, 2.3], label: "answer", clamp: true },
    color: { legend: true, domain: lines.map(([name]) => name), range: ["#bbb", "#e8743b", "#4269d0"] },
    marks: [
      Plot.ruleX(marked, { x: "step", strokeDasharray: "3 3" }),
      Plot.text(marked, { x: "step", frameAnchor: "top", dx: 14, text: m => m.value.toFixed(2) }),
      Plot.lineY(points, { x: "step", y: "value", stroke: "name" }),
    ],
  });
}

/** One sequence, and how the answer to it changes while a network learns: a film. */
export const learningToAdd = ({ examples }: Added, steps: number): Exhibit =>
  exhibit(
    "What it says while it learns",
    "One sequence. Dashed: the marked numbers. It is asked at the last step alone.",
    film(examples.map((one, i) => answers(one, { network: one.answers }, `step; after ${(i * steps) / 10} updates`))),
  );

/** The same sequence, and what several trained networks make of it. */
export const compared = (trained: Readonly<Record<string, Added>>): string => {
  const last = Object.entries(trained).map(([name, { examples }]) => [name, examples.at(-1) as Example] as const);
  return answers(last[0][1], Object.fromEntries(last.map(([name, { answers }]) => [name, answers])), "step");
};

/** All units over a sequence: time from left to right, a row for each; grey is 0. */
export function unitsOverTime({ examples }: Added): string {
  const { cells, values } = examples.at(-1) as Example;
  const units = cells.length / values.length;
  const most = cells.reduce((largest, h) => Math.max(largest, Math.abs(h)), 0);
  return images(turned(cells, units), { width: values.length, height: units, range: [-most, most], scale: 6 });
}
