import {
  add,
  concat,
  cos,
  div,
  expandDims,
  gather,
  gt,
  indexAt,
  input,
  mul,
  ones,
  sin,
  sqrt,
  stack,
  sub,
  type Tensor,
  vjp,
  where,
} from "gradc";
import { resident } from "./resident.ts";
import type { Module } from "./task.ts";

/** n cameras, m points and p observations, all alike. */
interface Input {
  readonly n: number;
  readonly m: number;
  readonly p: number;
  readonly cam: readonly number[];
  readonly x: readonly number[];
  readonly w: number;
  readonly feat: readonly number[];
}

/** A number for every observation. */
type Each = Tensor<"f64">;

const CAMERA = 11;
const POINT = 3;
const OWN = CAMERA + POINT + 1;

const columns = (rows: Each): Each[] => Array.from({ length: rows.shape[1] as number }, (_, j) => indexAt(rows, j, 1));

const dot = (a: readonly Each[], b: readonly Each[]): Each => a.map((x, i) => mul(x, b[i])).reduce((s, t) => add(s, t));

const cross = (a: readonly Each[], b: readonly Each[]): Each[] =>
  [1, 2, 0].map((j, i) => {
    const k = 3 - i - j;
    return sub(mul(a[j], b[k]), mul(a[k], b[j]));
  });

/** Points turned around an axis by its length (Rodrigues); by the first order where the length is 0. */
function rotate(rotation: readonly Each[], point: readonly Each[]): Each[] {
  const square = dot(rotation, rotation);
  const turns = gt(square, 0);
  const angle = sqrt(where(turns, square, 1));
  const axis = rotation.map(r => div(r, angle));
  const [c, s] = [cos(angle), sin(angle)];
  const along = mul(dot(axis, point), sub(1, c));
  const turned = cross(axis, point);
  const moved = cross(rotation, point);
  return point.map((x, i) =>
    where(turns, add(add(mul(x, c), mul(turned[i], s)), mul(axis[i], along)), add(x, moved[i])),
  );
}

/** What observations depend on: rows of cameras [p, 11] and points [p, 3], weights [p]. */
export type Observed = { readonly cameras: Each; readonly points: Each; readonly weights: Each };

/** Both components of the reprojection errors: rotation, centre, focal length, principal point, radial distortion. */
export function reprojectionErrors({ cameras, points, weights }: Observed, features: Each): Each[] {
  const camera = columns(cameras);
  const seen = rotate(
    camera.slice(0, 3),
    columns(points).map((x, i) => sub(x, camera[3 + i])),
  );
  const plane = [div(seen[0], seen[2]), div(seen[1], seen[2])];
  const square = dot(plane, plane);
  const radial = add(add(1, mul(camera[9], square)), mul(camera[10], mul(square, square)));
  return plane.map((x, i) =>
    mul(weights, sub(add(mul(mul(x, radial), camera[6]), camera[7 + i]), indexAt(features, i, 1))),
  );
}

/** What keeps weights near 1. */
export const weightErrors = (weights: Each): Each => sub(1, mul(weights, weights));

/**
 * The entries of the Jacobian that are not 0, row by row: [p, 2, 15] of the reprojection errors, [p] of the weight
 * errors. An observation's errors depend on its own row of values alone, so that one cotangent of ones for each of the
 * two components gives all rows.
 */
function jacobianEntries(observed: Observed, features: Each): { readonly errors: Each; readonly weights: Each } {
  const p = observed.weights.shape[0];
  const each = ones([p], "f64");
  const blocks = reprojectionErrors(observed, features).map(component => {
    const { cameras, points, weights } = vjp(component, observed, each);
    return concat([cameras, points, expandDims(weights, 1)], 1);
  });
  return { errors: stack(blocks, 1), weights: vjp(weightErrors(observed.weights), observed.weights, each) };
}

type Outputs = (observed: Observed, features: Each) => Readonly<Record<string, Each>>;

/** A list of equal numbers, one after the other. */
const repeat = (times: number, values: readonly number[]): Float64Array =>
  Float64Array.from({ length: times * values.length }, (_, i) => values[i % values.length]);

function task(name: string, outputs: Outputs, { n, m, p, cam, x, w, feat }: Input) {
  const declare = () => {
    const cameras = input("cameras", [n, CAMERA], "f64");
    const points = input("points", [m, POINT], "f64");
    const weights = input("weights", [p], "f64");
    const features = input("features", [p, 2], "f64");
    const camera = input("camera", [p], "i32");
    const point = input("point", [p], "i32");
    const observed = { cameras: gather(cameras, camera), points: gather(points, point), weights };
    return { inputs: [cameras, points, weights, features, camera, point], outputs: outputs(observed, features) };
  };
  return resident(`ba ${name} ${n} ${m} ${p}`, declare, {
    cameras: repeat(n, cam),
    points: repeat(m, x),
    weights: repeat(p, [w]),
    features: repeat(p, feat),
    camera: Int32Array.from({ length: p }, (_, i) => i % n),
    point: Int32Array.from({ length: p }, (_, i) => i % m),
  });
}

/** Where row i of the sparse Jacobian begins among its entries: reprojection errors first. */
const beginOf = (row: number, p: number): number => OWN * Math.min(row, 2 * p) + Math.max(0, row - 2 * p);

/** The column of entry k of a row. */
function columnOf(row: number, k: number, { n, m, p }: Input): number {
  const weights = CAMERA * n + POINT * m;
  if (row >= 2 * p) return weights + row - 2 * p;
  const observation = row >> 1;
  if (k < CAMERA) return CAMERA * (observation % n) + k;
  if (k < CAMERA + POINT) return CAMERA * n + POINT * (observation % m) + k - CAMERA;
  return weights + observation;
}

/** Of each list of the sparse matrix the first observation's numbers and the last: the others repeat. */
function excerpt(input: Input, entries: ArrayLike<number>, last: number) {
  const { p } = input;
  const first = Array.from({ length: 2 * OWN }, (_, i) => i);
  return {
    rows: [...first.map(row => beginOf(row, p)), beginOf(3 * p, p)],
    cols: [...first.map(i => columnOf(Math.floor(i / OWN), i % OWN, input)), columnOf(3 * p - 1, 0, input)],
    vals: [...first.map(i => entries[i]), last],
  };
}

/** Bundle adjustment: errors of observations, and their sparse Jacobian in cameras, points and weights. */
export const ba: Module = {
  objective: (given: Input) => {
    const { run, outputs } = task(
      "objective",
      (observed, features) => ({
        errors: stack(reprojectionErrors(observed, features), 1),
        weights: weightErrors(observed.weights),
      }),
      given,
    );
    const output = () => ({
      reproj_error: { elements: [outputs.errors[0], outputs.errors[1]], repeated: given.p },
      w_err: { element: outputs.weights[0], repeated: given.p },
    });
    return { run: () => run(), output };
  },
  jacobian: (given: Input) => {
    const { run, outputs } = task("jacobian", jacobianEntries, given);
    return { run: () => run(), output: () => excerpt(given, outputs.errors, outputs.weights[given.p - 1]) };
  },
};
