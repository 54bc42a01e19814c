import {
  add,
  argmin,
  div,
  gather,
  grad,
  hvp,
  input,
  matmul,
  mul,
  onesLike,
  type Scalar,
  sub,
  sum,
  type Tensor,
  transpose,
} from "gradc";
import { resident } from "./resident.ts";
import { rowsOf } from "./rows.ts";
import type { Module, Task } from "./task.ts";

interface Input {
  readonly points: readonly (readonly number[])[];
  readonly centroids: readonly (readonly number[])[];
}

type Matrix = Tensor<"f64">;

const squares = (x: Matrix): Matrix => sum(mul(x, x), -1);

/** For every point the index of the nearest centroid: |c − p|² without |p|², which all centroids share. */
function nearest(points: Matrix, centroids: Matrix): Tensor<"i32"> {
  return argmin(add(mul(matmul(points, transpose(centroids)), -2), squares(centroids)));
}

/**
 * Σᵢ minⱼ |cⱼ − pᵢ|². The minimum is that distance which `nearest` chooses, so that its derivative is sparse as well: a
 * point moves no centroid but its own.
 */
export function cost(points: Matrix, centroids: Matrix): Scalar<"f64"> {
  return sum(squares(sub(points, gather(centroids, nearest(points, centroids)))));
}

/** The gradient over the diagonal of the Hessian, which has nothing beside it: its product with ones. */
function direction(points: Matrix, centroids: Matrix): Matrix {
  const objective = cost(points, centroids);
  return div(grad(objective, centroids), hvp(objective, centroids, onesLike(centroids)));
}

function task(name: string, f: (points: Matrix, centroids: Matrix) => Matrix, { points, centroids }: Input) {
  const [n, k, d] = [points.length, centroids.length, centroids[0].length];
  const declare = () => {
    const p = input("points", [n, d], "f64");
    const c = input("centroids", [k, d], "f64");
    return { inputs: [p, c], outputs: { result: f(p, c) } };
  };
  return resident(`kmeans ${name} ${n} ${k} ${d}`, declare, { points: points.flat(), centroids: centroids.flat() });
}

/** Clustering: the cost, and the direction of Newton's method. */
export const kmeans: Module = {
  cost: (given: Input): Task => {
    const { run, outputs } = task("cost", cost, given);
    return { run: () => run(), output: () => outputs.result[0] };
  },
  dir: (given: Input): Task => {
    const { run, outputs } = task("dir", direction, given);
    return { run: () => run(), output: () => rowsOf(outputs.result, given.centroids[0].length) };
  },
};
