import * as Plot from "@observablehq/plot";
import { arange, evaluate } from "gradc";
import { type Played, type Players, play, type Rules } from "./adversarial.ts";
import type { Lab } from "./lab.ts";
import { plot } from "./plot.ts";
import { exhibit } from "./time.ts";

const [MEAN, DEVIATION] = [2, 0.5];
const [LOW, HIGH, CELLS] = [-2, 4, 120];
const WIDTH = 0.06;

const gaussian = (x: number, mean: number, deviation: number): number =>
  Math.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));

/** Places at which curves are drawn. */
const grid = Float32Array.from({ length: CELLS + 1 }, (_, i) => LOW + ((HIGH - LOW) * i) / CELLS);

/** The density of points over the grid: narrow bells on all of them. */
const densityOf = (points: Float32Array): Float32Array =>
  grid.map(x => points.reduce((sum, point) => sum + gaussian(x, point, WIDTH), 0) / points.length);

/** What the data's density is through bells of the same width. */
const truth = grid.map(x => gaussian(x, MEAN, Math.hypot(DEVIATION, WIDTH)));

/** ½ ∫ |p − q|: the total variation between the density of `points` and the data's. */
const distance = (points: Float32Array): number =>
  (densityOf(points).reduce((sum, p, i) => sum + Math.abs(p - truth[i]), 0) * (HIGH - LOW)) / CELLS / 2;

/** The largest |σ(D) − ½| within two standard deviations of the data's mean; `logits`: D on the grid. */
const doubt = (logits: Float32Array): number =>
  Math.max(
    ...Array.from(logits, (logit, i) =>
      Math.abs(grid[i] - MEAN) > 2 * DEVIATION ? 0 : Math.abs(1 / (1 + Math.exp(-logit)) - 0.5),
    ),
  );

/**
 * One frame of the figure of I. Goodfellow et al. (2014): the densities of the data (dotted) and of the generator (green),
 * the discriminator (blue, dashed), and below them where the generator sends the line of z.
 */
function frame(z: Float32Array, points: Float32Array, logits: Float32Array): string {
  const density = densityOf(points);
  const over = (values: Float32Array, options: Plot.LineYOptions) => Plot.lineY(values, { x: grid, ...options });
  const every = Math.floor(z.length / 24);
  const arrows = Array.from({ length: 24 }, (_, i) => Math.floor((i + 0.5) * every)).map(i => ({
    from: (LOW + HIGH) / 2 + (z[i] * (HIGH - LOW)) / 6,
    to: points[i],
  }));
  return plot({
    height: 300,
    x: { domain: [LOW, HIGH], label: null, clamp: true },
    y: { domain: [-0.6, 1.2], ticks: [0, 0.5, 1], label: null },
    marks: [
      Plot.ruleY([0]),
      over(truth, { stroke: "currentColor", strokeDasharray: "1,3" }),
      over(density, { stroke: "#3ca951", strokeWidth: 2 }),
      over(
        logits.map(logit => 1 / (1 + Math.exp(-logit))),
        { stroke: "#4269d0", strokeDasharray: "5,4" },
      ),
      Plot.link(arrows, { x1: "from", y1: -0.6, x2: "to", y2: 0, strokeOpacity: 0.5, strokeWidth: 0.7 }),
    ],
  });
}

/** The game on a line: how far the generator's density is from the data's, and the discriminator from not knowing. */
export async function lineGame(lab: Lab, players: Players, rules: Rules): Played<"density" | "doubt"> {
  // The quantiles of a normal distribution: each as likely as the next.
  const z = evaluate(arange(1000, "f32").add(0.5).div(500).sub(1).erfinv().mul(Math.SQRT2)) as Float32Array;
  const points = (): Float32Array => players.make({ z }).x;
  const logits = (): Float32Array => players.judge({ places: grid }).logits;
  const data = () => Float32Array.from({ length: rules.batch }, () => MEAN + DEVIATION * lab.random.normal());
  const { film } = play(lab, players, rules, data, () => frame(z, points(), logits()));
  return {
    figures: { density: distance(points()), doubt: doubt(logits()) },
    exhibits: [
      exhibit(
        "The game on a line",
        "Dotted: the density of the data. Green: the generator's. Blue: how likely the discriminator takes a point for " +
          "real. Lines: where the generator sends z. In the end the densities are one, and the discriminator says ½.",
        film,
      ),
    ],
  };
}
