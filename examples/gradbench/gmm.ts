import {
  add,
  concat,
  constant,
  einsum,
  exp,
  expandDims,
  gather,
  grad,
  input,
  logSumExp,
  mul,
  reshape,
  type Scalar,
  sub,
  sum,
  type Tensor,
  zeros,
} from "gradc";
import { logMultivariateGamma } from "./log-gamma.ts";
import { resident } from "./resident.ts";
import { rowsOf } from "./rows.ts";
import type { Module } from "./task.ts";

type Rows = readonly (readonly number[])[];

interface Input {
  readonly d: number;
  readonly k: number;
  readonly n: number;
  readonly x: Rows;
  readonly m: number;
  readonly gamma: number;
  readonly alpha: readonly number[];
  readonly mu: Rows;
  readonly q: Rows;
  readonly l: Rows;
}

type Matrix = Tensor<"f64">;

/** alpha [k], mu and q [k, d], l [k, d·(d − 1)/2]. */
export type Parameters = { readonly alpha: Matrix; readonly mu: Matrix; readonly q: Matrix; readonly l: Matrix };

/** Where entry (row, column) of a d×d factor stands in [e^q | l | 0]: l holds what is below the diagonal, by columns. */
function factorPlaces(d: number): number[] {
  const below = (d * (d - 1)) / 2;
  const places: number[] = [];
  for (let row = 0; row < d; row++) {
    for (let column = 0; column < d; column++) {
      const before = column * d - (column * (column + 1)) / 2;
      if (row === column) places.push(row);
      else places.push(row > column ? d + before + row - column - 1 : d + below);
    }
  }
  return places;
}

/** The lower triangular factors of the inverse covariances, [k, d, d]. */
function factors(diagonal: Matrix, l: Matrix, k: number, d: number): Matrix {
  const entries = concat([diagonal, l, zeros([k, 1], "f64")], 1);
  return reshape(gather(entries, constant(factorPlaces(d), [d * d], "i32"), 1), [k, d, d]);
}

/** The sizes and constants of a model. */
export type Sizes = Pick<Input, "d" | "k" | "n" | "m" | "gamma">;

/** log of the posterior density of a mixture of normal distributions with a Wishart prior, at the points x [n, d]. */
export function logPosterior(x: Matrix, { alpha, mu, q, l }: Parameters, { d, k, n, m, gamma }: Sizes): Scalar<"f64"> {
  const diagonal = exp(q);
  const factor = factors(diagonal, l, k, d);
  const sumsOfQ = sum(q, 1);

  // Q(x − μ) = Qx − Qμ: one product for all components and points. Points come last: they are many in every model.
  const qx = reshape(einsum("rj,nj->rn", reshape(factor, [k * d, d]), x), [k, d, n]);
  const centred = sub(qx, expandDims(einsum("kij,kj->ki", factor, mu), 2));
  const exponents = add(mul(sum(mul(centred, centred), 1), -0.5), expandDims(add(alpha, sumsOfQ), 1));
  const likelihood = sub(sum(logSumExp(exponents, 0)), mul(logSumExp(alpha), n));

  const frobenius = add(sum(mul(diagonal, diagonal)), sum(mul(l, l)));
  const prior = sub(mul(sum(q), m), mul(frobenius, (gamma * gamma) / 2));

  const freedom = d + m + 1;
  const normal = (-n * d * Math.log(2 * Math.PI)) / 2;
  const wishart = freedom * d * (Math.log(gamma) - Math.LN2 / 2) - logMultivariateGamma(freedom / 2, d);
  return add(add(likelihood, prior), normal + k * wishart);
}

type Outputs = (value: Scalar<"f64">, at: Parameters) => Readonly<Record<string, Matrix>>;

function task(name: string, outputs: Outputs, given: Input) {
  const { d, k, n, m, gamma } = given;
  const declare = () => {
    const x = input("x", [n, d], "f64");
    const alpha = input("alpha", [k], "f64");
    const mu = input("mu", [k, d], "f64");
    const q = input("q", [k, d], "f64");
    const l = input("l", [k, (d * (d - 1)) / 2], "f64");
    const at = { alpha, mu, q, l };
    return { inputs: [x, alpha, mu, q, l], outputs: outputs(logPosterior(x, at, given), at) };
  };
  const feeds = { x: given.x.flat(), alpha: given.alpha, mu: given.mu.flat(), q: given.q.flat(), l: given.l.flat() };
  return resident(`gmm ${name} ${d} ${k} ${n} ${m} ${gamma}`, declare, feeds);
}

/** A mixture of normal distributions: the log posterior, and its gradient in all parameters. */
export const gmm: Module = {
  objective: (given: Input) => {
    const { run, outputs } = task("objective", value => ({ value }), given);
    return { run: () => run(), output: () => outputs.value[0] };
  },
  jacobian: (given: Input) => {
    const { run, outputs } = task("jacobian", grad, given);
    const { d } = given;
    const output = () => ({
      alpha: Array.from(outputs.alpha),
      mu: rowsOf(outputs.mu, d),
      q: rowsOf(outputs.q, d),
      l: rowsOf(outputs.l, (d * (d - 1)) / 2),
    });
    return { run: () => run(), output };
  },
};
