import { logMultivariateGamma } from "../../examples/gradbench/log-gamma.ts";
import { random } from "../workloads/data.ts";

/** One module of GradBench at one size. */
export interface GradbenchCase {
  readonly module: string;
  readonly size: string;
  readonly primal: string;
  readonly derivative: string;
  readonly input: object;
  /** What the program in C reads: sizes, then arrays. */
  readonly numbers: readonly number[];
}

const next = random(5);
const uniform = (length: number): number[] => Array.from({ length }, next);
/** About normal: the sum of twelve uniform numbers. */
const normal = (length: number, scale = 1): number[] =>
  Array.from({ length }, () => scale * (uniform(12).reduce((a, b) => a + b) - 6));
const rows = (count: number, make: () => number[]): number[][] => Array.from({ length: count }, make);

const ofVector = { primal: "primal", derivative: "gradient" };
const ofModel = { primal: "objective", derivative: "jacobian" };

function llsq(n: number, m: number): GradbenchCase {
  const x = uniform(m);
  return { module: "llsq", size: `n=${n}, m=${m}`, ...ofVector, input: { x, n }, numbers: [m, n, ...x] };
}

function lse(n: number): GradbenchCase {
  const x = uniform(n);
  return { module: "lse", size: `n=${n}`, ...ofVector, input: { x }, numbers: [n, ...x] };
}

function ode(n: number, s: number): GradbenchCase {
  const x = uniform(n);
  return { module: "ode", size: `n=${n}, s=${s}`, ...ofVector, input: { x, s }, numbers: [n, s, ...x] };
}

function gmm(d: number, k: number, n: number): GradbenchCase {
  const parameters = {
    alpha: normal(k),
    mu: rows(k, () => uniform(d)),
    q: rows(k, () => normal(d)),
    l: rows(k, () => normal((d * (d - 1)) / 2)),
  };
  const x = rows(n, () => normal(d));
  const freedom = d + 1;
  const prior = -(freedom * d * Math.LN2) / 2 - logMultivariateGamma(freedom / 2, d);
  const constant = k * prior - (n * d * Math.log(2 * Math.PI)) / 2;
  const arrays = [x, [parameters.alpha], parameters.mu, parameters.q, parameters.l].flat(2);
  const input = { d, k, n, x, m: 0, gamma: 1, ...parameters };
  return { module: "gmm", size: `d=${d}, k=${k}, n=${n}`, ...ofModel, input, numbers: [d, k, n, constant, ...arrays] };
}

function lstm(l: number, c: number, b = 14): GradbenchCase {
  const input = {
    main_params: rows(2 * l, () => normal(4 * b)),
    extra_params: rows(3, () => normal(b)),
    state: rows(2 * l, () => normal(b)),
    sequence: rows(c, () => uniform(b)),
  };
  const numbers = [l, c, b, ...Object.values(input).flat(2)];
  return { module: "lstm", size: `l=${l}, c=${c}`, ...ofModel, input, numbers };
}

/** Sizes of GradBench's own evaluations. */
export const CASES: readonly GradbenchCase[] = [
  gmm(10, 25, 1000),
  gmm(32, 50, 1000),
  lstm(2, 1024),
  lstm(4, 4096),
  llsq(256, 128),
  llsq(4096, 128),
  lse(2500),
  lse(160_000),
  ode(1000, 100),
  ode(10_000, 100),
];
