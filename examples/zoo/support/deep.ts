import * as Plot from "@observablehq/plot";
import { captioned } from "./captioned.ts";
import type { Stopped } from "./early-stopping.ts";
import { curves, plot } from "./plot.ts";
import type { Exhibit } from "./row.ts";
import { exhibit } from "./time.ts";

/** A deep network after its training. */
export interface Taught {
  readonly curve: Stopped;
  /** Of the test digits that it names right. */
  readonly share: number;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const AXES: Plot.PlotOptions = { x: { label: "epoch" }, y: { label: "loss", domain: [0, 0.6] } };

/** Training with dropout, weight decay and early stopping, beside one that is free of them. */
export const whenToStop = (held: Taught, free: Taught): Exhibit =>
  exhibit(
    "When to stop",
    `Kept: epoch ${held.curve.best + 1}, and ${free.curve.best + 1} of a network that is free of dropout and decay, which ` +
      `names ${percent(free.share)} of the test digits right instead of ${percent(held.share)}.`,
    curves(
      {
        training: held.curve.training,
        "set aside": held.curve.validation,
        "training, free": free.curve.training,
        "set aside, free": free.curve.validation,
      },
      AXES,
    ),
  );

/** Loss of several networks on digits set aside. */
export const compared = (all: Readonly<Record<string, Taught>>): Exhibit =>
  exhibit(
    "Loss on digits set aside",
    Object.entries(all)
      .map(([name, { curve, share }]) => `${name}: epoch ${curve.best + 1}, ${percent(share)}`)
      .join("; "),
    curves(Object.fromEntries(Object.entries(all).map(([name, { curve }]) => [name, curve.validation])), AXES),
  );

/** How many of some values lie where. */
const histogram = (values: ArrayLike<number>): string =>
  plot({
    width: 260,
    height: 160,
    x: { label: "slope" },
    y: { label: null, grid: true },
    marks: [
      Plot.rectY(Array.from(values), Plot.binX({ y: "count" }, { x: value => value, thresholds: 24 })),
      Plot.ruleY([0]),
    ],
  });

/** The slopes below zero that units have learned, layer by layer. */
export const learnedSlopes = (layers: Readonly<Record<string, ArrayLike<number>>>, first: number): Exhibit =>
  exhibit(
    "Slopes that parametric units have learned",
    `How many units of a layer have which slope below zero. All began with ${first}.`,
    captioned(layers, histogram),
  );
