import * as Plot from "@observablehq/plot";
import { film, images, plot } from "./plot.ts";
import type { Exhibit } from "./row.ts";

/** So many units are visible: a pattern is a number of so many bits, the first unit its highest. */
export const VISIBLE = 4;

/** Patterns with an even number of ones. Any three of their bits are fair coins; only all four know the rule. */
export const EVEN = Array.from({ length: 2 ** VISIBLE }, (_, v) => v).filter(
  v => [...v.toString(2)].filter(b => b === "1").length % 2 === 0,
);

/** So many sweeps are one picture of the machines that cool. */
const SWEEPS = 10;

const bits = (number: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (number >> (count - 1 - i)) & 1);

/** Means of sᵢsⱼ, i < j, which belong to couplings; and of sᵢ, which belong to biases. */
export interface Statistics {
  readonly w: Float64Array;
  readonly b: Float64Array;
}

/**
 * Means over all states of a machine, counted one by one in double precision; with `clamped` over those whose visible units
 * show one of these patterns, all equally often.
 * @param w couplings [n, n], of which those above the diagonal count
 * @param b biases [n]
 */
function enumerated(w: ArrayLike<number>, b: ArrayLike<number>, clamped?: readonly number[]): Statistics {
  const n = b.length;
  const hidden = n - VISIBLE;
  const states = Array.from({ length: 2 ** n }, (_, number) => bits(number, n));
  const goodness = (s: readonly number[]): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      sum += b[i] * s[i];
      for (let j = i + 1; j < n; j++) sum += w[i * n + j] * s[i] * s[j];
    }
    return sum;
  };
  const weights = states.map(s => Math.exp(goodness(s)));
  const all = weights.map((_, number) => number);
  const groups = clamped?.map(v => all.filter(number => number >> hidden === v)) ?? [all];
  const means: Statistics = { w: new Float64Array(n * n), b: new Float64Array(n) };
  for (const group of groups) {
    const total = groups.length * group.reduce((sum, number) => sum + weights[number], 0);
    for (const number of group) {
      const [s, p] = [states[number], weights[number] / total];
      for (let i = 0; i < n; i++) {
        means.b[i] += p * s[i];
        for (let j = i + 1; j < n; j++) means.w[i * n + j] += p * s[i] * s[j];
      }
    }
  }
  return means;
}

/** The same as a network gives them. */
interface Statistics32 {
  readonly w: Float32Array;
  readonly b: Float32Array;
}

interface Machine {
  readonly variables: Readonly<Record<string, { get(): ArrayLike<number> }>>;
  enumerate(feeds: { readonly patterns: readonly number[] }): Statistics32;
}

/** How far a machine's gradient of KL(data ‖ model) is from ⟨ss⟩model − ⟨ss⟩data, counted here: the largest difference. */
export function gradientError({ variables, enumerate }: Machine): number {
  const [w, b] = [variables.w.get(), variables.b.get()];
  const [gradient, model, data] = [enumerate({ patterns: EVEN }), enumerated(w, b), enumerated(w, b, EVEN)];
  const apart = (what: keyof Statistics, values: Float32Array): number =>
    values.reduce((most, x, i) => Math.max(most, Math.abs(x - (model[what][i] - data[what][i]))), 0);
  return Math.max(apart("w", gradient.w), apart("b", gradient.b));
}

/** How often each pattern occurs among states of n units each. */
function shares(states: Float32Array, n: number): Float64Array {
  const found = new Float64Array(2 ** VISIBLE);
  for (let at = 0; at < states.length; at += n) {
    let pattern = 0;
    for (let i = 0; i < VISIBLE; i++) pattern = 2 * pattern + states[at + i];
    found[pattern] += n / states.length;
  }
  return found;
}

/**
 * How often each pattern occurs while machines cool down counted over SWEEPS sweeps at a time, from the first to the last. Each dream holds the states [temperatures, machines, n] of some of them.
 */
export function courseOf(dreams: readonly Float32Array[], temperatures: readonly number[], n: number): Float64Array[] {
  const size = (dreams[0].length / temperatures.length) * SWEEPS;
  return Array.from({ length: temperatures.length / SWEEPS }, (_, at) => {
    const mean = new Float64Array(2 ** VISIBLE);
    for (const dream of dreams) {
      for (const [v, share] of shares(dream.subarray(at * size, (at + 1) * size), n).entries()) {
        mean[v] += share / dreams.length;
      }
    }
    return mean;
  });
}

/** Half the sum of differences: how many percent of one distribution lie elsewhere in the other. */
export const variation = (p: ArrayLike<number>, q: ArrayLike<number>): number =>
  Array.from(p).reduce((sum, x, i) => sum + Math.abs(x - q[i]) / 2, 0);

const name = (pattern: number): string => bits(pattern, VISIBLE).join("");

/** Probabilities of the patterns as bars; the marks are what the data have. */
function bars(p: ArrayLike<number>, title: string): string {
  const rows = Array.from(p, (share, v) => ({ pattern: name(v), share, even: EVEN.includes(v) }));
  return plot({
    width: 520,
    height: 220,
    title,
    x: { type: "band", label: null, tickRotate: -60 },
    y: { label: "probability", domain: [0, 0.2], grid: true },
    marginBottom: 45,
    color: { domain: [true, false], range: ["steelblue", "darkorange"] },
    marks: [
      Plot.barY(rows, { x: "pattern", y: "share", fill: "even", clip: true }),
      Plot.tickY(
        rows.filter(r => r.even),
        { x: "pattern", y: 1 / EVEN.length },
      ),
    ],
  });
}

/** Machines that cool down, as courseOf() counts them. */
export const cooling = (course: readonly Float64Array[], temperatures: readonly number[]): Exhibit => ({
  title: "Cooling down",
  caption: "How often machines show each pattern as they cool. Blue: an even number of ones; the marks are the data.",
  html: film(course.map((p, at) => bars(p, `temperature ${temperatures[at * SWEEPS].toFixed(1)}`))),
});

/** Couplings wᵢⱼ, of which those above the diagonal count, as a picture. */
export function couplings(w: ArrayLike<number>): Exhibit {
  const n = Math.sqrt(w.length);
  const most = Math.max(...Array.from(w, Math.abs));
  const mutual = Array.from(w, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i === j ? 0 : w[Math.min(i, j) * n + Math.max(i, j)];
  });
  return {
    title: "Couplings",
    caption: `Of ${VISIBLE} visible and ${n - VISIBLE} hidden units, each with each: white excites, black inhibits.`,
    html: images(mutual, { width: n, height: n, scale: 24, range: [-most, most] }),
  };
}

/** The gradient from samples against the exact one. */
export function estimates(estimated: Statistics32, exact: Statistics32): Exhibit {
  const flat = ({ w, b }: Statistics32): number[] => [...w, ...b];
  const guesses = flat(estimated);
  const points = flat(exact).flatMap((x, i) => (x === 0 ? [] : [[x, guesses[i]]]));
  const most = 1.1 * Math.max(...points.flat().map(Math.abs));
  const line = Plot.link([0], { x1: -most, y1: -most, x2: most, y2: most, strokeOpacity: 0.4 });
  return {
    title: "What the first step learns",
    caption: "∂KL/∂w and ∂KL/∂b, as samples of the machine tell, and from all its states.",
    html: plot({
      width: 300,
      height: 300,
      grid: true,
      x: { label: "enumerated" },
      y: { label: "sampled" },
      marks: [line, Plot.dot(points, { fill: "steelblue", r: 3 })],
    }),
  };
}
